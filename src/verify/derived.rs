//! By derived id: as often as audit records of different source records name an event, it must be there.

use super::scope::event_id;
use super::{Count, Damage, Entry, Out, Pile, Place, Scope, What, digest};
use crate::catalogue::AuditMode;

/// The most sources of one id that are told apart. A fact that is repeated more often than that is only counted.
const MOST_SOURCES: usize = 64;

/// Judges the pile [`Pile::Derived`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: Group,
}

/// What is known of one id.
#[derive(Debug, Default)]
struct Group {
    id: u128,
    /// Those that name it, each with a source of its own.
    named: Vec<Entry>,
    /// What deciding again on sources derives.
    again: Vec<Entry>,
    /// How many sources name it.
    sources: u64,
    /// How many of them were judged: their derived event must be there.
    due: u64,
    /// The first event.
    first: Option<Entry>,
    /// How many there are.
    there: u64,
    /// How many of them are judged: their audit record must be there.
    judged: u64,
    /// How many of those have other data than the first.
    other: u64,
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub fn new(scope: &'a Scope) -> Self {
        Self { scope, group: Group::default() }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group.id {
            self.close(out);
            self.group.id = entry.group;
        }
        if entry.what == What::Derived {
            self.there(entry, out);
        } else if entry.what == What::Again {
            if self.group.again.len() < MOST_SOURCES {
                self.group.again.push(*entry);
            }
        } else if self.group.named.last().is_none_or(|last| last.source != entry.source) {
            self.group.sources += 1;
            self.group.due += u64::from(self.is_due(entry));
            if self.group.named.len() < MOST_SOURCES {
                self.group.named.push(*entry);
            }
        }
    }

    /// Whether the event that is named here must be there.
    fn is_due(&self, named: &Entry) -> bool {
        let must = self.scope.audit == AuditMode::Off || named.what == What::Named;
        must && self.scope.judges(named.time, named.on) && self.scope.consumed(named.source)
    }

    fn there(&mut self, event: &Entry, out: &mut impl Out) {
        let group = &mut self.group;
        group.there += 1;
        group.first.get_or_insert(*event);
        if group.sources == 0 {
            out.put(Pile::Causes, Entry { group: event.cause.into(), what: What::Unaudited, ..*event });
        }
        if !self.scope.judges(event.time, self.scope.topics.audit()) {
            return;
        }
        group.judged += 1;
        group.other += u64::from(group.first.is_some_and(|first| first.said != event.said));
        let torn = |sentence: &str| {
            Some(self.scope.topics.finding(Damage::Torn, event.place, Some(event.group), sentence.to_owned()))
        };
        let finding = if group.judged > group.sources.max(1) {
            let sentence = format!("is there {} times, for {} source records", group.there, group.sources);
            Some(self.scope.topics.finding(Damage::Duplicated, event.place, Some(event.group), sentence))
        } else if group.sources == 0 {
            torn(match self.scope.audit {
                AuditMode::On if self.scope.since > i64::MIN => "no audit record of the time that is judged names it",
                AuditMode::On => "no audit record names it",
                AuditMode::Off => "no source record leads to it",
            })
        } else if !group.named.iter().any(|named| named.on == event.place.topic) {
            torn("does not stand on the topic of the type under which it is audited")
        } else if !group.named.iter().any(|named| named.cause == event.cause) {
            torn("does not name as its cause the event that it is audited for")
        } else if group.is_foreign(event) {
            torn("has another content than the fact gives that it was derived from")
        } else {
            None
        };
        finding.into_iter().for_each(|finding| out.find(finding));
    }

    /// Judges what is left.
    pub fn close(&mut self, out: &mut impl Out) {
        let group = std::mem::take(&mut self.group);
        // Where nothing is audited, nobody can tell which of two records of one event was routed, and which is a dead letter.
        let either = self.scope.audit == AuditMode::Off && (1..group.sources).contains(&group.there);
        let missing = if either { 0 } else { group.due.saturating_sub(group.there) };
        let due = group.named.iter().filter(|named| self.is_due(named));
        let (there, absent) = (usize::try_from(group.there).unwrap_or(usize::MAX), missing);
        for named in due.skip(there).take(usize::try_from(absent).unwrap_or(usize::MAX)) {
            self.absent(named, out);
        }
        if self.scope.audit == AuditMode::Off && !either {
            for named in group.named.iter().take(there) {
                out.put(Pile::Sources, Entry { group: named.source.group(), what: What::Met, ..*named });
            }
        }
        let repeated = group.sources.min(group.there).saturating_sub(1).min(group.judged);
        if repeated > 0 {
            out.count(Count::Repeated, repeated);
        }
        if group.other > 0 {
            out.count(Count::OtherData, group.other);
            event_id(group.id).into_iter().for_each(|id| out.differs(id));
        }
        if let ([named], Some(event), 1) = (&*group.named, group.first, group.there)
            && named.on == event.place.topic
            && named.source.topic != Place::NONE.topic
        {
            out.put(Pile::Order, ordered(named.source, &event));
        }
    }

    fn absent(&self, named: &Entry, out: &mut impl Out) {
        match (self.scope.audit, named.what) {
            (AuditMode::On, _) => {
                let topics = &self.scope.topics;
                let (source, on) = (topics.place(named.source), topics.name(named.on));
                let updates = named.source.topic == topics.updates();
                let (done, what) = if updates { ("a change that emits", "fact") } else { ("routed", "event") };
                let sentence = format!("audits {source} as {done}, and the {what} is not on {on}");
                out.find(topics.finding(Damage::Torn, named.place, Some(named.group), sentence));
            }
            (AuditMode::Off, What::Named) => {
                out.put(Pile::Sources, Entry { group: named.source.group(), what: What::Missing, ..*named });
            }
            // Its condition did not hold.
            (AuditMode::Off, _) => {}
        }
    }
}

impl Group {
    /// Whether an event is none of those that its sources give, where all of them were decided on again.
    fn is_foreign(&self, event: &Entry) -> bool {
        let again = |named: &Entry| named.more != 0 && self.again.iter().any(|again| again.source == named.source);
        let all = self.named.len() as u64 == self.sources && self.named.iter().all(again);
        all && !self.again.iter().any(|again| again.content == event.content)
    }
}

/// An event whose source is known, to be judged with the others of its key and its source's partition.
fn ordered(source: Place, event: &Entry) -> Entry {
    let group = digest(&[
        &event.place.topic.to_be_bytes(),
        &event.place.partition.to_be_bytes(),
        // Where it is a derived event, its key's digest stands in the place of a source.
        &event.source.offset.to_be_bytes(),
        &source.topic.to_be_bytes(),
        &source.partition.to_be_bytes(),
    ]);
    Entry { group, what: What::Ordered, source, ..*event }
}
