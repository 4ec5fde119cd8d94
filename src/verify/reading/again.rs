//! A fact is decided on again: the kernel is a pure function, so what it gave once it gives always. What depends on more
//! than fact and catalogue is left to the judges: the time, what was decided before, what the topics of the cluster take.

use super::{Reading, Seen, half, id_group, read};
use crate::envelope::Envelope;
use crate::ids::RecordOffset;
use crate::kernel::{self, Effects, Input, NoMemory, Topic};
use crate::time::Timestamp;
use crate::verify::{Entry, Out, Pile, Verdict, What, digest};

impl Reading<'_> {
    /// Puts what is derived from a fact on the pile of derived events; gives the verdict as a number, and from when on the
    /// fact's own time does not lie too far ahead.
    pub(super) fn again(
        &self,
        seen: &Seen<'_>,
        source: &Entry,
        envelope: &Envelope<'_>,
        out: &mut impl Out,
    ) -> (u64, i64) {
        let Some(topic) = self.scope.topics.event_type(seen.place.topic) else { return (0, i64::MIN) };
        let record = kernel::Record {
            topic,
            partition: seen.place.partition,
            offset: RecordOffset(seen.place.offset),
            timestamp: None,
            key: seen.key,
            value: seen.value,
            headers: &[],
        };
        let own = envelope.timestamp.map(|(own, _)| own);
        let mut effects = Effects::new();
        let now = own.unwrap_or(Timestamp::from_millis(0));
        let outcome = kernel::decide(self.rules, &NoMemory, Input::Record(record), now, &mut effects);
        let mut ids = Vec::new();
        for produce in effects.produced() {
            let Topic::Event(target) = produce.topic else { continue };
            let derived = read(Some(effects.bytes(produce.value)));
            let group = derived.event_id.as_deref().map_or(0, id_group);
            ids.push(group);
            let on = self.scope.topics.of_type(target);
            let more = content(produce.key.map(|key| effects.bytes(key)), &derived);
            out.put(Pile::Derived, Entry { group, what: What::Again, on, more, ..*source });
        }
        let max_future = i64::try_from(self.rules.catalogue.settings.max_future.as_millis()).unwrap_or(i64::MAX);
        let not_ahead_from = own.map_or(i64::MIN, |own| own.millis().saturating_sub(max_future));
        (Verdict::new(outcome, false, &ids).pack(), not_ahead_from)
    }
}

/// What stands for the content of a derived event: all that follows from its fact, and so not the time.
pub(super) fn content(key: Option<&[u8]>, envelope: &Envelope<'_>) -> u64 {
    let metadata = &envelope.metadata;
    let texts = [
        &envelope.event_type,
        &envelope.source_module,
        &envelope.tenant_id,
        &envelope.user_id,
        &envelope.correlation_id,
        &metadata.causation_id,
        &metadata.root_id,
    ];
    let mut parts: Vec<_> = texts.iter().map(|text| text.as_deref().unwrap_or_default().as_bytes()).collect();
    let hops = metadata.hops.to_be_bytes();
    let data = envelope.data.as_ref().and_then(|data| data.raw).unwrap_or_default();
    parts.extend([key.unwrap_or_default(), &hops, data.as_bytes()]);
    half(digest(&parts))
}
