//! What librdkafka's callbacks leave for a consumer's loop: the group's word as values, and reports.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::statistics::{Partition, Statistics};
use rdkafka::types::RDKafkaRespErr;

use super::consumer::TopicPartition;
use super::consumer::give_back;
use super::trouble::Remembering;

/// What the group says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// These are ours from now on.
    Assigned(Vec<TopicPartition>),
    /// These are to be given back.
    Revoked(Vec<TopicPartition>),
    /// These are gone.
    Lost(Vec<TopicPartition>),
}

/// How far a partition's reader is behind its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset behind the last record that may be read.
    pub end: i64,
    /// The reader's position, where it has read anything.
    pub position: Option<i64>,
    /// Whether the reader waits there for a producer's open transaction, behind which there is more; where that is known.
    pub held_back: Option<bool>,
    /// Whether it is read, or would be if it were not paused.
    pub is_read: bool,
}

/// What is not allowed, or not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Being a member of the group.
    Group,
    /// Reading one of the topics.
    Topic,
    /// The same, since it is not there.
    Missing,
}

/// What the client reports every few seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of every partition that it knows.
    pub lags: Vec<Lag>,
    /// The partitions that it does not read, and holds records of all the same.
    pub held: Vec<TopicPartition>,
    /// How long a broker made it wait for a quota, since the report that was taken before: the longest of all brokers.
    pub throttled: Duration,
    /// Where it is connected to no broker: that, with what it last said of its connections.
    pub cut_off: Option<String>,
}

/// What the callbacks leave for the loop.
#[derive(Default)]
pub(super) struct Group {
    events: Mutex<VecDeque<GroupEvent>>,
    report: Mutex<Option<Report>>,
    closing: AtomicBool,
    pub(super) heard: Remembering,
}

impl ClientContext for Group {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::logs::forward(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // The poll gives it too, without the reason.
        self.heard.error(error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        // Numbers below zero are the addresses that were given, and the logical connection to the coordinator.
        let brokers = || statistics.brokers.values().filter(|broker| broker.nodeid >= 0);
        let up: BTreeSet<_> = brokers().filter(|broker| broker.state == "UP").map(|broker| broker.nodeid).collect();
        let connected = !up.is_empty();
        if connected {
            self.heard.forget();
        }
        let cut_off = (!connected).then(|| match self.heard.last() {
            Some(why) => format!("no broker is connected; last heard: {why}"),
            None => "no broker is connected".to_owned(),
        });
        let throttled = brokers().filter_map(|broker| broker.throttle.as_ref()?.sum.try_into().ok()).max();
        let throttled = Duration::from_millis(throttled.unwrap_or(0));
        let (mut lags, mut held) = (Vec::new(), Vec::new());
        for (topic, stats) in statistics.topics {
            for (partition, stats) in stats.partitions.into_iter().filter(|(number, _)| *number >= 0) {
                let has_ended = matches!(&*stats.fetch_state, "none" | "stopped");
                if has_ended && stats.fetchq_cnt > 0 {
                    held.push((topic.clone(), partition));
                }
                lags.push(Lag {
                    topic: topic.clone(),
                    partition,
                    end: stats.ls_offset.max(0),
                    held_back: held_back(&stats, &up),
                    position: (stats.app_offset >= 0).then_some(stats.app_offset),
                    is_read: !has_ended && stats.fetch_state != "stopping",
                });
            }
        }
        let mut report = lock(&self.report);
        // The rest of a report is how things stand; this is what came since the one before.
        let throttled = throttled + report.as_ref().map_or(Duration::ZERO, |untaken| untaken.throttled);
        *report = Some(Report { lags, held, throttled, cut_off });
    }
}

/// What is known of a partition is what the last answer to a fetch said; so it says nothing where none can come. A reader that
/// has something to do, or to fetch, is kept by that.
fn held_back(stats: &Partition, up: &BTreeSet<i32>) -> Option<bool> {
    let fetches = stats.fetch_state == "active" && up.contains(&stats.broker);
    let waits = stats.fetchq_cnt == 0 && stats.next_offset >= stats.ls_offset;
    (fetches && stats.ls_offset >= 0).then_some(waits && stats.hi_offset > stats.ls_offset)
}

impl ConsumerContext for Group {
    /// Queues the value and neither assigns nor unassigns: the batch that is open must end first.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        let assigns = error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        let list: Vec<_> = partitions.elements().iter().map(|one| (one.topic().to_owned(), one.partition())).collect();
        if self.closing.load(Ordering::Acquire) {
            // The loop is gone: whoever does not answer here makes closing hang.
            if !assigns && let Err(error) = give_back(consumer, &list) {
                tracing::debug!(%error, "partitions were not given back while closing");
            }
            return;
        }
        lock(&self.events).push_back(match (assigns, consumer.assignment_lost()) {
            (true, _) => GroupEvent::Assigned(list),
            (false, false) => GroupEvent::Revoked(list),
            (false, true) => GroupEvent::Lost(list),
        });
    }
}

