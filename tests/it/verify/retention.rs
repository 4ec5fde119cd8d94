//! Records that are gone: by retention, by hand, before and after they were read.

use std::time::Duration;

use rdkafka::Offset;

use super::verdict::{is_clean, verify};
use super::{COMMAND, FACT, routed};
use crate::support::{Bus, Cluster, Follower, Sender, eventually, facts};

#[test]
fn what_was_deleted_to_make_room_is_no_damage_and_what_somebody_deleted_is() {
    let bus = Bus::lean(Cluster::shared(), "retention", 1);
    routed(&bus, 40);
    for (topic, before) in [(COMMAND, 10), ("revbus.audit", 20), (FACT, 5)] {
        bus.delete_records(topic, Offset::Offset(before));
        let notes = is_clean(&bus, &[]).json["notes"].to_string();
        assert!(notes.contains(&bus.topic(topic)), "{notes}");
    }
    // Retention takes nothing that is younger than the catalogue says.
    bus.delete_records("forecast.validate", Offset::End);
    let verdict = verify(&bus, &[]);
    assert_eq!((verdict.code, verdict.found().into_keys().collect::<Vec<_>>()), (1, vec!["torn".to_owned()]));
    assert!(verdict.said(&bus).contains("as routed, and the event is not on"), "{}", verdict.json);
}

#[test]
fn what_was_deleted_before_it_was_read_is_told() {
    let bus = Bus::lean(Cluster::shared(), "unread", 1);
    routed(&bus, 10);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 10..20, 1000));
    bus.delete_records(FACT, Offset::Offset(15));
    let router = bus.router("a");
    eventually("the rest is audited", Duration::from_secs(60), || (audit.count() >= 15).then_some(()));
    router.stop();
    let notes = is_clean(&bus, &[]).json["notes"].to_string();
    assert!(notes.contains(&format!("{}/0 from 10 to 14", bus.topic(FACT))), "{notes}");
}
