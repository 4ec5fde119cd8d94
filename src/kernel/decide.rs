//! The one function that decides.

use smallvec::SmallVec;

use super::admit::{Admitted, Place, admit};
use super::fire::{self, Fired, Firing};
use super::{Effects, Input, Placement, Produce, Record, Rules, Span, Topic, View, dead_letter};
use crate::audit::{self, Decision, Derivation, Extent, PayloadOf};
use crate::catalogue::{AuditMode, ControlTopic, Kind};
use crate::ids;
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::time::Timestamp;
use crate::trigger::Trigger;

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
    let Input::Record(record) = input;
    let Deliberation { admitted, outcome, reasons, routed } = deliberate(rules, view, &record, now, out);
    finish(rules, (&record, &admitted), (outcome, &reasons, routed), now, out);
    outcome
}

/// All checks and all triggers: what they say, and in `out` what they derive.
pub(super) fn deliberate<'r, 'a>(
    rules: &'r Rules,
    view: &impl View,
    record: &Record<'a>,
    now: Timestamp,
    out: &mut Effects,
) -> Deliberation<'r, 'a> {
    let mut reasons = Vec::new();
    let admitted = begin(rules, record, now, &mut reasons, out);
    let mut routed = Routed::default();
    let outcome = if reasons.is_empty() {
        route(rules, view, (record, &admitted), now, (out, &mut routed, &mut reasons))
    } else {
        Outcome::Invalid
    };
    Deliberation { admitted, outcome, reasons, routed }
}

/// Decides on a record whose effects the broker refuses, alone in their batch: it becomes a dead letter, whatever the
/// rules would say, so that it cannot stop its partition.
pub fn refuse(rules: &Rules, input: Input<'_>, now: Timestamp, out: &mut Effects) -> Outcome {
    let Input::Record(record) = input;
    let mut reasons = Vec::new();
    let admitted = begin(rules, &record, now, &mut reasons, out);
    let message = "the broker refuses what comes of this record, such as a batch beyond a topic's max.message.bytes";
    reasons.push(Reason::new(ReasonCode::ProduceRefused, message));
    finish(rules, (&record, &admitted), (Outcome::Failed, &reasons, Routed::default()), now, out);
    Outcome::Failed
}

fn begin<'a>(
    rules: &Rules,
    record: &Record<'a>,
    now: Timestamp,
    reasons: &mut Vec<Reason>,
    out: &mut Effects,
) -> Admitted<'a> {
    out.clear();
    let mut observed = super::Observed::default();
    let place = Place { topic: record.topic, key: record.key };
    let admitted = admit(&rules.catalogue, (record.value, Some(place)), now, &mut observed, reasons);
    out.observed = observed;
    admitted
}

/// Buries what has reasons against it, and audits what was decided.
fn finish(
    rules: &Rules,
    (record, admitted): (&Record<'_>, &Admitted<'_>),
    (outcome, reasons, mut routed): (Outcome, &[Reason], Routed<'_>),
    now: Timestamp,
    out: &mut Effects,
) {
    if !reasons.is_empty() {
        out.take_back();
        routed = Routed::default();
        dead_letter::bury(rules, record, admitted.envelope.tenant_id.as_deref(), reasons, out);
    }
    if rules.catalogue.settings.audit.mode == AuditMode::On {
        push_audit(rules, (record, admitted), (outcome, reasons, &routed), now, out);
    }
}

/// Duplicate, hops, triggers: only for a record without a breach.
fn route<'r, 'a>(
    rules: &'r Rules,
    view: &impl View,
    (record, admitted): (&Record<'a>, &Admitted<'a>),
    now: Timestamp,
    (out, routed, reasons): (&mut Effects, &mut Routed<'r>, &mut Vec<Reason>),
) -> Outcome {
    let source = fire::source(rules, record.topic);
    let Kind::Fact(fact) = &source.kind else { return Outcome::NoTrigger };
    // Nothing is missing from an envelope without a breach.
    let Some(event) = admitted.envelope.event() else { return Outcome::Invalid };
    if view.seen(record.topic, event.tenant, event.id) {
        return Outcome::Duplicate;
    }
    let firing = Firing { rules, record, source, admitted, event, now };
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
    let limit = rules.catalogue.settings.max_hops;
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
    match (reasons.is_empty(), routed.fired.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::NoTrigger,
        (true, false) => Outcome::Routed,
    }
}

/// The audit record, on the partition number of its source record (decision 62).
fn push_audit(
    rules: &Rules,
    (record, admitted): (&Record<'_>, &Admitted<'_>),
    (outcome, reasons, routed): (Outcome, &[Reason], &Routed<'_>),
    now: Timestamp,
    out: &mut Effects,
) {
    let catalogue = &rules.catalogue;
    let source = fire::source(rules, record.topic);
    let decision = Decision {
        at: now,
        outcome,
        topic: &source.topic.name,
        partition: record.partition,
        offset: record.offset,
        envelope: &admitted.envelope,
        known_type: admitted.event_type.map(|id| {
            let event_type = catalogue.event_type(id);
            (&*event_type.name, &event_type.contract)
        }),
        catalogue: catalogue.digest.as_str(),
        reasons,
        derived: routed
            .fired
            .iter()
            .map(|fired| Derivation {
                trigger: &fired.trigger.id,
                id: fired.id,
                event_type: &catalogue.event_type(fired.trigger.emit).name,
            })
            .collect(),
        not_fired: routed.not_fired.iter().map(|trigger| &*trigger.id).collect(),
        value: record.value,
        replays: dead_letter::replays(record),
    };
    let (key, value) = write_audit(rules, &decision, out);
    out.produce.push(Produce {
        topic: Topic::Control(ControlTopic::Audit),
        placement: Placement::Partition(record.partition),
        key,
        value,
        headers: (0, 0),
    });
}

/// Writes the longest audit record that its topic takes: one that it does not would stop the partition.
fn write_audit(rules: &Rules, decision: &Decision<'_, '_>, out: &mut Effects) -> (Option<Span>, Span) {
    let settings = &rules.catalogue.settings.audit;
    // A payload that is not what its contract says may hold a secret where no contract would look for it.
    let hidden = if decision.reasons.is_empty() { &*settings.redact } else { rules.redacted_anywhere() };
    let room = rules.topology.audit.room();
    // Half of a surrogate pair would make the whole audit record unreadable.
    let first = usize::from(decision.reasons.iter().any(|reason| reason.code == ReasonCode::LoneSurrogate));
    let mut written = (None, out.write(|_| {}));
    for extent in &Extent::ALL[first..] {
        let start = out.bytes.len();
        let key = audit::key(decision, *extent);
        let key = key.map(|(tenant, root)| out.write(|bytes| ids::push_key(bytes, tenant, root)));
        let payload = PayloadOf { what: settings.payload, hidden, extent: *extent };
        written = (key, out.write(|bytes| audit::write(decision, payload, bytes)));
        if out.bytes.len() - start <= room {
            break;
        }
        if *extent != Extent::Bare {
            out.observed.audit_payload_left_out = true;
            out.bytes.truncate(start);
        }
    }
    written
}
