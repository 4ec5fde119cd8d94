//! What librdkafka's callbacks leave for a consumer's loop: the group's word as values, and reports.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::statistics::Statistics;
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
    /// Whether records stand there all the same: a producer's transaction is open.
    pub held_back: bool,
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
    /// How long brokers made it wait since the report before, for a quota.
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
        let connected = statistics.brokers.values().any(|broker| broker.nodeid >= 0 && broker.state == "UP");
        if connected {
            self.heard.forget();
        }
        let cut_off = (!connected).then(|| match self.heard.last() {
            Some(why) => format!("no broker is connected; last heard: {why}"),
            None => "no broker is connected".to_owned(),
        });
        let throttled = statistics.brokers.values().filter_map(|broker| broker.throttle.as_ref());
        let throttled = throttled.map(|window| Duration::from_millis(u64::try_from(window.sum).unwrap_or(0))).sum();
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
                    held_back: stats.ls_offset >= 0 && stats.hi_offset > stats.ls_offset,
                    position: (stats.app_offset >= 0).then_some(stats.app_offset),
                    is_read: !has_ended && stats.fetch_state != "stopping",
                });
            }
        }
        *lock(&self.report) = Some(Report { lags, held, throttled, cut_off });
    }
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

    use super::*;

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

        let up = rdkafka::statistics::Broker { nodeid: 1, state: "UP".to_owned(), ..Default::default() };
        group.stats(Statistics { brokers: [("1".to_owned(), up)].into(), ..Statistics::default() });
        assert_eq!(group.take_report().unwrap().cut_off, None);
        assert_eq!(cut_off().unwrap(), "no broker is connected", "what is over is not told");
    }
}
