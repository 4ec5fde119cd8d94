//! A worker that goes on with another consumer, and another producer with it: everything is resolved anew, as after a
//! restart.

use std::time::{Duration, Instant};

use super::identity::Identities;
use super::worker::{INIT_TIMEOUT, Shared, Worker};
use crate::kafka::producer::{RouterProducer, SizeLimits};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::telemetry::WorkerHealth;

/// How long a consumer finds no broker before it is asked whether others do.
const CUT_OFF: Duration = Duration::from_secs(20);
/// How long the others may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// A worker may go on with another consumer, and whatever is its: this one ends as if it were told to.
#[derive(Debug, Default)]
pub(super) struct Succession {
    /// Whether another one is to go on.
    pub(super) due: bool,
    /// The topics that it reads, and not others of their names.
    pub(super) identities: Identities,
}

impl Worker<'_> {
    /// A client may not find its way back to a broker that was away for long: it waits, and connects no more. So one that
    /// is cut off for a while, and alone with it, is replaced.
    pub(super) fn look_for_a_way(&mut self) {
        let since = *self.cut_off.get_or_insert_with(Instant::now);
        if since.elapsed() < CUT_OFF {
            return;
        }
        self.watermarks = None;
        let audit = self.names.audit().to_owned();
        if self.watermarks().and_then(|others| others.partitions(&audit, ANSWER_TIMEOUT)).is_ok() {
            let seconds = since.elapsed().as_secs();
            tracing::warn!(
                worker = self.shared.number,
                seconds,
                "the consumer alone is cut off: another one takes its place"
            );
            self.succession.due = true;
        }
    }
}

/// Tries until a producer is there; only what waiting cannot mend is an error. `None`: told to stop meanwhile.
pub(super) fn first_producer(
    (shared, health): (&Shared, &WorkerHealth),
    id: &str,
    limits: SizeLimits,
) -> Result<Option<RouterProducer>, Trouble> {
    let options = &shared.options;
    loop {
        let connect = || RouterProducer::connect(&options.settings, options.delivery, id, limits, INIT_TIMEOUT);
        match shared.watch.call("begin to produce", INIT_TIMEOUT, connect) {
            Ok(producer) => {
                health.set_trouble(None);
                return Ok(Some(producer));
            }
            Err(trouble) if trouble.kind == TroubleKind::NotAuthorised => return Err(trouble),
            Err(trouble) => {
                tracing::warn!(worker = shared.number, %trouble, "waiting for the cluster");
                health.set_trouble(Some(trouble.sentence));
            }
        }
        if shared.stop.wait(Duration::from_millis(500)) {
            return Ok(None);
        }
    }
}
