//! How the C library's allocator keeps memory, which the client's threads use as much as ours.

/// Gives back what is free: after much was read at once, by threads that are gone, the allocator keeps it for ever. It
/// takes milliseconds, and does nothing where the allocator is not glibc's.
pub fn give_back_memory() {
    // SAFETY: it may be called at any time, from any thread; what it answers does not matter.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Lets all threads share two heaps for each worker, before there are any. Each worker has two clients, and each of those
/// four threads or more, which take and free in bursts: with a heap for each thread, what a burst leaves free here is of no
/// use there, and with fewer heaps they wait for one another (docs/performance.md has what either costs).
pub fn share_heaps(workers: usize) {
    // SAFETY: it only sets a number of the allocator, which may refuse it.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, i32::try_from(workers.saturating_mul(2)).unwrap_or(i32::MAX));
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let _ = workers;
}
