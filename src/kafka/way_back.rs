//! The way back of a client that has lost every broker. One that goes away, or comes back, may answer for a while that there
//! are no brokers at all: librdkafka then forgets all that it knew, the addresses that it was given too, and may never ask
//! anybody again (its issue 5301: the answer itself stops the timer that would have begun anew). So whoever lost all and
//! falls silent is given the addresses once more.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::ffi;

/// How long a client that lost all may say nothing more: one that still looks for brokers says so with every try, and waits
/// ten seconds and a quarter more between two of them at most (`reconnect.backoff.max.ms`).
const SILENCE: Duration = Duration::from_secs(15);

/// When a client said last that it lost every broker.
#[derive(Debug, Default)]
pub(super) struct WayBack(Mutex<Option<Instant>>);

impl WayBack {
    /// Takes in what a client says.
    pub(super) fn hear(&self, error: &KafkaError) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Takes in that a client that nobody polls, and that therefore says nothing, has no answer.
    pub(super) fn miss(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    }

    /// Gives a client that lost all, and has been silent since, its addresses, once. To one that found them again they are
    /// no news.
    pub(super) fn show<C: ClientContext>(&self, client: &Client<C>) {
        let mut lost = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.is_some_and(|at| at.elapsed() >= SILENCE) {
            *lost = None;
            tracing::debug!("a client that lost all brokers is given their addresses again");
            ffi::remind_of_brokers(client);
        }
    }
}
