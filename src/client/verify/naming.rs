//! The ids of the events of which a finding knows only the place: their records are read once more.

use std::time::{Duration, Instant};

use super::STEP;
use crate::diagnostic::shorten;
use crate::envelope;
use crate::ids::Position;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::ReadRecord;
use crate::kafka::span::{Next, Span, SpanReader};
use crate::kafka::trouble::Trouble;
use crate::verify::{Finding, Findings};

/// How long it may take: an id is a convenience, and its record may be gone.
const WITHIN: Duration = Duration::from_secs(10);

/// Gives ids to the findings that have none, as far as their records have one.
pub(super) fn name(settings: &KafkaSettings, findings: &mut Findings) {
    let deadline = Instant::now() + WITHIN;
    let mut open: Vec<_> = findings.unnamed().collect();
    while !open.is_empty() && Instant::now() < deadline {
        // A reader has one span of a partition.
        let (mut now, mut later): (Vec<&mut Finding>, Vec<_>) = (Vec::new(), Vec::new());
        for finding in open {
            let taken = now.iter().any(|one| (&one.topic, one.partition) == (&finding.topic, finding.partition));
            if taken { later.push(finding) } else { now.push(finding) }
        }
        if let Err(error) = read(settings, &mut now, deadline) {
            tracing::debug!(%error, "some ids were not read");
        }
        open = later;
    }
}

fn read(settings: &KafkaSettings, findings: &mut [&mut Finding], deadline: Instant) -> Result<(), Trouble> {
    let span = |of: &&mut Finding| Span {
        partition: (of.topic.clone(), of.partition),
        from: Position(of.offset),
        to: Position(of.offset + 1),
    };
    let mut reader = SpanReader::open(settings, &findings.iter().map(span).collect::<Vec<_>>())?;
    while Instant::now() < deadline {
        match reader.next(STEP)? {
            Next::Record(record) => {
                let at = (record.topic.as_str(), record.partition, record.offset.0);
                if let Some(of) = findings.iter_mut().find(|of| (of.topic.as_str(), of.partition, of.offset) == at) {
                    of.id = id(&record);
                }
            }
            Next::Quiet => {}
            Next::End => break,
        }
    }
    Ok(())
}

/// The id in a record: that of an event, of the event in a dead letter, or of the one that an audit record is about.
fn id(record: &ReadRecord) -> Option<String> {
    let text = std::str::from_utf8(record.value.as_deref()?).ok()?;
    let envelope = envelope::read(text, &mut Vec::new());
    envelope.event_id.map(|id| shorten(&id).into_owned())
}
