//! Memory that was freed, given back to the system.

/// Gives back what is free: after much was read at once, by threads that are gone, the allocator keeps it for ever. It
/// takes milliseconds, and does nothing where the allocator is not glibc's.
pub fn give_back_memory() {
    // SAFETY: it may be called at any time, from any thread; what it answers does not matter.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
}
