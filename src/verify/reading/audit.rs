//! An audit record: what it says of its source record, and the ids that it names.

use super::{Reading, Seen, blank, cause, id_group, said};
use crate::audit::{Record, VERSION};
use crate::catalogue::TypeName;
use crate::diagnostic::shorten;
use crate::ids;
use crate::reason::Outcome;
use crate::state::Operation;
use crate::time::Timestamp;
use crate::verify::{Entry, Fate, Out, Pile, Place, What, Write};

const fn fate(outcome: Outcome) -> Fate {
    match outcome {
        Outcome::Routed => Fate::Routed,
        Outcome::Invalid | Outcome::Failed | Outcome::Loop => Fate::Dead,
        Outcome::StateChanged => Fate::Changed,
        Outcome::Duplicate => Fate::Repeated,
        Outcome::NoTrigger | Outcome::Conflict => Fate::Nothing,
        Outcome::Denied | Outcome::Expired => Fate::Denied,
    }
}

impl Reading<'_> {
    pub(super) fn audit(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let Some(record) = seen.value.and_then(Record::read) else {
            return self.torn(seen, "is no audit record that can be read".to_owned(), out);
        };
        if record.v > VERSION {
            let sentence = format!("is an audit record of version {}, and this revbus reads {VERSION}", record.v);
            return self.torn(seen, sentence, out);
        }
        let Some(topic) = self.source(&record.source.topic) else {
            if self.is_of_another(record.catalogue.as_deref()) {
                return self.elsewhere(seen, &record, out);
            }
            let sentence =
                format!("audits a record of {}, which is no topic of facts or updates", shorten(&record.source.topic));
            return self.torn(seen, sentence, out);
        };
        let Some(outcome) = Outcome::ALL.iter().copied().find(|one| one.code() == record.outcome) else {
            let sentence = format!("has the outcome {}, which there is not", shorten(&record.outcome));
            return self.torn(seen, sentence, out);
        };
        let source = Place { topic, partition: record.source.partition, offset: record.source.offset };
        if source.partition != seen.place.partition {
            let sentence = format!("audits {}, of another partition number", self.scope.topics.place(source));
            self.torn(seen, sentence, out);
        }
        let updates = topic == self.scope.topics.updates();
        if !updates && (outcome == Outcome::StateChanged || record.version.is_some()) {
            let sentence = "tells of a change of state, and is of a fact, which changes none".to_owned();
            return self.torn(seen, sentence, out);
        }
        let fate = fate(outcome);
        let cause = cause(record.tenant_id.as_deref(), record.event_id.as_deref());
        // Under another catalogue it is not decided again.
        let ours = record.catalogue.as_deref() == Some(self.rules.catalogue.digest.as_str());
        let more = if updates {
            write(&record).pack()
        } else if ours {
            said::verdict(outcome, &record).pack()
        } else {
            0
        };
        let at = record.at.as_deref().and_then(Timestamp::parse).map(|(at, _)| at.millis());
        if at.is_none() {
            self.torn(seen, "does not say when it was decided".to_owned(), out);
        }
        let at = at.unwrap_or(i64::MAX);
        if self.scope.is_older(seen.time, at) {
            return self.older(seen, None, at, out);
        }
        let said = if ours { said::event(&record, seen.key) } else { 0 };
        let content = if fate == Fate::Dead { said::grounds(&record) } else { 0 };
        let audited = blank(seen, What::Audited(fate), source.group());
        let entry = Entry { source, cause, more, at, content, said, ..audited };
        out.put(Pile::Sources, entry);
        if fate == Fate::Changed && record.version.is_none() {
            self.torn(seen, "is of the outcome state_changed and names no version".to_owned(), out);
        }
        if fate != Fate::Changed && (fate == Fate::Routed) == record.derived.is_empty() {
            let named = record.derived.len();
            self.torn(seen, format!("is of the outcome {} and names {named} derived events", record.outcome), out);
        }
        self.expected(seen, &record, fate, out);
        self.named(seen, &record, &entry, out);
    }

    /// Whether an update that expected a version met what it says.
    fn expected(&self, seen: &Seen<'_>, record: &Record<'_>, fate: Fate, out: &mut impl Out) {
        let Some((expected, version)) = record.expected_version.zip(record.version) else { return };
        if fate == Fate::Changed && expected.checked_add(1) != Some(version) {
            let sentence = format!("is of an update that expected version {expected}, and has changed it to {version}");
            self.torn(seen, sentence, out);
        }
        // To delete what is not there is a conflict whatever was expected.
        if record.outcome == Outcome::Conflict.code() && expected == version && version > 0 {
            self.torn(seen, format!("is a conflict of an update that expected version {expected}, which it met"), out);
        }
    }

    /// What another catalogue decided on a record of a topic that the one at hand does not have: what it derived may stand
    /// on one that it has.
    fn elsewhere(&self, seen: &Seen<'_>, record: &Record<'_>, out: &mut impl Out) {
        self.not_judged(seen, out);
        let cause = cause(record.tenant_id.as_deref(), record.event_id.as_deref());
        let source =
            Place { topic: Place::NONE.topic, partition: record.source.partition, offset: record.source.offset };
        let entry = Entry { source, cause, ..blank(seen, What::Named, source.group()) };
        self.named(seen, record, &entry, out);
    }

    fn named(&self, seen: &Seen<'_>, record: &Record<'_>, entry: &Entry, out: &mut impl Out) {
        for derived in &record.derived {
            let group = id_group(&derived.event_id);
            // A fact that a change emits has its id by its own name: which entity type emits it is no part of it.
            let updates = entry.source.topic == self.scope.topics.updates();
            let by = if updates { &derived.event_type } else { &derived.trigger };
            if Some(group) != must_be(record, by) {
                let sentence = format!(
                    "names {} as derived by {}: not the id that tenant, type, event id and trigger make",
                    shorten(&derived.event_id),
                    shorten(&derived.trigger)
                );
                self.torn(seen, sentence, out);
            }
            let known = self.rules.catalogue.resolve(&derived.event_type);
            let on = known.map_or(Place::NONE.topic, |name| self.scope.topics.of_type(name.id()));
            let another = self.is_of_another(record.catalogue.as_deref());
            let what = match known {
                None if another => {
                    self.not_judged(seen, out);
                    continue;
                }
                // Under that name it stood on a topic of that name, unless the catalogue said another.
                Some(TypeName::Alias(_)) if another => What::Possible,
                _ => What::Named,
            };
            out.put(Pile::Derived, Entry { group, what, on, ..*entry });
        }
    }
}

/// What it says that was written of an entity, where its outcome is that something was.
fn write(record: &Record<'_>) -> Write {
    let deletes = record.event_type.as_deref().and_then(Operation::of_event_type) == Some(Operation::Delete);
    Write { version: record.version.unwrap_or(0), deletes }
}

/// The id of what a trigger derives from the audited event.
fn must_be(record: &Record<'_>, trigger: &str) -> Option<u128> {
    let (tenant, event_type) = (record.tenant_id.as_deref()?, record.event_type.as_deref()?);
    Some(ids::derived_event_id(tenant, event_type, record.event_id.as_deref()?, trigger).as_u128())
}
