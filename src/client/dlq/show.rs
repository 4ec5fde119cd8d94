//! Everything of one dead letter.

use std::time::Instant;

use super::judge::Going;
use super::scan::{SILENCE, STEP, silence};
use super::{Fate, Held, Judge, Letter, Now, Place, read_marks};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::ids::RecordOffset;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::Reader;
use crate::kafka::trouble::Trouble;
use crate::kernel::Rules;
use crate::time::Timestamp;

/// Everything of one dead letter.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The dead letter.
    pub letter: Letter,
    /// Whether it was sent back.
    pub sent_back: bool,
    /// What the router would do with it now, or why it cannot be sent back.
    pub now: Result<Now, String>,
}

/// Looks one dead letter up; `None` where there is none.
///
/// # Errors
/// The cluster cannot be reached, or does not let us in.
pub fn show(settings: &KafkaSettings, rules: &Rules, place: Place) -> Result<Option<Shown>, Trouble> {
    let Some(letter) = find(settings, &rules.catalogue, place)? else { return Ok(None) };
    let marks = read_marks(settings, &rules.catalogue)?.unwrap_or_default();
    let sent_back = marks.have(&letter)?;
    let fate = if !sent_back && marks.may_have_had(&letter) {
        Fate::Held(Held::MarkGone)
    } else {
        Judge::new(rules, &[], u32::MAX).fate(&letter, Timestamp::now())
    };
    let now = match fate {
        Fate::Goes(Going { now, .. }) => Ok(now),
        Fate::Held(held) => Err(held.sentence(&letter).unwrap_or_default()),
    };
    Ok(Some(Shown { letter, sent_back, now }))
}

/// Reads one dead letter; `None` where there is none.
///
/// # Errors
/// The cluster cannot be reached, or does not let us in.
pub fn find(settings: &KafkaSettings, catalogue: &Catalogue, place: Place) -> Result<Option<Letter>, Trouble> {
    let (topic, offset) = (catalogue.prefixed(ControlTopic::DeadLetters.name()), RecordOffset(place.offset));
    let Some(mut reader) = Reader::open_at(settings, (&topic, place.partition), offset)? else { return Ok(None) };
    let begun = Instant::now();
    while !reader.caught_up() {
        if let Some(record) = reader.poll(STEP)? {
            // A reader goes on with what comes next where nothing stands.
            return Ok((record.offset == offset).then(|| record.into()));
        }
        if begun.elapsed() >= SILENCE {
            return Err(silence(&topic));
        }
    }
    Ok(None)
}
