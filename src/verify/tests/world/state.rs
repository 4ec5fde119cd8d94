//! State in the world: two lives of one entity, and updates that changed nothing.

use std::sync::Arc;

use super::{CATALOGUE, World};
use crate::catalogue::{AuditMode, compile};
use crate::ids::derived_event_id;
use crate::kernel::{Rules, Topology};
use crate::verify::{Floor, Reach};

impl World {
    /// Updates at offsets 20 to 26 that were decided on: 1, 2 (which emits), 3 (which deletes), 1 again; a conflict, a
    /// repetition, and one that is invalid.
    pub(in super::super) fn with_state(mode: AuditMode) -> Self {
        let mut world = Self::new(mode);
        for topic in ["revbus.state_updates", "a.changed"] {
            let topic = world.scope.topics.number(topic).unwrap();
            let reach = Reach { from: 20, to: 30, end: 200, position: 30, floor: Floor::Offset(20), hidden: false };
            world.scope.sources.insert((topic, 0), reach);
        }
        world.changed(20, "put", 1);
        world.changed(21, "patch", 2);
        world.changed(22, "delete", 3);
        world.changed(23, "put", 1);
        world.update(24, "put");
        world.decision(24, "put", "conflict", r#","version":1"#);
        world.update(25, "put");
        world.rename("u25", "u20");
        world.decision(25, "put", "duplicate", r#","version":1"#);
        world.rename("u25", "u20");
        world.write("revbus.state_updates", 26, "nonsense");
        world.decided_on("revbus.state_updates", 26);
        world
    }

    /// The catalogue at hand is a later one, under which no change emits anything.
    pub(in super::super) fn emits_no_more(&mut self) {
        let later = CATALOGUE
            .replace("        emits:\n          a.changed:\n            map:\n              id: entity.id\n", "");
        assert_ne!(later, CATALOGUE);
        let catalogue = compile("topics.yaml", &later).0.unwrap();
        let topology = Topology::unlimited(&catalogue);
        self.rules = Rules::new(Arc::new(catalogue), topology);
    }

    /// The record that was written last has the id of another update.
    fn rename(&mut self, from: &str, to: &str) {
        let last = self.records.last_mut().unwrap();
        last.value = last.value.replace(from, to);
    }

    fn update(&mut self, offset: i64, operation: &str) {
        let body = match operation {
            "put" => r#","state":{"n":1}"#,
            "patch" => r#","patch":{"n":1}"#,
            _ => "",
        };
        let data = format!(r#"{{"module":"a","entity_type":"account","entity_id":"e"{body}}}"#);
        let id = format!(r#""event_id":"u{offset}","event_type":"state.{operation}","tenant_id":"t""#);
        self.write("revbus.state_updates", offset, &format!(r#"{{{id},"payload":{{"data":{data}}}}}"#));
    }

    /// An update, the value that it made, its audit record, and a fact where there was a state before.
    fn changed(&mut self, offset: i64, operation: &str, version: u64) {
        self.update(offset, operation);
        self.value(offset, operation, version);
        let emitted = if operation == "patch" { self.emitted(offset, operation) } else { String::new() };
        self.decision(offset, operation, "state_changed", &format!(r#","version":{version}{emitted}"#));
    }

    fn value(&mut self, offset: i64, operation: &str, version: u64) {
        let by = r#""written_at":"2024-01-15T10:00:00.000Z","written_by":{"module":"a"}"#;
        let written = format!(r#"{{"v":1,"version":{version},{by},"event_id":"u{offset}""#);
        self.write("revbus.state", offset, &format!("{written},\"state\":{{}}}}"));
        let record = self.records.last_mut().unwrap();
        record.key = "t/a/account/e".to_owned();
        if operation == "delete" {
            record.value.clear();
            record.headers = vec![(b"revbus.state".to_vec(), Some(format!("{written}}}").into_bytes()))];
        }
    }

    /// The fact of a change; gives what its audit record says of it. It is routed to nobody.
    fn emitted(&mut self, offset: i64, operation: &str) -> String {
        let update = format!("u{offset}");
        let id = format!("evt_{}", derived_event_id("t", &format!("state.{operation}"), &update, "a.changed"));
        let event = format!(
            r#"{{"event_id":"{id}","tenant_id":"t","payload":{{"data":{{}},"metadata":{{"causation_id":"{update}"}}}}}}"#
        );
        self.write("a.changed", offset, &event);
        self.audited("a.changed", offset, "no_trigger", &format!(r#","event_id":"{id}","tenant_id":"t""#));
        self.records.last_mut().unwrap().place.offset += 100;
        format!(r#","derived":[{{"trigger":"state:account","event_id":"{id}","event_type":"a.changed"}}]"#)
    }

    /// A fact that was emitted came back from the dead letters.
    pub(in super::super) fn replayed(&mut self, offset: i64, to: i64) {
        self.copy("a.changed", offset, to);
        self.records.last_mut().unwrap().headers = vec![(b"revbus.dead.replays".to_vec(), Some(b"1".to_vec()))];
        self.audited("a.changed", to, "no_trigger", "");
        self.records.last_mut().unwrap().place.offset += 100;
    }

    fn decision(&mut self, offset: i64, operation: &str, outcome: &str, more: &str) {
        let event = format!(r#","event_id":"u{offset}","event_type":"state.{operation}","tenant_id":"t"{more}"#);
        self.audited("revbus.state_updates", offset, outcome, &event);
    }

    fn audited(&mut self, topic: &str, offset: i64, outcome: &str, more: &str) {
        if self.scope.audit == AuditMode::On {
            let source = format!(r#"{{"topic":"{topic}","partition":0,"offset":{offset}}}"#);
            self.write(
                "revbus.audit",
                offset,
                &format!(r#"{{"v":1,"at":"1970-01-01T00:00:01Z","outcome":"{outcome}","source":{source}{more}}}"#),
            );
        }
    }

    /// Tombstones of this offset and before may be gone.
    pub(in super::super) fn buried(&mut self, offset: i64) {
        self.scope.buried = Self::time(offset) + 1;
    }
}
