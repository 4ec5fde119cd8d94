//! A record is decided on again: the kernel is a pure function, so what it gave once it gives always. What depends on more
//! than record and catalogue is left to the judges: the time, what was decided before, what the topics of the cluster
//! take. An update depends on the state that it met: of that only what is said of the event is compared.

use std::borrow::Cow;

use serde::Deserialize;
use smallvec::SmallVec;

use super::{Reading, Seen, half, id_group, read, said};
use crate::audit;
use crate::catalogue::{AuditMode, ControlTopic};
use crate::envelope::Envelope;
use crate::ids::RecordOffset;
use crate::json::{Kind, Member, Scanner, Value, members};
use crate::kernel::{self, Effects, Header, Input, NoMemory, StateUpdates, Topic};
use crate::time::Timestamp;
use crate::verify::{Entry, Out, Pile, What, digest};

/// The members that a router writes, of the envelope, of its payload, and of that one's metadata; and which of them is the
/// next of these objects.
const WRITTEN: &[(&[&str], &str)] = &[
    (
        &[
            "event_id",
            "event_type",
            "source_module",
            "target_module",
            "tenant_id",
            "user_id",
            "timestamp",
            "correlation_id",
            "timeout_seconds",
        ],
        "payload",
    ),
    (&["action", "data"], "metadata"),
    (&["causation_id", "root_id", "hops", "trigger", "catalogue"], ""),
];
/// An object without members.
const NOTHING: Value<'static> = Value { raw: "{}", kind: Kind::Object };

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
            let content = content((key, Some(value), headers), &derived);
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

/// What a command says beside what every event does.
#[derive(Default, Deserialize)]
struct Command<'a> {
    #[serde(borrow, default)]
    target_module: Option<Cow<'a, str>>,
    #[serde(default)]
    timeout_seconds: Option<u32>,
    #[serde(borrow, default)]
    payload: Payload<'a>,
}

#[derive(Default, Deserialize)]
struct Payload<'a> {
    #[serde(borrow, default)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    metadata: Metadata<'a>,
}

#[derive(Default, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    trigger: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    catalogue: Option<Cow<'a, str>>,
}

/// The members of a command that no router writes, with their values.
fn strangers(value: &str) -> String {
    let mut found = String::new();
    let mut object = Scanner::new(value).value().ok();
    for (known, next) in WRITTEN {
        let mut inside = None;
        members(object.unwrap_or(NOTHING), |Member { name, value }| {
            if *name == **next {
                inside = Some(value);
            } else if !known.contains(&&*name) {
                found.extend([&*name, ":", value.raw, ","]);
            }
        });
        object = inside;
    }
    found
}

/// What stands for the content of a derived event of this key, value and headers: all that follows from its fact, and so
/// not the time.
pub(super) fn content<'h>(
    (key, value, headers): (Option<&[u8]>, Option<&[u8]>, impl Iterator<Item = (&'h [u8], &'h [u8])>),
    envelope: &Envelope<'_>,
) -> u64 {
    let metadata = &envelope.metadata;
    let command: Command<'_> = value.and_then(|value| serde_json::from_slice(value).ok()).unwrap_or_default();
    let texts = [
        &envelope.event_type,
        &envelope.source_module,
        &envelope.tenant_id,
        &envelope.user_id,
        &envelope.correlation_id,
        &metadata.causation_id,
        &metadata.root_id,
        &command.target_module,
        &command.payload.action,
        &command.payload.metadata.trigger,
        &command.payload.metadata.catalogue,
    ];
    let mut parts: Vec<_> = texts.iter().map(|text| text.as_deref().unwrap_or_default().as_bytes()).collect();
    let numbers = format!("{} {:?} {}", metadata.hops, command.timeout_seconds, envelope.timestamp.is_some());
    let strangers = value.and_then(|value| std::str::from_utf8(value).ok()).map(strangers).unwrap_or_default();
    parts.push(strangers.as_bytes());
    let data = envelope.data.as_ref().and_then(|data| data.raw).unwrap_or_default();
    parts.extend([key.unwrap_or_default(), numbers.as_bytes(), data.as_bytes()]);
    parts.extend(headers.filter(|(name, _)| *name != TIME_HEADER).flat_map(|(name, value)| [name, value]));
    half(digest(&parts)).max(1)
}
