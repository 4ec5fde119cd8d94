//! A record is decided on again: the kernel is a pure function, so what it gave once it gives always. What depends on more
//! than record and catalogue is left to the judges: the time, what was decided before, what the topics of the cluster
//! take. An update depends on the state that it met: of that only what is said of the event is compared.

use smallvec::SmallVec;

use super::{Reading, Seen, half, id_group, read, said};
use crate::audit;
use crate::catalogue::{AuditMode, ControlTopic};
use crate::envelope::Envelope;
use crate::ids::RecordOffset;
use crate::json::{Kind, Member, Scanner, members};
use crate::kernel::{self, Effects, Header, Input, NoMemory, StateUpdates, Topic};
use crate::time::Timestamp;
use crate::verify::{Entry, Out, Pile, What, digest};

/// The header that says when a derived event was made.
const TIME_HEADER: &[u8] = b"ce_time";

impl Reading<'_> {
    /// Puts what is derived from a fact on the pile of derived events; gives the fact with what must be said of it, and
    /// from when on its own time does not lie too far ahead.
    pub(super) fn again(&self, seen: &Seen<'_>, fact: Entry, envelope: &Envelope<'_>, out: &mut impl Out) -> Entry {
        let Some(topic) = self.scope.topics.event_type(seen.place.topic) else { return fact };
        let own = envelope.timestamp.map(|(own, _)| own);
        let headers = headers(seen);
        let mut effects = Effects::new();
        let now = own.unwrap_or(Timestamp::from_millis(0));
        let input = Input::Record(record(seen, &headers).on(topic));
        let outcome = kernel::decide(self.rules, &NoMemory, input, now, &mut effects);
        for produce in effects.produced() {
            let Topic::Event(target) = produce.topic else { continue };
            let (key, value) = (produce.key.map(|key| effects.bytes(key)), effects.bytes(produce.value));
            let derived = read(Some(value));
            let group = derived.event_id.as_deref().map_or(0, id_group);
            let headers = effects.headers_of(produce).map(|(name, value)| (name.as_bytes(), value));
            let content = content((key, &said(Some(value)), headers), &derived);
            let on = self.scope.topics.of_type(target);
            out.put(Pile::Derived, Entry { group, what: What::Again, on, content, ..fact });
        }
        let max_future = i64::try_from(self.rules.catalogue.settings.max_future.as_millis()).unwrap_or(i64::MAX);
        let at = own.map_or(i64::MIN, |own| own.millis().saturating_sub(max_future));
        match audited(&effects) {
            Some((record, key)) => {
                let (more, said) = (said::verdict(outcome, &record).pack(), said::event(&record, key));
                Entry { at, more, said, ..fact }
            }
            None => Entry { at, ..fact },
        }
    }

    /// What must be said of an update's event.
    pub(super) fn said_again(&self, seen: &Seen<'_>) -> u64 {
        if self.scope.audit == AuditMode::Off {
            return 0;
        }
        let headers = headers(seen);
        let mut effects = Effects::new();
        let input = Input::Update(record(seen, &headers));
        kernel::decide(self.rules, &NoMemory, input, Timestamp::from_millis(0), &mut effects);
        audited(&effects).map_or(0, |(record, key)| said::event(&record, key))
    }
}

fn headers<'s>(seen: &Seen<'s>) -> SmallVec<[Header<'s>; 8]> {
    seen.headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect()
}

fn record<'s>(seen: &Seen<'s>, headers: &'s [Header<'s>]) -> kernel::Record<'s, StateUpdates> {
    kernel::Record {
        topic: StateUpdates,
        partition: seen.place.partition,
        offset: RecordOffset(seen.place.offset),
        timestamp: None,
        key: seen.key,
        value: seen.value,
        headers,
    }
}

/// The audit record among what is to be done, and its key.
fn audited(effects: &Effects) -> Option<(audit::Record<'_>, Option<&[u8]>)> {
    let last = effects.produced().last().filter(|last| last.topic == Topic::Control(ControlTopic::Audit))?;
    Some((audit::Record::read(effects.bytes(last.value))?, last.key.map(|key| effects.bytes(key))))
}

/// What stands for the content of a derived event of this key, value and headers: all that follows from its fact, and so
/// not the time, but whether it has one.
pub(super) fn content<'h>(
    (key, said, headers): (Option<&[u8]>, &[String], impl Iterator<Item = (&'h [u8], &'h [u8])>),
    envelope: &Envelope<'_>,
) -> u64 {
    // Their order says nothing.
    let mut said: Vec<_> = said.iter().map(String::as_bytes).collect();
    said.sort_unstable();
    let head = format!("{} {}", said.len(), envelope.timestamp.is_some());
    let mut parts = vec![key.unwrap_or_default(), head.as_bytes()];
    parts.extend(said);
    parts.extend(headers.filter(|(name, _)| *name != TIME_HEADER).flat_map(|(name, value)| [name, value]));
    half(digest(&parts)).max(1)
}

/// What stands for the data of a derived event: what its consumer acts on, whichever fact and catalogue it came of.
pub(super) fn data(said: &[String]) -> u64 {
    // In the payload of an envelope, or in a CloudEvent itself.
    let data = ["1data:", "0data:"].into_iter().find_map(|name| said.iter().find(|one| one.starts_with(name)));
    data.map_or(0, |data| half(digest(&[data.as_bytes()])))
}

/// What an event says: all of its members, where its value is text.
pub(super) fn said(value: Option<&[u8]>) -> Vec<String> {
    value.and_then(|value| std::str::from_utf8(value).ok()).map(said_in).unwrap_or_default()
}

/// The members of an event, of its payload and of that one's metadata, each as it is written; without the time.
fn said_in(value: &str) -> Vec<String> {
    let (mut said, mut object) = (Vec::new(), Scanner::new(value).value().ok());
    for (level, next) in ["payload", "metadata", ""].into_iter().enumerate() {
        let Some(of) = object.take() else { break };
        members(of, |Member { name, value }| {
            if name == next && value.kind == Kind::Object {
                object = Some(value);
            } else if (level, &*name) != (0, "timestamp") {
                said.push(format!("{level}{name}:{}", value.raw));
            }
        });
    }
    said
}
