//! What an update leaves beside its change: the answer to who asked, and its audit record.

use super::decide::Deliberation;
use crate::audit::{Decision, Derivation};
use crate::catalogue::ControlTopic;
use crate::envelope::{self, Derived};
use crate::ids;
use crate::kernel::decide::Case;
use crate::kernel::{Effects, Placement, Produce, SourceTopic as _, Span, StateUpdates, Topic, audited, dead_letter};
use crate::reason::cut;
use crate::state::{Answer, Current};

/// The part of a reply's derived id that stands for a trigger.
const REPLY: &str = "reply";
/// The longest text of the envelope, in bytes, in a reply that would not fit as it is.
const MAX_BARE_TEXT: usize = 512;
/// The reserved module that replies come from.
const SOURCE_MODULE: &str = "state";

/// Answers, where an answer is asked for and it is known whom and about what.
pub(super) fn reply(case: &Case<'_, '_, '_, StateUpdates>, decided: &Deliberation<'_, '_, '_>, out: &mut Effects) {
    let envelope = &decided.admitted.envelope;
    let (Some(to), Some(tenant)) = (&decided.admitted.reply_to, envelope.tenant_id.as_deref()) else { return };
    if envelope.event_id.is_none() {
        return;
    }
    let start = out.bytes.len();
    let key = out.write(|bytes| ids::push_key(bytes, tenant, &to.client_id));
    let answer = decided.answer();
    let mut value = write(case, (decided, tenant, usize::MAX), &answer, out);
    // A state that fits into its own topic may not fit into this one, and a producer may make some texts as long as it
    // likes, which is never a reason to stop a partition.
    let room = case.rules.topology.state.replies.room();
    if key.len() + value.len() > room {
        out.bytes.truncate(start + key.len());
        let current = answer.current.map(|current| Current { state: None, ..current });
        value = write(case, (decided, tenant, MAX_BARE_TEXT), &Answer { current, reasons: &[], ..answer }, out);
    }
    if key.len() + value.len() > room {
        return;
    }
    out.produce.push(Produce {
        topic: Topic::Control(ControlTopic::Replies),
        placement: Placement::Partition(to.partition),
        key: Some(key),
        value,
        headers: (0, 0),
    });
}

fn write(
    case: &Case<'_, '_, '_, StateUpdates>,
    (decided, tenant, most): (&Deliberation<'_, '_, '_>, &str, usize),
    answer: &Answer<'_>,
    out: &mut Effects,
) -> Span {
    let envelope = &decided.admitted.envelope;
    let update_type = decided.admitted.operation.map_or("state.update", |operation| operation.event_type());
    let event_type = format!("{update_type}.{}", answer.status());
    let update_id = envelope.event_id.as_deref().unwrap_or_default();
    let root = cut(envelope.root().unwrap_or_default(), most);
    let derived = Derived {
        id: ids::derived_event_id(tenant, update_type, update_id, REPLY),
        event_type: &event_type,
        action: event_type.strip_prefix("state.").unwrap_or_default(),
        source_module: SOURCE_MODULE,
        target_module: envelope.source_module.as_deref().map(|module| cut(module, most)),
        tenant,
        user: envelope.user_id.as_deref().map(|user| cut(user, most)),
        timestamp: case.now,
        correlation: envelope.correlation_id.as_deref().map_or(root, |correlation| cut(correlation, most)),
        causation: update_id,
        root,
        hops: envelope.metadata.hops.saturating_add(1),
        trigger: None,
        catalogue: case.rules.catalogue.digest.as_str(),
        timeout_seconds: None,
    };
    out.write(|bytes| envelope::write(&derived, bytes, |bytes| answer.push(bytes)))
}

/// The audit record.
pub(super) fn audit(case: &Case<'_, '_, '_, StateUpdates>, decided: &Deliberation<'_, '_, '_>, out: &mut Effects) {
    let Case { rules, record, now } = *case;
    let decision = Decision {
        at: now,
        outcome: decided.outcome,
        topic: record.topic.topic(rules),
        partition: record.partition,
        offset: record.offset,
        envelope: &decided.admitted.envelope,
        // An update's data is no event type's: what a contract hides is hidden by name.
        known_type: None,
        catalogue: rules.catalogue.digest.as_str(),
        reasons: &decided.reasons,
        derived: decided
            .emitted
            .iter()
            .map(|one| Derivation { trigger: &one.trigger, id: one.id, event_type: &one.fact.name })
            .collect(),
        not_fired: smallvec::SmallVec::new(),
        value: record.value,
        version: decided.version,
        expected: decided.admitted.update.as_ref().and_then(|update| update.expected),
        replays: dead_letter::replays(record),
        edited: dead_letter::is_edited(record),
    };
    audited::produce(rules, &decision, out);
}
