//! What publishes the sample traffic, on a thread of its own, at an even rate.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::traffic::{Place, Traffic};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::kafka::config::KafkaSettings;
use crate::kafka::plain_producer::{Deliveries, Outgoing, PlainProducer};
use crate::kafka::trouble::Trouble;
use crate::router::Stop;
use crate::telemetry::Health;
use crate::time::Timestamp;

/// How long the last events may take.
const FINISH: Duration = Duration::from_secs(5);
/// How often it is looked whether the router has its partitions, and for how long at most.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 1500;

/// What publishes.
pub(super) struct Generator {
    pub(super) settings: KafkaSettings,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) traffic: Traffic,
    /// Events a second.
    pub(super) rate: f64,
    pub(super) health: Arc<Health>,
    pub(super) stop: Arc<Stop>,
}

/// What was published, and for how long.
pub(super) struct Published {
    pub(super) deliveries: Deliveries,
    pub(super) took: Duration,
}

impl Generator {
    pub(super) fn start(self) -> JoinHandle<Result<Published, Trouble>> {
        thread::spawn(move || {
            let stop = Arc::clone(&self.stop);
            let published = self.run();
            if published.is_err() {
                stop.set();
            }
            published
        })
    }

    fn run(mut self) -> Result<Published, Trouble> {
        let producer = PlainProducer::connect(&self.settings)?;
        // What is published before the router reads would only show how long it took to join.
        for _ in 0..LOOKS {
            if self.health.assigned() > 0 || self.stop.wait(LOOK) {
                break;
            }
        }
        let updates = self.catalogue.prefixed(ControlTopic::StateUpdates.name());
        let begun = Instant::now();
        let mut due = Duration::ZERO;
        for number in 0.. {
            if self.stop.wait(due.saturating_sub(begun.elapsed())) {
                break;
            }
            let sample = self.traffic.next(Timestamp::now());
            let topic = match sample.topic {
                Place::Event(event_type) => &*self.catalogue.event_type(event_type).topic.name,
                Place::Updates => &updates,
            };
            let (key, value) = (Some(&*sample.key), sample.value.as_deref());
            producer.send(number, &Outgoing { topic, key, value, headers: &[] })?;
            due += Duration::from_secs_f64(1.0 / self.rate);
        }
        let took = begun.elapsed();
        Ok(Published { deliveries: producer.finish(FINISH), took })
    }
}
