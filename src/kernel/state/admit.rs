//! The checks that need no state: text, envelope, type, tenant, time, and what the update says. All breaches are
//! collected (decision 60).

use crate::catalogue::{Catalogue, EntityType, StateMode};
use crate::envelope::{self, Envelope};
use crate::kernel::admit::{Admission, text};
use crate::kernel::decide::Case;
use crate::kernel::effects::Observed;
use crate::kernel::{Rules, StateUpdates, partition_of};
use crate::reason::{Reason, ReasonCode, shorten};
use crate::state::{Operation, ReplyTo, Update};

/// An update as far as it could be read; a valid one where no reasons were found.
#[derive(Debug, Default)]
pub(super) struct Admitted<'r, 'a> {
    pub(super) envelope: Envelope<'a>,
    pub(super) operation: Option<Operation>,
    pub(super) update: Option<Update<'a>>,
    /// Its entity type, where it is declared.
    pub(super) entity_type: Option<&'r EntityType>,
    /// The key of its entity.
    pub(super) key: Vec<u8>,
    pub(super) reply_to: Option<ReplyTo<'a>>,
}

/// Runs all checks and adds every breach to `reasons`.
pub(super) fn admit<'r, 'a>(
    case: &Case<'r, '_, 'a, StateUpdates>,
    observed: &mut Observed,
    reasons: &mut Vec<Reason>,
) -> Admitted<'r, 'a> {
    let rules = case.rules;
    let Some(text) = text(&rules.catalogue, case.record.value, reasons) else { return Admitted::default() };
    let envelope = envelope::read(text, reasons);
    let mut admission = Admission { catalogue: &rules.catalogue, place: None, reasons, observed };
    let operation = operation(&mut admission, &envelope);
    admission.tenant(&envelope);
    admission.time(&envelope, case.now);
    let update = operation.zip(envelope.data.as_ref());
    let update = update.and_then(|(operation, data)| Update::read(operation, data, admission.reasons));
    let mut admitted = Admitted { envelope, operation, ..Admitted::default() };
    if let Some(update) = update {
        admitted.entity_type = declared(&rules.catalogue, &update, &mut admission);
        admitted.key = key(case, (&update, &admitted.envelope), &mut admission).unwrap_or_default();
        admitted.update = Some(update);
    }
    admitted.reply_to = reply_to(rules, &admitted.envelope, &mut admission);
    admitted
}

fn operation(admission: &mut Admission<'_>, envelope: &Envelope<'_>) -> Option<Operation> {
    let name = envelope.event_type.as_deref()?;
    let operation = Operation::of_event_type(name);
    if operation.is_none() && admission.catalogue.resolve(name).is_some() {
        let message = format!("`{}` does not belong on the topic of state updates", shorten(name));
        admission.breach(ReasonCode::WrongTopic, message);
    } else if operation.is_none() {
        let message = format!("`{}` is no update: those are state.put, state.patch and state.delete", shorten(name));
        admission.breach(ReasonCode::UnknownType, message);
    }
    operation
}

/// The entity type, where it is declared; a breach where it is not and must be.
fn declared<'r>(
    catalogue: &'r Catalogue,
    update: &Update<'_>,
    admission: &mut Admission<'_>,
) -> Option<&'r EntityType> {
    let declared = catalogue.entity_type(&update.module, &update.entity_type);
    if declared.is_some() {
        return declared;
    }
    let (module, name) = (shorten(&update.module), shorten(&update.entity_type));
    if catalogue.module_named(&update.module).is_none() {
        let message = format!("the catalogue has no module `{module}`");
        admission.breach(ReasonCode::UnknownEntityType, message);
    } else if catalogue.settings.state_mode == StateMode::Declared {
        let message = format!("the module `{module}` declares no entity type `{name}`, and `state_mode` is not open");
        admission.breach(ReasonCode::UnknownEntityType, message);
    }
    None
}

/// The key of the entity, where the record has it, and stands where it belongs: on any other partition another worker
/// would decide on the same entity.
fn key(
    case: &Case<'_, '_, '_, StateUpdates>,
    (update, envelope): (&Update<'_>, &Envelope<'_>),
    admission: &mut Admission<'_>,
) -> Option<Vec<u8>> {
    let key = match update.key(envelope.tenant_id.as_deref()?) {
        Ok(key) => key.to_bytes(),
        Err(fault) => {
            admission.breach(ReasonCode::EntityInvalid, format!("the update names no entity: {fault}"));
            return None;
        }
    };
    let partition = partition_of(&key, case.rules.topology.state.updates.partitions);
    let keyed = case.record.key == Some(&*key);
    if !keyed {
        admission.observed.foreign_key = true;
    }
    if case.record.partition != partition {
        let what = if keyed {
            "the producer must place keys by murmur2, as the Java clients do (librdkafka: `partitioner=murmur2_random`)"
        } else {
            "the record's key must be `tenant/module/type/id`, each part percent-encoded where it must be"
        };
        let message = format!(
            "the record stands on partition {}, and the updates of its entity on {partition}: {what}",
            case.record.partition
        );
        admission.breach(ReasonCode::RecordKeyMismatch, message);
    }
    Some(key)
}

fn reply_to<'a>(rules: &Rules, envelope: &Envelope<'a>, admission: &mut Admission<'_>) -> Option<ReplyTo<'a>> {
    let to = match ReplyTo::read(envelope.metadata.raw) {
        Ok(to) => to?,
        Err(sentence) => {
            admission.breach(ReasonCode::PayloadInvalid, sentence.to_owned());
            return None;
        }
    };
    let partitions = rules.topology.state.replies.partitions;
    if to.partition >= partitions {
        let message = format!(
            "`payload.metadata.reply_partition` is {}, and the topic of replies has {partitions} partitions",
            to.partition
        );
        admission.breach(ReasonCode::PayloadInvalid, message);
        return None;
    }
    Some(to)
}

/// The partition of updates on which the value of an update belongs; `None` where it names no entity.
#[must_use]
pub fn partition_of_update(rules: &Rules, value: &[u8]) -> Option<i32> {
    let mut reasons = Vec::new();
    let envelope = envelope::read(std::str::from_utf8(value).ok()?, &mut reasons);
    let operation = Operation::of_event_type(envelope.event_type.as_deref()?)?;
    let update = Update::read(operation, envelope.data.as_ref()?, &mut reasons)?;
    let key = update.key(envelope.tenant_id.as_deref()?).ok()?.to_bytes();
    Some(partition_of(&key, rules.topology.state.updates.partitions))
}
