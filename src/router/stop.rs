//! The wish that the process end, known to every thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Whether the process is to end.
#[derive(Debug, Default)]
pub struct Stop {
    set: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Stop {
    /// A stop that SIGTERM and SIGINT set. A second signal ends the process at once.
    ///
    /// # Errors
    /// The handlers cannot be installed.
    pub fn on_signals() -> std::io::Result<Arc<Self>> {
        let stop = Arc::new(Self::default());
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        let shared = Arc::clone(&stop);
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if shared.is_set() {
                    tracing::warn!(signal, "a second signal: ending at once");
                    std::process::exit(128 + signal);
                }
                tracing::info!(signal, "stopping");
                shared.set();
            }
        });
        Ok(stop)
    }

    /// Asks everybody to end.
    pub fn set(&self) {
        self.set.store(true, Ordering::Release);
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.wake.notify_all();
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    /// Waits, at most this long; whether the process is to end.
    pub fn wait(&self, time: Duration) -> bool {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.wake.wait_timeout_while(guard, time, |()| !self.is_set());
        self.is_set()
    }
}