impl Group {
    /// What the group said first of what is not carried out yet.
    pub(super) fn next_event(&self) -> Option<GroupEvent> {
        lock(&self.events).pop_front()
    }

    /// The client's last report, once.
    pub(super) fn take_report(&self) -> Option<Report> {
        lock(&self.report).take()
    }

    /// A report of before says nothing of partitions that are given back from now on.
    pub(super) fn forget_held(&self) {
        if let Some(report) = &mut *lock(&self.report) {
            report.held.clear();
        }
    }

    /// From now on the callback gives partitions back by itself: no loop carries its values out any more.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use rdkafka::error::RDKafkaErrorCode;
    use rdkafka::statistics::{Broker, Window};

    use super::*;

    /// A broker that is connected, and made the client wait for so many milliseconds.
    fn up(throttled: i64) -> Broker {
        let throttle = Some(Window { sum: throttled, ..Window::default() });
        Broker { nodeid: 1, state: "UP".to_owned(), throttle, ..Broker::default() }
    }

    #[test]
    fn what_no_report_was_taken_of_is_in_the_next() {
        let group = Group::default();
        let throttled = |milliseconds: i64| {
            let logical = Broker { nodeid: -1, ..up(7000) };
            let brokers = [("c".to_owned(), logical), ("1".to_owned(), up(milliseconds)), ("2".to_owned(), up(1))];
            group.stats(Statistics { brokers: brokers.into(), ..Statistics::default() });
        };
        throttled(300);
        throttled(50);
        assert_eq!(group.take_report().unwrap().throttled, Duration::from_millis(350));
        throttled(0);
        assert_eq!(group.take_report().unwrap().throttled, Duration::from_millis(1));
    }

    #[test]
    fn a_reader_waits_for_a_transaction_where_it_has_nothing_else_to_do() {
        let waits = || Partition {
            broker: 1,
            fetch_state: "active".to_owned(),
            next_offset: 5,
            ls_offset: 5,
            hi_offset: 9,
            ..Partition::default()
        };
        let held = |stats: Partition| held_back(&stats, &BTreeSet::from([1]));
        assert_eq!(held(waits()), Some(true));
        assert_eq!(held(Partition { hi_offset: 5, ..waits() }), Some(false), "nothing is behind it");
        assert_eq!(held(Partition { next_offset: 4, ..waits() }), Some(false), "there is more to fetch");
        assert_eq!(held(Partition { fetchq_cnt: 1, ..waits() }), Some(false), "there is more to route");
        assert_eq!(held(Partition { broker: -1, ..waits() }), None, "nobody has the partition");
        assert_eq!(held(Partition { broker: 2, ..waits() }), None, "its broker is gone");
        assert_eq!(held(Partition { fetch_state: "offset-wait".to_owned(), ..waits() }), None);
        assert_eq!(held(Partition { ls_offset: -1, hi_offset: -1, ..waits() }), None, "an answer that was an error");
    }

    #[test]
    fn a_report_without_a_connection_says_why() {
        let group = Group::default();
        let cut_off = || {
            group.stats(Statistics::default());
            group.take_report().unwrap().cut_off
        };
        assert_eq!(cut_off().unwrap(), "no broker is connected");
        group.error(KafkaError::Global(RDKafkaErrorCode::Authentication), "SASL authentication error: wrong password");
        group.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        let why = "no broker is connected; last heard: SASL authentication error: wrong password";
        assert_eq!(cut_off().unwrap(), why);

        group.stats(Statistics { brokers: [("1".to_owned(), up(0))].into(), ..Statistics::default() });
        assert_eq!(group.take_report().unwrap().cut_off, None);
        assert_eq!(cut_off().unwrap(), "no broker is connected", "what is over is not told");
    }
}
