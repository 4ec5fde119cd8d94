//! Facts in the world, and what the router writes of them: the kernel says it.

use super::World;
use crate::ids::{RecordOffset, derived_event_id};
use crate::kernel::{self, Effects, Input, NoMemory, Topic};
use crate::time::Timestamp;

impl World {
    pub(in super::super) fn fact(&mut self, offset: i64) {
        self.fact_as(offset, offset);
    }

    pub(in super::super) fn fact_as(&mut self, offset: i64, id: i64) {
        let data = r#"{"data":{"id":"e"}}"#;
        let event = format!(r#"{{"event_id":"f{id}","event_type":"a.fact","source_module":"a","tenant_id":"t""#);
        let fact = format!(r#"{event},"timestamp":"1970-01-01T00:00:00Z","payload":{data}}}"#);
        self.write("a.fact", offset, &fact);
    }

    pub(in super::super) fn routed(&mut self, offset: i64) {
        self.routed_as(offset, offset);
    }

    /// A fact of this id, what came of it, and its audit record, all at one offset.
    pub(in super::super) fn routed_as(&mut self, offset: i64, id: i64) {
        self.fact_as(offset, id);
        self.decided(offset);
    }

    /// What the router writes of a fact that is there.
    pub(in super::super) fn decided(&mut self, offset: i64) {
        let topic = self.rules.catalogue.resolve("a.fact").unwrap().id();
        let fact = self.at("a.fact", offset);
        let (key, value) = (fact.key.clone().into_bytes(), fact.value.clone().into_bytes());
        let (key, value) = (Some(&*key), Some(&*value));
        let place = RecordOffset(offset);
        let record = kernel::Record { topic, partition: 0, offset: place, timestamp: None, key, value, headers: &[] };
        let (mut effects, now) = (Effects::new(), Timestamp::from_millis(Self::time(offset)));
        kernel::decide(&self.rules, &NoMemory, Input::Record(record), now, &mut effects);
        if effects.dead_letter().is_some() {
            self.letter(offset, offset);
        }
        for produce in effects.produced() {
            let topic = match produce.topic {
                Topic::Event(id) => self.rules.catalogue.event_type(id).topic.name.to_string(),
                Topic::Control(topic) => topic.name().to_owned(),
            };
            let text = |span| String::from_utf8(effects.bytes(span).to_vec()).unwrap();
            self.write(&topic, offset, &text(produce.value));
            self.records.last_mut().unwrap().key = produce.key.map(text).unwrap_or_default();
        }
    }

    pub(super) fn refused(&mut self, offset: i64) {
        self.write("a.fact", offset, "nonsense");
        self.decided(offset);
    }

    /// Takes away what the router wrote of the fact at an offset.
    pub(in super::super) fn undecide(&mut self, offset: i64) {
        for topic in ["b.act", "b.maybe", "revbus.dead_letters", "revbus.audit"] {
            let topic = self.scope.topics.number(topic).unwrap();
            self.records.retain(|one| (one.place.topic, one.place.offset) != (topic, offset));
        }
    }

    /// An audit record of the fact at an offset, in the place of what is there of it.
    pub(in super::super) fn forge(&mut self, offset: i64, outcome: &str) {
        self.undecide(offset);
        let source = format!(r#"{{"topic":"a.fact","partition":0,"offset":{offset}}}"#);
        let event = format!(r#""event_id":"f{offset}","event_type":"a.fact","tenant_id":"t""#);
        let catalogue = self.rules.catalogue.digest.as_str();
        let record = format!(
            r#"{{"v":1,"at":"1970-01-01T00:00:01Z","outcome":"{outcome}","source":{source},{event},"catalogue":"{catalogue}"}}"#
        );
        self.write("revbus.audit", offset, &record);
    }

    /// The partition that the dead letter at an offset names.
    pub(in super::super) fn of_partition(&mut self, offset: i64, partition: &str) {
        self.at("revbus.dead_letters", offset).headers[1].1 = Some(partition.into());
    }

    /// The dead letter at an offset is of a topic that is gone, and was decided on under this catalogue.
    pub(in super::super) fn dead_elsewhere(&mut self, offset: i64, catalogue: Option<&str>) {
        let headers = &mut self.at("revbus.dead_letters", offset).headers;
        headers[0].1 = Some("a.gone".into());
        headers.extend(catalogue.map(|digest| ("revbus.dead.catalogue".into(), Some(digest.into()))));
    }

    /// The id of the command that a trigger derives from the fact at an offset.
    pub(in super::super) fn derived_id(&self, offset: i64, trigger: &str) -> String {
        format!("evt_{}", derived_event_id("t", "a.fact", &format!("f{offset}"), trigger))
    }

    /// The catalogue's digest.
    pub(in super::super) fn digest(&self) -> String {
        self.rules.catalogue.digest.as_str().to_owned()
    }
}
