//! What the log still holds of one entity.

use std::time::{Duration, Instant};

use super::survey::TIMEOUT;
use super::{ViewError, watch};
use crate::ids::RecordOffset;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::ReadRecord;
use crate::kafka::span::{Next, Span, SpanReader};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::kernel::partition_of;
use crate::state::{Entity, EntityKey, NewerState, TOMBSTONE_HEADER, Written};

/// A change of an entity that the log still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The partition of its record.
    pub partition: i32,
    /// The offset of its record.
    pub offset: RecordOffset,
    /// What it made of the entity.
    pub to: ChangeTo,
}

/// What a change made of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeTo {
    /// This.
    Entity(Entity<'static>),
    /// Nothing; by which write, where the tombstone says so.
    Deleted(Option<Written<'static>>),
}

/// The committed changes of an entity that compaction has left, oldest first. Reads the partition of its key and no
/// other, from the start to the end; blocks meanwhile.
///
/// # Errors
/// The cluster cannot be reached, does not let us read, has no such topic, or has not given all of it within the time;
/// the key is none; a value is of a later form.
pub fn history(
    settings: &KafkaSettings,
    topic: &str,
    key: EntityKey<'_>,
    within: Duration,
) -> Result<Vec<Change>, ViewError> {
    let until = Instant::now() + within;
    let key = EntityKey::new(key.tenant, key.module, key.entity_type, key.id)?;
    let bytes = key.to_bytes();
    let watermarks = Watermarks::connect(settings)?;
    let count = watermarks.partitions(topic, TIMEOUT.min(within))?;
    if count == 0 {
        let sentence = format!("the topic {topic} is not there: `revbus topics apply` makes it");
        return Err(Trouble { kind: TroubleKind::TopicMissing, sentence }.into());
    }
    let partition = (topic.to_owned(), partition_of(&bytes, count));
    let (from, to) = watermarks.of_new(&partition, TIMEOUT.min(within))?;
    let mut reader = SpanReader::open(settings, &[Span { partition, from, to }])?;
    let mut changes = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let sentence = format!("the changes of {key} were not read within {within:?}");
            return Err(Trouble { kind: TroubleKind::Unreachable, sentence }.into());
        }
        match reader.next(left.min(Duration::from_millis(100)))? {
            Next::End => return Ok(changes),
            Next::Record(record) if record.key.as_deref() == Some(&bytes) => {
                let change = change(&record).map_err(|fault| ViewError::Value { key: key.to_string(), fault })?;
                changes.extend(change);
            }
            Next::Record(_) | Next::Quiet => {}
        }
    }
}

/// What a record changed; nothing where no router has written it.
fn change(record: &ReadRecord) -> Result<Option<Change>, NewerState> {
    let to = match &record.value {
        None => {
            let header = record.headers.iter().rev().find(|(name, _)| name == TOMBSTONE_HEADER.as_bytes());
            ChangeTo::Deleted(watch::written(header.and_then(|(_, value)| value.as_deref()))?)
        }
        Some(value) => match Entity::read(value) {
            Ok(entity) => ChangeTo::Entity(entity.into_owned()),
            Err(NewerState::Foreign) => return Ok(None),
            Err(newer @ NewerState::Newer(_)) => return Err(newer),
        },
    };
    Ok(Some(Change { partition: record.partition, offset: record.offset, to }))
}
