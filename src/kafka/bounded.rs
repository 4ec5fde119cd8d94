//! Calls that the client may keep beyond their timeout: a thread of their own makes them, and whoever asks for one waits
//! only so long.
//!
//! `rd_kafka_send_offsets_to_transaction` of librdkafka 2.12 waits for the group's coordinator without an end, whatever
//! its timeout says (its issues 5456 and 5511). A worker would wait with it until the watchdog ends the process.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

type Call<T> = Box<dyn FnOnce(&T) + Send>;

/// The thread of a client. It ends when this is dropped, and the call that it makes then; it drops the client last, so
/// that nobody else waits until that is closed.
pub(super) struct Bounded<T> {
    calls: SyncSender<Call<T>>,
}

impl<T: Send + Sync + 'static> Bounded<T> {
    pub(super) fn new(client: Arc<T>) -> Self {
        let (calls, asked) = sync_channel::<Call<T>>(1);
        std::thread::spawn(move || {
            let client = client;
            asked.into_iter().for_each(|call| call(&client));
        });
        Self { calls }
    }

    /// Makes a call. `None`: it has not come back, and may do so at any time, so that the client is of no use any more.
    pub(super) fn call<R: Send + 'static>(
        &self,
        within: Duration,
        call: impl FnOnce(&T) -> R + Send + 'static,
    ) -> Option<R> {
        let (answer, answered) = sync_channel(1);
        self.calls.try_send(Box::new(move |client| _ = answer.send(call(client)))).ok()?;
        answered.recv_timeout(within).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_does_not_come_back_is_given_up_and_the_client_is_dropped_when_it_does() {
        let (end, ended) = sync_channel::<()>(1);
        let client = Arc::new(std::sync::Mutex::new(ended));
        let dropped = Arc::downgrade(&client);
        let bounded = Bounded::new(client);
        assert_eq!(bounded.call(Duration::from_secs(60), |_| 1), Some(1));
        let stays = |client: &std::sync::Mutex<std::sync::mpsc::Receiver<()>>| _ = client.lock().unwrap().recv();
        assert_eq!(bounded.call(Duration::from_millis(1), stays), None);
        drop(bounded);
        assert_eq!(dropped.strong_count(), 1, "the call still has it");
        end.send(()).unwrap();
        while dropped.strong_count() > 0 {
            std::thread::yield_now();
        }
    }
}
