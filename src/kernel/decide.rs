//! The one function that decides.

use smallvec::SmallVec;

use super::admit::{Admitted, Place, admit};
use super::fire::{self, Fired, Firing};
use super::{Effects, Input, Look, Record, Rules, View, audited, dead_letter, state};
use crate::catalogue::{AuditMode, Kind};
use crate::ids::TypeId;
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::time::Timestamp;
use crate::trigger::Trigger;

/// What is decided on, and when.
pub(super) struct Case<'r, 'c, 'a, T = TypeId> {
    pub(super) rules: &'r Rules,
    pub(super) record: &'c Record<'a, T>,
    pub(super) now: Timestamp,
}

/// What came of the triggers.
#[derive(Default)]
pub(super) struct Routed<'r> {
    pub(super) fired: SmallVec<[Fired<'r>; 4]>,
    pub(super) not_fired: SmallVec<[&'r Trigger; 4]>,
}

/// A decision, before it is turned into a dead letter and an audit record.
pub(super) struct Deliberation<'r, 'a> {
    pub(super) admitted: Admitted<'a>,
    pub(super) outcome: Outcome,
    pub(super) reasons: Vec<Reason>,
    pub(super) routed: Routed<'r>,
}

/// Decides on one input: fills `out` with what is to be done, and says how it ended.
///
/// Pure: the same rules, view, input and time give the same bytes.
pub fn decide(rules: &Rules, view: &impl View, input: Input<'_>, now: Timestamp, out: &mut Effects) -> Outcome {
    match input {
        Input::Record(record) => {
            let case = Case { rules, record: &record, now };
            let deliberation = deliberate(&case, view, out);
            finish(&case, deliberation, out)
        }
        Input::Update(record) => state::decide(&Case { rules, record: &record, now }, view, out),
    }
}

/// Decides on a record whose effects the broker refuses, alone in their batch: it becomes a dead letter, whatever the
/// rules would say, so that it cannot stop its partition.
pub fn refuse(rules: &Rules, input: Input<'_>, now: Timestamp, out: &mut Effects) -> Outcome {
    let message = "the broker refuses what comes of this record, such as a batch beyond a topic's max.message.bytes";
    let reason = Reason::new(ReasonCode::ProduceRefused, message);
    match input {
        Input::Record(record) => {
            let case = Case { rules, record: &record, now };
            let mut deliberation = begin(&case, out);
            deliberation.reasons.push(reason);
            deliberation.outcome = Outcome::Failed;
            finish(&case, deliberation, out)
        }
        Input::Update(record) => state::refuse(&Case { rules, record: &record, now }, reason, out),
    }
}

/// All checks and all triggers: what they say, and in `out` what they derive.
pub(super) fn deliberate<'r, 'a>(case: &Case<'r, '_, 'a>, view: &impl View, out: &mut Effects) -> Deliberation<'r, 'a> {
    let mut deliberation = begin(case, out);
    if deliberation.reasons.is_empty() {
        deliberation.outcome = route(case, view, &mut deliberation, out);
    }
    deliberation
}

/// The checks that every record must pass.
fn begin<'r, 'a>(case: &Case<'r, '_, 'a>, out: &mut Effects) -> Deliberation<'r, 'a> {
    out.clear();
    let record = case.record;
    let mut reasons = Vec::new();
    let mut observed = super::Observed::default();
    let place = Place { topic: record.topic, key: record.key };
    let admitted = admit(&case.rules.catalogue, (record.value, Some(place)), case.now, &mut observed, &mut reasons);
    out.observed = observed;
    Deliberation { admitted, outcome: Outcome::Invalid, reasons, routed: Routed::default() }
}

/// Buries what has reasons against it, and audits what was decided.
fn finish(case: &Case<'_, '_, '_>, mut decided: Deliberation<'_, '_>, out: &mut Effects) -> Outcome {
    if !decided.reasons.is_empty() {
        out.take_back();
        decided.routed = Routed::default();
        let tenant = decided.admitted.envelope.tenant_id.as_deref();
        dead_letter::bury(case.rules, case.record, tenant, &decided.reasons, out);
    }
    if case.rules.catalogue.settings.audit.mode == AuditMode::On {
        audited::push(case, &decided, out);
    }
    decided.outcome
}

/// Duplicate, hops, triggers: only for a record without a breach.
fn route<'r, 'a>(
    case: &Case<'r, '_, 'a>,
    view: &impl View,
    deliberation: &mut Deliberation<'r, 'a>,
    out: &mut Effects,
) -> Outcome {
    let Deliberation { admitted, reasons, routed, .. } = deliberation;
    let source = fire::source(case.rules, case.record.topic);
    let Kind::Fact(fact) = &source.kind else { return Outcome::NoTrigger };
    // Nothing is missing from an envelope without a breach.
    let Some(event) = admitted.envelope.event() else { return Outcome::Invalid };
    let key = match view.look(event.tenant, event.id) {
        Look::Seen => return Outcome::Duplicate,
        Look::New(key) => key,
    };
    let firing = Firing { rules: case.rules, record: case.record, source, admitted, event, now: case.now };
    let texts = fire::needs_facts(&fact.triggers).then(|| firing.texts());
    let facts = texts.as_ref().map(|texts| firing.facts(texts));
    let mut holding: SmallVec<[(usize, &Trigger); 4]> = SmallVec::new();
    for (index, trigger) in fact.triggers.iter().enumerate() {
        match trigger.when.as_ref().zip(facts.as_ref()).map_or(Ok(true), |(when, facts)| when.holds(facts)) {
            Ok(true) => holding.push((index, trigger)),
            Ok(false) => routed.not_fired.push(trigger),
            Err(error) => {
                let text = trigger.when.as_ref().map_or("", |when| when.text());
                let message = format!("trigger {}: `when: {text}` failed: {error}", trigger.id);
                reasons.push(Reason::new(ReasonCode::ConditionFailed, message));
            }
        }
    }
    let limit = case.rules.catalogue.settings.max_hops;
    if event.hops >= limit && !(holding.is_empty() && reasons.is_empty()) {
        reasons.clear();
        let message =
            format!("the event has {} hops behind it, and the limit is {limit}: its triggers close a loop", event.hops);
        reasons.push(Reason::new(ReasonCode::HopLimit, message));
        return Outcome::Loop;
    }
    for trigger in holding {
        routed.fired.extend(firing.derive(trigger, facts.as_ref(), out, reasons));
    }
    if !reasons.is_empty() {
        return Outcome::Failed;
    }
    // A dead letter is never remembered, so its replay is no duplicate.
    out.remember = Some(key);
    if routed.fired.is_empty() { Outcome::NoTrigger } else { Outcome::Routed }
}
