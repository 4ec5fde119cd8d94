//! Reads the partition of answers that a client has picked, on a thread of its own, as long as the client lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::error::StateError;
use super::pending::Pending;
use crate::kafka::reader::Reader;
use crate::kafka::trouble::{Trouble, TroubleKind};

/// How often it is looked whether the client is gone.
const STEP: Duration = Duration::from_millis(100);

/// The reading; it ends when this is dropped. The thread is not waited for: closing a Kafka client can take long.
pub(super) struct Replies {
    enough: Arc<AtomicBool>,
}

impl Replies {
    pub(super) fn read(reader: Reader, pending: Arc<Pending>) -> Result<Self, StateError> {
        let enough = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&enough);
        let started = thread::Builder::new().name("state-replies".to_owned()).spawn(move || {
            if let Err(trouble) = run(reader, &pending, &watched) {
                tracing::error!(%trouble, "answers to state updates cannot be read any more");
                pending.give_up(&trouble);
            }
        });
        started.map_err(|error| {
            let sentence = format!("failed to start a thread that reads answers: {error}");
            Trouble { kind: TroubleKind::Refused, sentence }
        })?;
        Ok(Self { enough })
    }
}

fn run(mut reader: Reader, pending: &Pending, enough: &AtomicBool) -> Result<(), Trouble> {
    while !enough.load(Ordering::Relaxed) {
        if let Some(record) = reader.poll(STEP)? {
            pending.take(record.key.as_deref(), record.value.as_deref());
        }
    }
    Ok(())
}

impl Drop for Replies {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
    }
}
