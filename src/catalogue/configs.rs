//! What a topic can be configured with, and what may be said there: Kafka 4's `TopicConfig` and `LogConfig`.

use std::ops::RangeInclusive;

/// The values of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Whole numbers.
    Whole(RangeInclusive<i64>),
    /// A ratio.
    Ratio,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, with commas between.
    Words(&'static [&'static str]),
    /// Whatever it is, Kafka looks at it.
    Text,
}

use Values::{Ratio, Switch, Text, Whole, Word, Words};

const LONG: i64 = i64::MAX;
const INT: i64 = i32::MAX as i64;

/// All of them, by name.
pub(super) const CONFIGS: &[(&str, Values)] = &[
    ("cleanup.policy", Words(&["compact", "delete"])),
    ("compression.gzip.level", Whole(-1..=9)),
    ("compression.lz4.level", Whole(1..=17)),
    ("compression.type", Word(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])),
    ("compression.zstd.level", Whole(-131_072..=22)),
    ("delete.retention.ms", Whole(0..=LONG)),
    ("file.delete.delay.ms", Whole(0..=LONG)),
    ("flush.messages", Whole(1..=LONG)),
    ("flush.ms", Whole(0..=LONG)),
    ("follower.replication.throttled.replicas", Text),
    ("index.interval.bytes", Whole(0..=INT)),
    ("leader.replication.throttled.replicas", Text),
    ("local.retention.bytes", Whole(-2..=LONG)),
    ("local.retention.ms", Whole(-2..=LONG)),
    ("max.compaction.lag.ms", Whole(1..=LONG)),
    ("max.message.bytes", Whole(0..=INT)),
    ("message.timestamp.after.max.ms", Whole(0..=LONG)),
    ("message.timestamp.before.max.ms", Whole(0..=LONG)),
    ("message.timestamp.type", Word(&["CreateTime", "LogAppendTime"])),
    ("min.cleanable.dirty.ratio", Ratio),
    ("min.compaction.lag.ms", Whole(0..=LONG)),
    ("min.insync.replicas", Whole(1..=INT)),
    ("preallocate", Switch),
    ("remote.log.copy.disable", Switch),
    ("remote.log.delete.on.disable", Switch),
    ("remote.storage.enable", Switch),
    ("retention.bytes", Whole(i64::MIN..=LONG)),
    ("retention.ms", Whole(-1..=LONG)),
    ("segment.bytes", Whole(14..=INT)),
    ("segment.index.bytes", Whole(4..=INT)),
    ("segment.jitter.ms", Whole(0..=LONG)),
    ("segment.ms", Whole(1..=LONG)),
    ("unclean.leader.election.enable", Switch),
];

impl Values {
    /// Whether Kafka takes a value.
    pub(super) fn take(&self, value: &str) -> bool {
        match self {
            Whole(range) => value.parse().is_ok_and(|number| range.contains(&number)),
            Ratio => value.parse().is_ok_and(|number: f64| (0.0..=1.0).contains(&number)),
            Switch => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Word(words) => words.contains(&value),
            Words(words) => value.split(',').all(|one| words.contains(&one.trim())),
            Text => true,
        }
    }
}

impl std::fmt::Display for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whole(range) => {
                let (least, most) = (range.start(), range.end());
                f.write_str("a whole number")?;
                match (*least > i64::MIN, *most < LONG) {
                    (true, true) => write!(f, " from {least} to {most}"),
                    (true, false) => write!(f, " of at least {least}"),
                    (false, true) => write!(f, " of at most {most}"),
                    (false, false) => Ok(()),
                }
            }
            Ratio => f.write_str("a number from 0 to 1"),
            Switch => f.write_str("`true` or `false`"),
            Word(words) => write!(f, "one of {}", words.join(", ")),
            Words(words) => write!(f, "some of {}, with commas between", words.join(", ")),
            Text => f.write_str("a text"),
        }
    }
}
