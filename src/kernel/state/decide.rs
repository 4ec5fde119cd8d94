//! The decision on an update: checks, owner, repetition, version, contract, facts; then what it leaves.

use smallvec::SmallVec;

use super::admit::{Admitted, admit};
use super::answer;
use super::apply::{apply, under_todays_names};
use super::emit::{Change, Emitted};
use crate::catalogue::AuditMode;
use crate::kernel::decide::Case;
use crate::kernel::effects::Observed;
use crate::kernel::{
    Effects, EntityWrite, Look, PutEntity, Record, Rules, Settlement, StateUpdates, View, dead_letter,
};
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::state::{Answer, Author, Current, Entity, Update, UpdateBody, Version, Written, update_scope};
use crate::time::Timestamp;

/// A decision, before it is turned into a reply, a dead letter and an audit record.
pub(in crate::kernel) struct Deliberation<'r, 'a, 'v> {
    pub(in crate::kernel) admitted: Admitted<'r, 'a>,
    pub(in crate::kernel) outcome: Outcome,
    pub(in crate::kernel) reasons: Vec<Reason>,
    /// The version that it made or met, or made or met before.
    pub(in crate::kernel) version: Option<Version>,
    /// Whether the checks that need no entity found nothing.
    pub(in crate::kernel) admitted_whole: bool,
    /// The entity that it met.
    met: Option<Entity<'v>>,
    /// How it ended before, where it comes again.
    first: Option<Settlement>,
    pub(in crate::kernel) emitted: SmallVec<[Emitted<'r>; 2]>,
}

impl Deliberation<'_, '_, '_> {
    /// What is answered.
    pub(super) fn answer(&self) -> Answer<'_> {
        let current = || Current {
            version: self.met.as_ref().map_or(Version::ABSENT, |met| met.written.version),
            state: self.met.as_ref().map(|met| &*met.state),
        };
        Answer {
            outcome: self.first.map_or(self.outcome, |first| first.outcome),
            version: self.version,
            repeated: self.outcome == Outcome::Duplicate,
            current: (self.outcome == Outcome::Conflict).then(current),
            reasons: &self.reasons,
        }
    }
}

/// Decides on an update.
pub(in crate::kernel) fn decide(case: &Case<'_, '_, '_, StateUpdates>, view: &impl View, out: &mut Effects) -> Outcome {
    let decided = deliberate(case, view, out);
    finish(case, decided, out)
}

/// Decides on an update. `out` has the entity and what the change emits; where there are reasons, what was to be.
pub(in crate::kernel) fn deliberate<'r, 'a, 'v>(
    case: &Case<'r, '_, 'a, StateUpdates>,
    view: &'v impl View,
    out: &mut Effects,
) -> Deliberation<'r, 'a, 'v> {
    let mut decided = begin(case, out);
    decided.admitted_whole = decided.reasons.is_empty();
    if decided.admitted_whole {
        decided.outcome = update(case, view, &mut decided, out);
    }
    decided
}

/// Decides on an update whose effects the broker refuses, alone in their batch.
pub(in crate::kernel) fn refuse(case: &Case<'_, '_, '_, StateUpdates>, reason: Reason, out: &mut Effects) -> Outcome {
    let mut decided = begin(case, out);
    decided.reasons.push(reason);
    decided.outcome = Outcome::Failed;
    finish(case, decided, out)
}

/// What is against an update that is written to its partition, as far as that can be said without the entities: every
/// breach but those of a patched state, and of what its change emits, and another module than its owner.
#[must_use]
pub fn check_update(rules: &Rules, record: Record<'_, StateUpdates>, now: Timestamp) -> Vec<Reason> {
    let (mut observed, mut reasons) = (Observed::default(), Vec::new());
    let admitted = admit(&Case { rules, record: &record, now }, &mut observed, &mut reasons);
    if let Some(Update { body: body @ UpdateBody::Put(_), .. }) = &admitted.update {
        let contract = admitted.entity_type.map(|entity_type| &entity_type.contract);
        let _ = apply(rules, contract, (None, *body), (&mut observed, &mut reasons));
    }
    if let (true, Some(update)) = (reasons.is_empty(), &admitted.update) {
        reasons.extend(foreign(admitted.envelope.source_module.as_deref(), update));
    }
    reasons
}

/// Why a module may not write this state, if it may not.
fn foreign(by: Option<&str>, update: &Update<'_>) -> Option<Reason> {
    let message = || format!("only the module `{0}` may write the state of `{0}`", update.module);
    (by != Some(&*update.module)).then(|| Reason::new(ReasonCode::WrongOwner, message()))
}

fn begin<'r, 'a, 'v>(case: &Case<'r, '_, 'a, StateUpdates>, out: &mut Effects) -> Deliberation<'r, 'a, 'v> {
    out.clear();
    let (mut observed, mut reasons) = (Observed::default(), Vec::new());
    let admitted = admit(case, &mut observed, &mut reasons);
    out.observed = Observed { operation: admitted.operation, ..observed };
    Deliberation {
        admitted,
        outcome: Outcome::Invalid,
        reasons,
        version: None,
        admitted_whole: false,
        met: None,
        first: None,
        emitted: SmallVec::new(),
    }
}

