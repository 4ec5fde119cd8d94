//! The committed positions of a group, and which groups there are, asked by a client that is no member of any.

use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfig as _;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::KafkaSettings;
use super::consumer::TopicPartition;
use super::lists::{known, list, position_list};
use super::trouble::Trouble;
use crate::ids::Position;

/// How long the client is asked at a time.
const STEP: Duration = Duration::from_secs(3);

/// The positions that a group has committed, of those of these partitions for which it has one. Waits for a
/// transaction that is about to commit some.
///
/// # Errors
/// No answer within the timeout, or we may not see the group.
pub fn committed(
    settings: &KafkaSettings,
    group: &str,
    partitions: &[TopicPartition],
    timeout: Duration,
) -> Result<Vec<(TopicPartition, Position)>, Trouble> {
    ask(settings, "read_committed", (group, partitions), timeout)
}

/// Whether a group has committed a position of any of these partitions, be it one that an open transaction is about to
/// move: nobody is waited for.
///
/// # Errors
/// As [`committed`].
pub fn any(
    settings: &KafkaSettings,
    group: &str,
    partitions: &[TopicPartition],
    timeout: Duration,
) -> Result<bool, Trouble> {
    ask(settings, "read_uncommitted", (group, partitions), timeout).map(|found| !found.is_empty())
}

fn ask(
    settings: &KafkaSettings,
    level: &str,
    (group, partitions): (&str, &[TopicPartition]),
    timeout: Duration,
) -> Result<Vec<(TopicPartition, Position)>, Trouble> {
    let what = format!("ask for the positions of the group {group}");
    let failed = |error| Trouble::of(&error, &what);
    let mut config = settings.consumer(&[]);
    // It never subscribes, so it never joins.
    config.set("group.id", group).set("isolation.level", level);
    let client = BaseConsumer::from_config(&config).map_err(failed)?;
    let deadline = Instant::now() + timeout;
    let found = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match client.committed_offsets(list(partitions), left.min(STEP)) {
            Ok(found) => break found,
            Err(error) if left > STEP && is_late(&error) => may_see(&client).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        }
    };
    for one in found.elements() {
        one.error().map_err(failed)?;
    }
    Ok(known(&found))
}

fn is_late(error: &KafkaError) -> bool {
    matches!(error.rdkafka_error_code(), Some(Code::OperationTimedOut | Code::RequestTimedOut))
}

/// That the client has not heard that it may not see the group: its calls then only wait for a coordinator.
fn may_see(client: &BaseConsumer) -> Result<(), KafkaError> {
    while let Some(heard) = client.poll(Duration::ZERO) {
        let error = heard.err().filter(|error| error.rdkafka_error_code() == Some(Code::GroupAuthorizationFailed));
        if let Some(error) = error {
            return Err(error);
        }
    }
    Ok(())
}

/// Gives a group that has no members these positions.
///
/// # Errors
/// It has members, we may not write its positions, or no coordinator answers.
pub fn commit(settings: &KafkaSettings, group: &str, positions: &[(TopicPartition, Position)]) -> Result<(), Trouble> {
    let failed = |error| Trouble::of(&error, &format!("write the positions of the group {group}"));
    if positions.is_empty() {
        return Ok(());
    }
    let mut config = settings.consumer(&[]);
    config.set("group.id", group);
    let client = BaseConsumer::from_config(&config).map_err(failed)?;
    let list = position_list(positions).map_err(failed)?;
    client.commit(&list, CommitMode::Sync).map_err(failed)
}

/// The names of the groups that there are, and that we may see.
///
/// # Errors
/// No answer within the timeout.
pub fn groups(settings: &KafkaSettings, timeout: Duration) -> Result<Vec<String>, Trouble> {
    let failed = |error| Trouble::of(&error, "ask which groups there are");
    let client = BaseConsumer::from_config(&settings.consumer(&[])).map_err(failed)?;
    let found = client.fetch_group_list(None, timeout).map_err(failed)?;
    Ok(found.groups().iter().map(|group| group.name().to_owned()).collect())
}
