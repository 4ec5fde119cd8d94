//! Single dead letters, named by their places.

use serde_json::{Value, json};

use crate::support::cluster::text;
use crate::support::letters::{FACT, dlq, letter, replay};
use crate::support::{Bus, Cluster, Outgoing, Sender};

#[test]
fn what_is_named_by_its_place_goes_back_alone_and_can_be_given_an_id() {
    let bus = Bus::lean(Cluster::shared(), "named", 1);
    let no_id = letter(&bus, (1, 0), &[]);
    let without: Value = serde_json::from_slice(no_id.value.as_deref().unwrap()).unwrap();
    let without =
        Value::from_iter(without.as_object().unwrap().clone().into_iter().filter(|(name, _)| name != "event_id"));
    let no_id = Outgoing { value: Some(without.to_string().into()), ..no_id };
    Sender::new(&bus.broker).send(&[letter(&bus, (0, 0), &[]), no_id, letter(&bus, (2, 0), &[])]);
    let none = dlq(&bus, "replay", &["0/2", "0/9", "--yes"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).contains("no dead letter lies at 0/9"), "{}", text(&none));
    assert_eq!(replay(&bus, &["0/2", "0/0", "0/2"], 0)["goes"], 2);
    let held = replay(&bus, &["0/0", "--edit", "event_id = \"e\"", "--yes"], 1);
    assert_eq!(held["stays"], json!({"not_editable": 1}), "an event keeps its id");
    assert_eq!(replay(&bus, &["0/1", "--edit", "event_id = \"given\"", "--yes"], 0)["goes"], 1);
    assert_eq!(replay(&bus, &["0/2", "0/1", "--yes"], 0)["stays"], json!({"sent_back": 1}));
    let back = bus.drain(FACT);
    assert_eq!(back.iter().map(|record| record.json()["event_id"].clone()).collect::<Vec<_>>(), ["given", "evt_2"]);
    let rest = replay(&bus, &["--yes"], 0);
    assert_eq!([&rest["goes"], &rest["stays"]], [&json!(1), &json!({"sent_back": 2})]);
}
