//! The ceiling: the router's own clients with nothing between them. Bytes are copied, exactly once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use revbus::ids::Position;
use revbus::kafka::config::KafkaSettings;
use revbus::kafka::consumer::{BatchMetadata, GroupConsumer, GroupEvent, Mark, Polled, TopicPartition};
use revbus::kafka::message::Message;
use revbus::kafka::producer::{Delivery, Outgoing, RouterProducer, SendError, SizeLimits};
use revbus::kernel::worker::{Failure, Limits};
use revbus::router::Stop;
use revbus::time::Timestamp;

use crate::options::CopyTask;

const CALL: Duration = Duration::from_secs(8);
/// What `topics apply` gives topics of derived events, nearly.
const SIZES: SizeLimits = SizeLimits { least: 1_179_648, most: 1_179_648 };

/// Copies until SIGTERM.
pub fn run(task: &CopyTask) {
    let stop = Stop::on_signals().unwrap();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        // A thread that is gone would leave its partitions to nobody.
        std::process::exit(1);
    }));
    std::thread::scope(|scope| {
        for number in 0..task.workers {
            let stop = Arc::clone(&stop);
            scope.spawn(move || Copier::new(task, number).run(&stop));
        }
    });
}

/// An open transaction.
struct Batch {
    metadata: BatchMetadata,
    records: usize,
    /// Where it began, for each partition in it.
    first: BTreeMap<TopicPartition, Position>,
}

struct Copier {
    to: Vec<String>,
    consumer: GroupConsumer,
    producer: RouterProducer,
}

impl Copier {
    fn new(task: &CopyTask, number: usize) -> Self {
        let settings = KafkaSettings::of_brokers(&task.brokers);
        let id = format!("{}.{number}", task.group);
        let producer = RouterProducer::connect(&settings, Delivery::ExactlyOnce, &id, SIZES, CALL).unwrap();
        let consumer = GroupConsumer::join(&settings, &task.group, &[&task.from]).unwrap();
        Self { to: task.to.clone(), consumer, producer }
    }

    fn run(&self, stop: &Stop) {
        let most = Limits::default().records;
        let mut open: Option<Batch> = None;
        while !stop.is_set() {
            match self.consumer.poll(if open.is_some() { Duration::ZERO } else { Duration::from_millis(100) }) {
                Polled::Record(message) => {
                    let batch = open.get_or_insert_with(|| self.begin());
                    self.send(&message);
                    batch.take(&message);
                    if batch.records == most {
                        self.commit(&mut open);
                    }
                }
                Polled::Group(event) => {
                    self.commit(&mut open);
                    self.rebalance(event);
                }
                Polled::Quiet | Polled::Problem(_) => self.commit(&mut open),
                Polled::Displaced | Polled::Denied(_) => panic!("the facts are gone"),
            }
        }
    }

    fn begin(&self) -> Batch {
        self.producer.begin().unwrap();
        Batch { metadata: self.consumer.batch_metadata().unwrap(), records: 0, first: BTreeMap::new() }
    }

    fn send(&self, message: &Message<'_>) {
        self.to.iter().for_each(|topic| self.send_to(topic, message));
    }

    fn send_to(&self, topic: &str, message: &Message<'_>) {
        let record = || Outgoing {
            topic,
            partition: None,
            key: message.key(),
            value: message.value(),
            timestamp: Timestamp::now(),
            headers: None,
        };
        while let Err(error) = self.producer.send(record()) {
            assert_eq!(error, SendError::QueueFull);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Commits the batch; what a rebalance made stale is aborted and copied again.
    fn commit(&self, open: &mut Option<Batch>) {
        let Some(Batch { metadata, first, .. }) = open.take() else { return };
        let mut positions = self.consumer.positions().unwrap();
        positions.retain(|(partition, _)| first.contains_key(partition));
        let mark = |(partition, position)| Mark { partition, position, note: revbus::kafka::note::Note::default() };
        let marks: Vec<_> = positions.into_iter().map(mark).collect();
        if let Err(failure) = self.producer.commit(&self.consumer, &metadata, &marks, CALL) {
            assert_eq!(failure, Failure::MustAbort);
            self.producer.abort(CALL).unwrap();
            let first: Vec<_> = first.into_iter().collect();
            assert_eq!(self.consumer.seek(&first, CALL).unwrap(), []);
        }
    }

    fn rebalance(&self, event: GroupEvent) {
        match event {
            GroupEvent::Assigned(list) => {
                let committed = self.consumer.committed(&list, CALL).unwrap();
                let place = |one: &TopicPartition| {
                    committed.iter().find(|mark| mark.partition == *one).map_or(Position(0), |mark| mark.position)
                };
                let places: Vec<_> = list.iter().map(|one| (one.clone(), place(one))).collect();
                self.consumer.assign(&places).unwrap();
            }
            GroupEvent::Revoked(list) | GroupEvent::Lost(list) => self.consumer.unassign(&list).unwrap(),
        }
    }
}

impl Batch {
    fn take(&mut self, message: &Message<'_>) {
        self.records += 1;
        let known = self.first.keys().any(|(_, partition)| *partition == message.partition());
        if !known {
            let partition = (message.topic().to_owned(), message.partition());
            self.first.insert(partition, Position(message.offset()));
        }
    }
}
