//! What went back is marked, and a mark that nobody can read yet is no reason to send twice.

use std::time::Duration;

use rdkafka::producer::Producer as _;

use crate::support::cluster::text;
use crate::support::letters::{FACT, dlq, letter, mend, replay};
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
