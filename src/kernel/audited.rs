//! The audit record of a decision: exactly one for each (AU-1), and never too large for its topic.

use super::decide::{Case, Deliberation};
use super::{Effects, Placement, Produce, Rules, SourceTopic as _, Span, Topic, dead_letter};
use crate::audit::{self, Decision, Derivation, Extent, PayloadOf};
use crate::catalogue::ControlTopic;
use crate::ids;
use crate::reason::ReasonCode;
use crate::schema::Hidden;

/// The audit record, on the partition number of its source record (decision 62).
pub(super) fn push(case: &Case<'_, '_, '_>, decided: &Deliberation<'_, '_>, out: &mut Effects) {
    let Case { rules, record, now } = *case;
    let Deliberation { admitted, outcome, reasons, routed } = decided;
    let catalogue = &rules.catalogue;
    let decision = Decision {
        at: now,
        outcome: *outcome,
        topic: record.topic.topic(rules),
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
        version: None,
        expected: None,
        replays: dead_letter::replays(record),
        edited: dead_letter::is_edited(record),
    };
    produce(rules, &decision, out);
}

/// Writes the audit record of a decision.
pub(super) fn produce(rules: &Rules, decision: &Decision<'_, '_>, out: &mut Effects) {
    let (key, value) = write(rules, decision, out);
    out.produce.push(Produce {
        topic: Topic::Control(ControlTopic::Audit),
        placement: Placement::Partition(decision.partition),
        key,
        value,
        headers: (0, 0),
    });
}

/// Writes the longest audit record that its topic takes: one that it does not would stop the partition.
fn write(rules: &Rules, decision: &Decision<'_, '_>, out: &mut Effects) -> (Option<Span>, Span) {
    let settings = &rules.catalogue.settings.audit;
    // A payload that is not what its contract says, or has none, may hold a secret where no contract would look for it.
    let plain = decision.reasons.is_empty() && decision.known_type.is_some();
    let hidden = rules.hidden();
    let hidden = if plain { hidden } else { Hidden { listed: hidden.strays, ..hidden } };
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
