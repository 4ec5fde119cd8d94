//! Reading the marks on `revbus.replays`, and whether all are there that were ever written.

use std::collections::BTreeMap;
use std::time::Instant;

use super::scan::{CALL, SILENCE, STEP, silence};
use super::{Mark, Marks};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::ids::Position;
use crate::kafka::admin::Admin;
use crate::kafka::config::KafkaSettings;
use crate::kafka::consumer::TopicPartition;
use crate::kafka::reader::{ReadRecord, Reader, Start};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::time::Timestamp;

/// All marks; `None` where the topic for them is missing.
///
/// # Errors
/// The cluster cannot be reached or does not let us in, or a record there is no mark.
pub fn read_marks(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<Option<Marks>, Trouble> {
    let topic = catalogue.prefixed(ControlTopic::Replays.name());
    let (mut reader, missing) = Reader::open(settings, &[&topic], Start::Beginning)?;
    if !missing.is_empty() {
        return Ok(None);
    }
    let (mut marks, mut heard, mut first) = (Marks::default(), Instant::now(), BTreeMap::new());
    while !reader.caught_up() {
        if let Some(record) = reader.poll(STEP)? {
            heard = Instant::now();
            match read(&record)? {
                Some(mark) => {
                    first.entry(record.partition).or_insert(record.timestamp.map_or(i64::MAX, Timestamp::millis));
                    marks.add(&mark);
                }
                None => {
                    tracing::warn!(place = place(&record), "no mark of a replay, and no revbus wrote it: passed over")
                }
            }
        } else if heard.elapsed() >= SILENCE {
            return Err(silence(&topic));
        }
    }
    // Asked behind the reading: what is removed meanwhile is missed at most where it was read.
    let watermarks = Watermarks::connect(settings)?;
    let partitions = all_of(&watermarks, &topic)?;
    for ((_, partition), start) in partitions.iter().zip(watermarks.starts(&partitions, CALL)?) {
        if start > Position(0) {
            // Where none is left, nobody knows when they were written.
            marks.miss(first.get(partition).copied().unwrap_or(i64::MAX));
        }
    }
    Ok(Some(marks))
}

/// Makes sure that marks stay: where the topic is compacted, only the last of each partition does.
///
/// # Errors
/// It is compacted, or the cluster does not answer. One that does not show us the settings of a topic is believed.
pub(super) fn marks_are_kept(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<(), Trouble> {
    let topic = catalogue.prefixed(ControlTopic::Replays.name());
    let (there, _) = Admin::connect(settings, CALL)?.describe_visible(&[&topic])?;
    let policy = there.get(&topic).and_then(|topic| topic.config.get("cleanup.policy"));
    if policy.is_none_or(|policy| !policy.value.contains("compact")) {
        return Ok(());
    }
    let sentence = format!(
        "the topic {topic} is compacted (cleanup.policy), which removes marks of what went back already: nothing is sent \
         twice, so nothing is sent. `revbus topics apply --yes --shorten {topic}` sets it right; which marks are gone by \
         then, nobody knows, so go on with --since and a time after the last replay"
    );
    Err(Trouble { kind: TroubleKind::Refused, sentence })
}

/// Makes sure that no mark stands behind an open transaction, where nobody reads it: its letters would go twice.
///
/// # Errors
/// One may, or the cluster does not say.
pub(super) fn no_mark_is_hidden(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<(), Trouble> {
    let topic = catalogue.prefixed(ControlTopic::Replays.name());
    let (all, read) = (Watermarks::connect(settings)?, Watermarks::stable(settings)?);
    let partitions = all_of(&all, &topic)?;
    // In this order: what is written meanwhile is not taken for hidden.
    let ends = all.ends(&partitions, CALL)?;
    let stable = read.ends(&partitions, CALL)?;
    if ends.iter().zip(&stable).all(|(end, stable)| stable >= end) {
        return Ok(());
    }
    let sentence = format!(
        "a transaction is open on {topic}, and behind it may stand what went back already: nothing is sent twice, so nothing \
         is sent. It ends by itself within its timeout, or by `kafka-transactions.sh abort`, which `find-hanging` tells how"
    );
    Err(Trouble { kind: TroubleKind::Unreachable, sentence })
}

fn read(record: &ReadRecord) -> Result<Option<Mark>, Trouble> {
    Mark::read(record.value.as_deref()).map_err(|why| {
        let sentence = format!("{} is no mark of a replay that this revbus can read: {why}", place(record));
        Trouble { kind: TroubleKind::Refused, sentence }
    })
}

fn place(record: &ReadRecord) -> String {
    format!("{}/{}@{}", record.topic, record.partition, record.offset.0)
}

fn all_of(watermarks: &Watermarks, topic: &str) -> Result<Vec<TopicPartition>, Trouble> {
    Ok((0..watermarks.partitions(topic, CALL)?).map(|partition| (topic.to_owned(), partition)).collect())
}
