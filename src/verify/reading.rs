//! From a record to its entries. What is wrong with a record by itself is found here: an audit record whose ids are
//! not what they must be, a dead letter that names no source.

mod again;
mod audit;
mod said;
mod state;

use uuid::Uuid;

use super::{Count, Damage, Entry, Out, Pile, Place, Scope, What, digest};
use crate::catalogue::{AuditMode, Kind};
use crate::envelope::{self, Envelope};
use crate::ids;
use crate::kernel::{DEAD_HEADER_PREFIX, Rules, is_cut};
use crate::time::Timestamp;

/// A record as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Where it stands.
    pub place: Place,
    /// Its timestamp in milliseconds.
    pub time: i64,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: &'a [(Vec<u8>, Option<Vec<u8>>)],
}

impl Seen<'_> {
    /// The text of the last header of this name.
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().rev().find(|(found, _)| found == name.as_bytes())?;
        std::str::from_utf8(value.as_deref()?).ok()
    }

    /// Whether it was a dead letter before, by the headers that only such a one bears.
    fn was_dead(&self) -> bool {
        self.headers.iter().any(|(name, _)| name.starts_with(DEAD_HEADER_PREFIX.as_bytes()))
    }

    /// A digest of a source record that was written at this time, or of its dead letter, which has all of it.
    fn content(&self, time: &str) -> u64 {
        let own = self.headers.iter().filter(|(name, _)| !name.starts_with(DEAD_HEADER_PREFIX.as_bytes()));
        let own = own.flat_map(|(name, value)| [Some(&**name), value.as_deref()]);
        let mut parts = vec![time.as_bytes()];
        for bytes in [self.key, self.value].into_iter().chain(own) {
            // Nothing is not the same as an empty text.
            parts.extend([if bytes.is_some() { &b"some"[..] } else { b"none" }, bytes.unwrap_or_default()]);
        }
        half(digest(&parts)).max(1)
    }
}

/// Reads records of one catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The catalogue, as the rules under which a fact is decided on again.
    pub rules: &'a Rules,
    /// The topics, and whether decisions are audited.
    pub scope: &'a Scope,
}

impl Reading<'_> {
    /// Takes a record of any topic of the scope.
    pub fn take(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let topics = &self.scope.topics;
        match topics.event_type(seen.place.topic).map(|id| self.rules.catalogue.event_type(id)) {
            Some(event_type) => match &event_type.kind {
                Kind::Fact(_) => self.fact(seen, out),
                Kind::Command(_) => self.derived(seen, out),
            },
            None if seen.place.topic == topics.updates() => self.update(seen, out),
            None if seen.place.topic == topics.state() => self.value(seen, out),
            None if seen.place.topic == topics.dead_letters() => self.dead_letter(seen, out),
            None => self.audit(seen, out),
        }
    }

    fn torn(&self, seen: &Seen<'_>, sentence: String, out: &mut impl Out) {
        if seen.time >= self.scope.since {
            out.find(self.scope.topics.finding(Damage::Torn, seen.place, None, sentence));
        }
    }

    /// What the router makes is written at once: what claims to be older than all that is judged was written again.
    fn older(&self, seen: &Seen<'_>, id: Option<&str>, time: i64, out: &mut impl Out) {
        let time = Timestamp::from_millis(time).to_rfc3339();
        let sentence = format!("was made at {time}, before what is judged, and written again since");
        out.find(self.scope.topics.finding(Damage::Duplicated, seen.place, id.map(id_group), sentence));
    }

    /// Whether what says so was decided under another catalogue than the one at hand.
    fn is_of_another(&self, catalogue: Option<&str>) -> bool {
        catalogue.is_some_and(|digest| digest != self.rules.catalogue.digest.as_str())
    }

    fn not_judged(&self, seen: &Seen<'_>, out: &mut impl Out) {
        if seen.time >= self.scope.since {
            out.count(Count::OtherTypes, 1);
        }
    }

    fn fact(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let envelope = read(seen.value);
        let cause = cause(envelope.tenant_id.as_deref(), envelope.event_id.as_deref());
        let source = blank(seen, What::Source, seen.place.group());
        let source = Entry { source: seen.place, cause, content: seen.content(&time_of(seen)), ..source };
        match self.scope.audit {
            AuditMode::Off => {
                out.put(Pile::Sources, source);
                self.expect(&source, &envelope, out);
            }
            AuditMode::On => {
                let source = self.again(seen, source, &envelope, out);
                out.put(Pile::Sources, source);
                // One that was sent back from the dead letters is there a second time, and was emitted once.
                if !seen.was_dead() && self.is_emitted(seen, &envelope) {
                    self.derived(seen, out);
                }
            }
        }
    }

    /// Where nothing is audited, the catalogue says what a source record may have led to.
    fn expect(&self, source: &Entry, envelope: &Envelope<'_>, out: &mut impl Out) {
        let Some(id) = self.scope.topics.event_type(source.place.topic) else { return };
        let event_type = self.rules.catalogue.event_type(id);
        let (Some(tenant), Some(event_id)) = (envelope.tenant_id.as_deref(), envelope.event_id.as_deref()) else {
            // What cannot be read must be a dead letter.
            return out.put(Pile::Sources, Entry { what: What::Missing, ..*source });
        };
        let Kind::Fact(fact) = &event_type.kind else { return };
        for trigger in &fact.triggers {
            let group = ids::derived_event_id(tenant, &event_type.name, event_id, &trigger.id).as_u128();
            let what = if trigger.when.is_none() { What::Named } else { What::Possible };
            let on = self.scope.topics.of_type(trigger.emit);
            out.put(Pile::Derived, Entry { group, what, on, ..*source });
        }
    }

    fn derived(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let envelope = read(seen.value);
        let Some(id) = envelope.event_id.as_deref() else {
            return self.torn(seen, "is no event: it has no id that can be read".to_owned(), out);
        };
        let cause = cause(envelope.tenant_id.as_deref(), envelope.metadata.causation_id.as_deref());
        // The key's digest travels where a source would stand: its source is found by its id.
        let time = envelope.timestamp.map_or(i64::MAX, |(time, _)| time.millis());
        if self.scope.is_older(seen.time, time) {
            return self.older(seen, Some(id), time, out);
        }
        if seen.key.is_some_and(|key| !self.scope.may_stand(key, seen.place)) {
            let sentence = "stands on a partition on which the topic has never placed its key".to_owned();
            self.torn(seen, sentence, out);
        }
        let headers = seen.headers.iter().map(|(name, value)| (&**name, value.as_deref().unwrap_or_default()));
        let all = again::said(seen.value);
        let (source, content) = (keyed(seen.key), again::content((seen.key, &all, headers), &envelope));
        let said = again::data(&all);
        out.put(Pile::Derived, Entry { cause, source, content, said, ..blank(seen, What::Derived, id_group(id)) });
    }

    fn dead_letter(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let place = seen.header("revbus.dead.topic").zip(seen.header("revbus.dead.partition"));
        let source = place.zip(seen.header("revbus.dead.offset"));
        let source = source.and_then(|((topic, partition), offset)| {
            Some(Place { topic: self.source(topic)?, partition: partition.parse().ok()?, offset: offset.parse().ok()? })
        });
        match source {
            Some(source) => {
                let whole = !is_cut(seen.header("revbus.dead.message").unwrap_or_default());
                let time = seen.header("revbus.dead.timestamp").unwrap_or_default();
                let content = if whole { seen.content(time) } else { 0 };
                let letter = blank(seen, What::Buried, source.group());
                out.put(Pile::Sources, Entry { source, content, said: said::letter(seen), ..letter });
            }
            None if self.is_of_another(seen.header("revbus.dead.catalogue")) => self.not_judged(seen, out),
            None => self.torn(seen, "is no dead letter: its headers name no record that is decided on".to_owned(), out),
        }
    }

    /// The number of a topic whose records are decided on: facts, and updates.
    fn source(&self, topic: &str) -> Option<u16> {
        let number = self.scope.topics.number(topic)?;
        if number == self.scope.topics.updates() {
            return Some(number);
        }
        let event_type = self.rules.catalogue.event_type(self.scope.topics.event_type(number)?);
        matches!(event_type.kind, Kind::Fact(_)).then_some(number)
    }
}

