//! The headers of a dead letter: why, and where it stood (decisions 41 and 63).

use super::effects::Span;
use super::{DEAD_HEADER_PREFIX, DeadLetter, Effects, Record, Rules, SourceTopic};
use crate::reason::{Reason, cut as cut_text};
use crate::time::Timestamp;

/// The longest sentence in a header, in bytes.
const MAX_MESSAGE: usize = 4096;
/// How the sentence of a dead letter begins that has not all of its record.
const CUT: &str = "cut to its first ";

/// Makes the source record a dead letter.
pub(super) fn bury<T: SourceTopic>(
    rules: &Rules,
    record: &Record<'_, T>,
    tenant: Option<&str>,
    reasons: &[Reason],
    out: &mut Effects,
) {
    let mut codes: Vec<_> = reasons.iter().map(|reason| reason.code).collect();
    codes.dedup();
    codes.sort_unstable();
    codes.dedup();
    let facts = rules.topology.dead_letters;
    let catalogue = &rules.catalogue;
    let mut headers: Vec<(&'static str, Span)> = Vec::with_capacity(9);
    let names: Vec<_> = codes.iter().map(|code| code.code()).collect();
    let mut add = |out: &mut Effects, name, value: &str| {
        headers.push((name, out.write(|bytes| bytes.extend_from_slice(value.as_bytes()))));
    };
    add(out, "revbus.dead.reason", &names.join(","));
    add(out, "revbus.dead.topic", record.topic.topic(rules));
    add(out, "revbus.dead.partition", &record.partition.to_string());
    add(out, "revbus.dead.offset", &record.offset.0.to_string());
    if let Some(timestamp) = record.timestamp {
        add(out, "revbus.dead.timestamp", &Timestamp::to_rfc3339(timestamp));
    }
    if let Some(tenant) = tenant {
        add(out, "revbus.dead.tenant", tenant);
    }
    add(out, "revbus.dead.catalogue", catalogue.digest.as_str());
    add(out, REPLAYS_HEADER, &replays(record).to_string());
    let Cut { kept: cut, bare } = cut(record, facts.room());
    let mut message = sentence(reasons);
    if let Some(kept) = cut {
        let whole = record.value.map_or(0, <[u8]>::len);
        let without = if bare { ", without its key and headers" } else { "" };
        let cut = format!("{CUT}{kept} of {whole} bytes{without}, the rest is at the position named here; ");
        message.insert_str(0, &cut);
    }
    add(out, "revbus.dead.message", &message);
    let partition = record.partition % facts.partitions.max(1);
    out.dead_letter = Some(DeadLetter { partition, headers, cut, bare, codes });
}

/// Whether a dead letter has only a part of its record, as its sentence says (`revbus.dead.message`).
#[must_use]
pub fn is_cut(message: &str) -> bool {
    // No reason's sentence begins like this: they begin with what they are about.
    message.starts_with(CUT)
}

/// The header that counts how often a record was sent back.
pub const REPLAYS_HEADER: &str = "revbus.dead.replays";

/// The header that says what was edited in a record when it was sent back. It is no header of a death, so it stays from
/// then on.
pub const EDIT_HEADER: &str = "revbus.replay.edit";

/// What [`REPLAYS_HEADER`] says; 0 where it is not there, or says no number.
#[must_use]
pub fn replay_count(header: Option<&str>) -> u32 {
    header.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// How often the record was sent back before.
pub(super) fn replays<T>(record: &Record<'_, T>) -> u32 {
    let header = record.headers.iter().rev().find(|(name, _)| *name == REPLAYS_HEADER.as_bytes());
    replay_count(header.and_then(|(_, value)| std::str::from_utf8((*value)?).ok()))
}

/// Whether something in the record was edited when it was sent back.
pub(super) fn is_edited<T>(record: &Record<'_, T>) -> bool {
    record.headers.iter().any(|(name, _)| *name == EDIT_HEADER.as_bytes())
}

/// All reasons as one sentence, bounded.
pub(super) fn sentence(reasons: &[Reason]) -> String {
    let mut sentence = String::new();
    for (index, reason) in reasons.iter().enumerate() {
        if index > 0 && sentence.len() + reason.message.len() > MAX_MESSAGE {
            sentence.push_str(&format!("; and {} more", reasons.len() - index));
            break;
        }
        if index > 0 {
            sentence.push_str("; ");
        }
        let shown = cut_text(&reason.message, MAX_MESSAGE);
        sentence.push_str(shown);
        if shown.len() < reason.message.len() {
            sentence.push('…');
        }
    }
    sentence
}

/// What of a record fits into the dead letters' topic.
struct Cut {
    /// How many bytes of the value, where not all do.
    kept: Option<usize>,
    /// Whether key and headers do not fit either.
    bare: bool,
}

fn cut<T>(record: &Record<'_, T>, room: usize) -> Cut {
    /// Room for the headers that are added.
    const OURS: usize = MAX_MESSAGE + 2048;
    let stays = record.headers.iter().filter(|(name, _)| !name.starts_with(DEAD_HEADER_PREFIX.as_bytes()));
    let headers: usize = stays.map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len) + 10).sum();
    let beside = headers + record.key.map_or(0, <[u8]>::len);
    let value = record.value.map_or(0, <[u8]>::len);
    let room = room.saturating_sub(OURS);
    if beside + value <= room {
        return Cut { kept: None, bare: false };
    }
    // Brokers compare compressed bytes with their limits, so that a key may be larger than any topic's.
    let bare = beside > room;
    let left = if bare { room } else { room - beside };
    Cut { kept: Some(left.min(value)), bare }
}