/// Owner, repetition, version, contract, facts: only for a record without a breach.
fn update<'r, 'v>(
    case: &Case<'r, '_, '_, StateUpdates>,
    view: &'v impl View,
    decided: &mut Deliberation<'r, '_, 'v>,
    out: &mut Effects,
) -> Outcome {
    let Deliberation { admitted, reasons, version, met, first, emitted, .. } = decided;
    // Nothing is missing from an update without a breach.
    let (Some(event), Some(update)) = (admitted.envelope.event(), &admitted.update) else { return Outcome::Invalid };
    let by = admitted.envelope.source_module.as_deref().unwrap_or_default();
    if let Some(reason) = foreign(Some(by), update) {
        reasons.push(reason);
        return Outcome::Denied;
    }
    let scope = update_scope(event.tenant, by);
    let remember = match view.look(&scope, event.id) {
        Look::New(key) => key,
        Look::Seen => {
            *first = view.settlement(&scope, event.id);
            *version = first.map(|first| first.version);
            return Outcome::Duplicate;
        }
    };
    *met = view.entity(&admitted.key).and_then(|value| Entity::read(value).ok());
    let at = met.as_ref().map_or(Version::ABSENT, |met| met.written.version);
    // The entity itself remembers its last update, for as long as it lives.
    if met.as_ref().is_some_and(|met| met.written.event_id == event.id && met.written.by.module == by) {
        *first = Some(Settlement { outcome: Outcome::StateChanged, version: at });
        *version = Some(at);
        return Outcome::Duplicate;
    }
    let settle = |outcome, version, out: &mut Effects| {
        out.remember = Some(remember);
        out.settlement = Some(Settlement { outcome, version });
        outcome
    };
    let nothing_to_delete = met.is_none() && update.body == UpdateBody::Delete;
    if nothing_to_delete || update.expected.is_some_and(|expected| expected != at) {
        *version = Some(at);
        return settle(Outcome::Conflict, at, out);
    }
    let contract = admitted.entity_type.map(|entity_type| &entity_type.contract);
    let old = met.as_ref().map(|met| under_todays_names(contract, &met.state));
    let old = old.as_deref();
    let new = apply(case.rules, contract, (old, update.body), (&mut out.observed, reasons));
    if !reasons.is_empty() {
        return Outcome::Invalid;
    }
    let written = Written {
        version: at.next(),
        at: case.now,
        by: Author { module: by.into(), user: event.user.map(Into::into) },
        event_id: event.id.into(),
    };
    let new = new.as_deref();
    write(case, (admitted, &written, new), out, reasons);
    if let Some(entity_type) = admitted.entity_type
        && reasons.is_empty()
    {
        let metadata = admitted.envelope.metadata.raw.unwrap_or("{}");
        let operation = update.body.operation();
        let version = written.version;
        let change = Change { case, entity_type, event, metadata, operation, update, version, old, new };
        match change.emit(out, reasons) {
            Ok(facts) => *emitted = facts,
            Err(outcome) => return outcome,
        }
    }
    if !reasons.is_empty() {
        return Outcome::Failed;
    }
    *version = Some(written.version);
    settle(Outcome::StateChanged, written.version, out)
}

/// The record of the state topic, where it takes it.
fn write(
    case: &Case<'_, '_, '_, StateUpdates>,
    (admitted, written, new): (&Admitted<'_, '_>, &Written<'_>, Option<&str>),
    out: &mut Effects,
    reasons: &mut Vec<Reason>,
) {
    let key = out.write(|bytes| bytes.extend_from_slice(&admitted.key));
    let span = out.write(|bytes| match new {
        Some(state) => Entity { written: written.clone(), state: state.into() }.push(bytes),
        None => written.push(bytes),
    });
    let (size, takes) = (key.len() + span.len(), case.rules.topology.state.entities);
    if size > takes.room() {
        let message = format!("the entity has {size} bytes, and its topic takes {}", takes.max_message_bytes);
        return reasons.push(Reason::new(ReasonCode::DerivedTooLarge, message));
    }
    let write = if new.is_some() { EntityWrite::Value(span) } else { EntityWrite::Tombstone(span) };
    out.entity = Some(PutEntity { partition: case.record.partition, key, write });
}

/// Buries what is dead, answers, and audits what was decided.
fn finish(case: &Case<'_, '_, '_, StateUpdates>, mut decided: Deliberation<'_, '_, '_>, out: &mut Effects) -> Outcome {
    if matches!(decided.outcome, Outcome::Invalid | Outcome::Failed | Outcome::Loop) {
        out.take_back();
        decided.version = None;
        decided.emitted.clear();
        let tenant = decided.admitted.envelope.tenant_id.as_deref();
        dead_letter::bury(case.rules, case.record, tenant, &decided.reasons, out);
    }
    answer::reply(case, &decided, out);
    if case.rules.catalogue.settings.audit.mode == AuditMode::On {
        answer::audit(case, &decided, out);
    }
    decided.outcome
}
