//! Topics as the catalogue wants them: what they should be ([`desired`]), what must change for that ([`plan`]), and
//! doing it ([`apply`]). The plan never shrinks, never deletes, and touches no key of a topic's configuration but
//! those that the catalogue brings (decision 73).

mod apply;
mod desired;
mod durability;
mod plan;
mod twins;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::catalogue::ControlTopic;

pub use apply::apply;
pub use desired::desired;
pub use plan::plan;

/// What the command line says about all topics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--replication-factor`: of topics that are created.
    pub replication_factor: Option<u16>,
    /// `--min-insync-replicas`.
    pub min_insync_replicas: Option<u16>,
}

/// What a topic is for: it decides what may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Holds the facts of one type.
    Fact,
    /// Holds the commands of one type.
    Command,
    /// Is the bus's own.
    Control(ControlTopic),
}

/// A topic as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredTopic {
    /// Its full name.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// How many partitions it is created with.
    pub partitions: u32,
    /// How many replicas it is created with.
    pub replication_factor: u16,
    /// Our keys of its configuration.
    pub config: BTreeMap<String, String>,
    /// What it holds, where its name alone does not say it.
    pub holds: Option<&'static str>,
}

/// What is done only where somebody says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed<'a> {
    /// What may lose order.
    pub grow: &'a [Grow],
    /// The topics that may lose records, with or without the catalogue's prefix.
    pub shorten: &'a [String],
}

/// `--grow TOPIC=N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grow {
    /// The topic, with or without the catalogue's prefix.
    pub topic: String,
    /// How many partitions it shall have.
    pub partitions: u32,
}

impl std::str::FromStr for Grow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected TOPIC=PARTITIONS, such as pipeline.deal_won=12".to_owned();
        let (topic, partitions) = text.split_once('=').ok_or_else(expected)?;
        let partitions = partitions.parse().ok().filter(|n| *n > 0).ok_or_else(expected)?;
        Ok(Self { topic: topic.to_owned(), partitions })
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Create a topic.
    Create {
        /// Its name.
        topic: String,
        /// How many partitions it gets.
        partitions: u32,
        /// How many replicas it gets.
        replication_factor: u16,
        /// Its configuration.
        config: BTreeMap<String, String>,
        /// What it holds, where its name alone does not say it.
        #[serde(skip_serializing_if = "Option::is_none")]
        holds: Option<&'static str>,
    },
    /// Raise the partition count of a topic.
    Grow {
        /// Its name.
        topic: String,
        /// How many partitions it has.
        from: u32,
        /// How many it gets.
        to: u32,
        /// What is lost by it.
        #[serde(skip_serializing_if = "Option::is_none")]
        lost: Option<String>,
    },
    /// Set one key of a topic's configuration.
    Configure {
        /// Its name.
        topic: String,
        /// The key.
        key: String,
        /// The value in force.
        from: Option<String>,
        /// The new value.
        to: String,
    },
}

impl Change {
    /// The topic that is changed.
    #[must_use]
    pub fn topic(&self) -> &str {
        match self {
            Self::Create { topic, .. } | Self::Grow { topic, .. } | Self::Configure { topic, .. } => topic,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { topic, partitions, replication_factor, config, holds } => {
                write!(f, "create {topic} ({partitions} partitions, replication factor {replication_factor})")?;
                config.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))?;
                holds.iter().try_for_each(|holds| write!(f, ": {holds}"))
            }
            Self::Grow { topic, from, to, lost } => {
                write!(f, "grow {topic} from {from} to {to} partitions")?;
                lost.iter().try_for_each(|lost| write!(f, ": {lost}"))
            }
            Self::Configure { topic, key, from, to } => {
                let from = from.as_deref().unwrap_or("unset");
                write!(f, "configure {topic}: {key} from {from} to {to}")
            }
        }
    }
}

/// What is to be done, what is left as it is though it differs, and what was asked for and is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Plan {
    /// What is to be done, in this order.
    pub changes: Vec<Change>,
    /// What differs and is left alone, a sentence each.
    pub notes: Vec<String>,
    /// What was asked for and is refused, a sentence each. Nothing is done then.
    pub refusals: Vec<String>,
}

#[cfg(test)]
mod tests;
