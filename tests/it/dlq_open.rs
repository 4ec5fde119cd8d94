//! What went back is marked, and a mark that nobody can read yet is no reason to send twice.

use std::time::Duration;

use rdkafka::Offset;
use rdkafka::producer::Producer as _;
use serde_json::json;

use crate::support::cluster::text;
use crate::support::letters::{FACT, dlq, ids, letter, mend, once, replay};
use crate::support::{Bus, Cluster, Sender};

#[test]
fn nothing_goes_back_while_a_transaction_may_hide_what_went_back_before() {
    let bus = Bus::lean(Cluster::shared(), "hidden", 1);
    mend(&bus);
    Sender::new(&bus.broker).send(&[letter(&bus, (0, 0), &[]), letter(&bus, (1, 0), &[])]);
    let open = bus.open_transaction("revbus.replays");
    // The preview reads what there is.
    assert_eq!(replay(&bus, &[], 0)["goes"], 2);
    let refused = dlq(&bus, "replay", &["--yes"]);
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("a transaction is open on") && said.contains("revbus.replays"), "{said}");
    assert!(bus.drain(FACT).is_empty());
    open.abort_transaction(Duration::from_secs(60)).unwrap();
    assert_eq!(replay(&bus, &["--yes"], 0)["goes"], 2);
    assert_eq!(bus.drain(FACT).len(), 2);
}

#[test]
fn what_may_have_gone_back_under_a_mark_that_was_removed_stays() {
    let bus = Bus::lean(Cluster::shared(), "removed", 1);
    mend(&bus);
    let sender = Sender::new(&bus.broker);
    sender.send(&[0, 1, 2].map(|n| letter(&bus, (n, 0), &[])));
    for _ in 0..2 {
        assert_eq!(replay(&bus, &["--yes", "--max", "1"], 0)["goes"], 1);
    }
    // The first mark; the second is there, and says what went back by it.
    bus.delete_records("revbus.replays", Offset::Offset(1));
    for report in [replay(&bus, &[], 1), replay(&bus, &["--yes"], 1)] {
        assert_eq!((&report["goes"], &report["stays"]), (&json!(0), &json!({"sent_back": 1, "mark_gone": 2})));
    }
    assert_eq!(ids(&bus.drain(FACT)), once(0..2));
    let said = text(&dlq(&bus, "show", &["0/2"]));
    assert!(said.contains("it may have gone back before: younger marks were removed from revbus.replays"), "{said}");
    // Who knows that it did not says so.
    assert_eq!(replay(&bus, &["0/2", "--unmarked", "--yes"], 0)["goes"], 1);
    assert_eq!(ids(&bus.drain(FACT)), once(0..3));
    // Where no mark is left, nobody knows when they were written.
    bus.delete_records("revbus.replays", Offset::End);
    assert_eq!(replay(&bus, &["--yes"], 1)["stays"], json!({"mark_gone": 3}));
}

#[test]
fn nothing_goes_back_where_marks_are_compacted() {
    let bus = Bus::lean(Cluster::shared(), "compacted", 1);
    mend(&bus);
    Sender::new(&bus.broker).send(&[letter(&bus, (0, 0), &[])]);
    let topic = bus.topic("revbus.replays");
    bus.broker.set_on_topic(&topic, "cleanup.policy=compact");
    for arguments in [&[][..], &["--yes"]] {
        let refused = dlq(&bus, "replay", arguments);
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        let way_out = format!("`revbus topics apply --yes --shorten {topic}`");
        assert!(said.contains("revbus.replays is compacted") && said.contains(&way_out), "{said}");
    }
    assert!(bus.drain(FACT).is_empty());
    let applied = bus.command(&["topics", "apply", "--yes", "--shorten", &topic]).output().unwrap();
    assert!(applied.status.success(), "{}", text(&applied));
    assert_eq!(replay(&bus, &["--yes"], 0)["goes"], 1);
}