/// An entry of a record that says nothing more yet.
fn blank(seen: &Seen<'_>, what: What, group: u128) -> Entry {
    Entry {
        group,
        what,
        source: Place::NONE,
        place: seen.place,
        time: seen.time,
        cause: 0,
        on: seen.place.topic,
        more: 0,
        content: 0,
        said: 0,
        at: 0,
    }
}

/// When a record was written, as its dead letter says it; empty where it has no time.
fn time_of(seen: &Seen<'_>) -> String {
    if seen.time == i64::MAX { String::new() } else { Timestamp::from_millis(seen.time).to_rfc3339() }
}

/// The envelope, as far as it can be read.
fn read(value: Option<&[u8]>) -> Envelope<'_> {
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    text.map_or_else(Envelope::default, |text| envelope::read(text, &mut Vec::new()))
}

/// What stands for the event that caused another; 0 where it is not known.
fn cause(tenant: Option<&str>, event_id: Option<&str>) -> u64 {
    let known = tenant.zip(event_id);
    known.map_or(0, |(tenant, id)| half(digest(&[tenant.as_bytes(), id.as_bytes()])).max(1))
}

/// What stands for a key.
fn key_digest(key: &[u8]) -> u64 {
    half(digest(&[key])).max(1)
}

/// A key's digest, where a source would stand.
fn keyed(key: Option<&[u8]>) -> Place {
    Place { offset: key.map_or(0, key_digest).cast_signed(), ..Place::NONE }
}

fn half(digest: u128) -> u64 {
    u64::try_from(digest >> 64).unwrap_or(0)
}

/// A derived id as the number that it is; any other id as a digest, which has no UUID's version.
fn id_group(id: &str) -> u128 {
    let uuid = id.strip_prefix("evt_").and_then(|text| {
        let uuid = Uuid::try_parse(text).ok()?;
        // Only as it is written by us: one id must not have two texts.
        (uuid.get_version_num() != 0 && uuid.hyphenated().to_string() == text).then_some(uuid)
    });
    uuid.map_or_else(|| digest(&[id.as_bytes()]) & !(0xf << 76), |uuid| uuid.as_u128())
}
