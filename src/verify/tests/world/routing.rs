//! Facts in the world, and what the router writes of them: the kernel says it.

use super::World;
use crate::audit;
use crate::ids::{RecordOffset, derived_event_id};
use crate::kernel::{self, Effects, Input, NoMemory, StateUpdates, Topic};
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
        self.decided_on("a.fact", offset);
    }

    /// What the router writes of a fact or an update that is there.
    pub(super) fn decided_on(&mut self, topic: &str, offset: i64) {
        let source = self.at(topic, offset);
        let (key, value) = (source.key.clone(), source.value.clone());
        let effects = self.decide(topic, offset);
        if let Some(letter) = effects.dead_letter() {
            self.write("revbus.dead_letters", offset, &value);
            let headers = letter.headers.iter();
            let headers =
                headers.map(|(name, value)| (Vec::from(*name), Some(effects.bytes(*value).to_vec()))).collect();
            let letter = self.records.last_mut().unwrap();
            (letter.key, letter.headers) = (key, headers);
        }
        for produce in effects.produced() {
            let topic = match produce.topic {
                Topic::Event(id) => self.rules.catalogue.event_type(id).topic.name.to_string(),
                Topic::Control(topic) => topic.name().to_owned(),
            };
            let headers = effects.headers_of(produce);
            let headers = headers.map(|(name, value)| (Vec::from(name), Some(value.to_vec()))).collect();
            let text = |span| String::from_utf8(effects.bytes(span).to_vec()).unwrap();
            self.write(&topic, offset, &text(produce.value));
            let written = self.records.last_mut().unwrap();
            (written.key, written.headers) = (produce.key.map(text).unwrap_or_default(), headers);
        }
    }

    fn decide(&mut self, topic: &str, offset: i64) -> Effects {
        let source = self.at(topic, offset);
        let (key, value) = (source.key.clone().into_bytes(), source.value.clone().into_bytes());
        let headers: Vec<_> = source.headers.clone();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
        let record = kernel::Record {
            topic: StateUpdates,
            partition: 0,
            offset: RecordOffset(offset),
            timestamp: Some(Timestamp::from_millis(source.time)),
            key: Some(&*key),
            value: Some(&*value),
            headers: &headers,
        };
        let input = match self.rules.catalogue.resolve(topic) {
            Some(fact) => Input::Record(record.on(fact.id())),
            None => Input::Update(record),
        };
        let (mut effects, now) = (Effects::new(), Timestamp::from_millis(Self::time(offset)));
        kernel::decide(&self.rules, &NoMemory, input, now, &mut effects);
        effects
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
        let effects = self.decide("a.fact", offset);
        let produced = effects.produced().last().unwrap();
        let key = produced.key.map(|key| String::from_utf8(effects.bytes(key).to_vec()).unwrap()).unwrap_or_default();
        let audit = effects.bytes(produced.value);
        let mut audit: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(audit).unwrap();
        for list in ["derived", "not_fired", "reasons"] {
            audit.remove(list);
        }
        audit.insert("outcome".to_owned(), outcome.into());
        self.write("revbus.audit", offset, &serde_json::Value::from(audit).to_string());
        self.records.last_mut().unwrap().key = key;
    }

    /// A dead letter of the fact at an offset, as far as that and an audit record of it are there.
    pub(in super::super) fn letter(&mut self, offset: i64, of: i64) {
        let on = |topic: &str| self.scope.topics.number(topic).unwrap();
        let (facts, audits) = (on("a.fact"), on("revbus.audit"));
        let audit = self.records.iter().filter(|one| one.place.topic == audits);
        let mut audit = audit.filter_map(|one| audit::Record::read(one.value.as_bytes()));
        let audit = audit.find(|audit| audit.source.offset == of);
        let said = |text: fn(&audit::Record<'_>) -> String| audit.as_ref().map(text).unwrap_or_default();
        let headers = [
            ("topic", "a.fact".to_owned()),
            ("partition", "0".to_owned()),
            ("offset", of.to_string()),
            ("timestamp", Timestamp::from_millis(Self::time(of)).to_rfc3339()),
            ("reason", said(|audit| audit.reasons.iter().map(|why| &*why.code).collect::<Vec<_>>().join(","))),
            ("tenant", said(|audit| audit.tenant_id.as_deref().unwrap_or_default().to_owned())),
            ("catalogue", said(|audit| audit.catalogue.as_deref().unwrap_or_default().to_owned())),
        ];
        let headers = headers.map(|(name, value)| (format!("revbus.dead.{name}").into(), Some(value.into())));
        let fact = self.records.iter().find(|one| (one.place.topic, one.place.offset) == (facts, of));
        let value = fact.map(|fact| fact.value.clone()).unwrap_or_default();
        self.write("revbus.dead_letters", offset, &value);
        self.records.last_mut().unwrap().headers = headers.into();
    }

    /// The partition that the dead letter at an offset names.
    pub(in super::super) fn of_partition(&mut self, offset: i64, partition: &str) {
        self.retell(offset, "revbus.dead.partition", partition);
    }

    /// Changes what a header of the dead letter at an offset says.
    pub(in super::super) fn retell(&mut self, offset: i64, header: &str, says: &str) {
        let headers = &mut self.at("revbus.dead_letters", offset).headers;
        let header = headers.iter_mut().find(|(name, _)| name == header.as_bytes()).unwrap();
        header.1 = Some(says.into());
    }

    /// The dead letter at an offset is of a topic that is gone, and was decided on under this catalogue.
    pub(in super::super) fn dead_elsewhere(&mut self, offset: i64, catalogue: Option<&str>) {
        let headers = &mut self.at("revbus.dead_letters", offset).headers;
        headers.retain(|(name, _)| name != b"revbus.dead.topic" && name != b"revbus.dead.catalogue");
        headers.push(("revbus.dead.topic".into(), Some("a.gone".into())));
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
