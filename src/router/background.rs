//! Something that takes long, done by a thread of its own while the worker polls on.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Stop;
use crate::kafka::trouble::Trouble;

/// What a thread is doing. It ends early once this is dropped.
pub(super) struct Background<T> {
    _wanted: Arc<()>,
    answer: Receiver<Result<T, Trouble>>,
}

/// Whether anybody still waits for a thread.
pub(super) struct Wanted {
    stop: Arc<Stop>,
    by: Weak<()>,
}

/// How far it is.
pub(super) enum Progress<T> {
    UnderWay,
    Done(T),
    /// What stood in its way; `None` where the thread panicked, or the process ends.
    Failed(Option<Trouble>),
}

impl<T: Send + 'static> Background<T> {
    /// Begins after a pause. What is told nothing by its work (`None`) was not wanted any more.
    pub(super) fn start(
        stop: &Arc<Stop>,
        pause: Duration,
        work: impl FnOnce(&Wanted) -> Result<Option<T>, Trouble> + Send + 'static,
    ) -> Self {
        let (sender, answer) = sync_channel(1);
        let wanted = Arc::new(());
        let still = Wanted { stop: Arc::clone(stop), by: Arc::downgrade(&wanted) };
        std::thread::spawn(move || {
            if !still.stop.wait(pause)
                && let Some(answer) = work(&still).transpose()
            {
                // Nobody waits for it any more where partitions went in between.
                let _ = sender.send(answer);
            }
        });
        Self { _wanted: wanted, answer }
    }

    /// Does not wait.
    pub(super) fn look(&self) -> Progress<T> {
        match self.answer.try_recv() {
            Ok(Ok(done)) => Progress::Done(done),
            Ok(Err(trouble)) => Progress::Failed(Some(trouble)),
            Err(TryRecvError::Empty) => Progress::UnderWay,
            Err(TryRecvError::Disconnected) => Progress::Failed(None),
        }
    }
}

impl Wanted {
    /// Neither the process ends, nor was the work given up.
    pub(super) fn still(&self) -> bool {
        !self.stop.is_set() && self.by.strong_count() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_not_wanted_any_more_notices_and_tells_nobody() {
        let stop = Arc::new(Stop::default());
        let (tell, told) = sync_channel::<&str>(2);
        let work = Background::<()>::start(&stop, Duration::ZERO, move |wanted| {
            while wanted.still() {
                std::thread::yield_now();
            }
            tell.send("noticed").unwrap();
            Ok(None)
        });
        drop(work);
        assert_eq!(told.recv(), Ok("noticed"));
    }

    #[test]
    fn a_thread_that_panics_has_failed() {
        let work = Background::<()>::start(&Arc::new(Stop::default()), Duration::ZERO, |_| {
            std::panic::panic_any("on purpose")
        });
        let end = loop {
            match work.look() {
                Progress::UnderWay => std::thread::yield_now(),
                end @ (Progress::Done(()) | Progress::Failed(_)) => break end,
            }
        };
        assert!(matches!(end, Progress::Failed(None)));
    }
}
