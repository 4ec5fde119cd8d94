//! The group's coordinator goes while a transaction is given its positions. librdkafka then waits for it without an end,
//! whatever the timeout of the call says (its issues 5456 and 5511): the router gives the call up, and waits by itself.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::cluster::{audited, behind, proxy, settled};
use crate::proxy::{Api, Fate, Way};
use crate::support::{eventually, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn positions_that_no_coordinator_takes_are_given_up() {
    let proxy = proxy();
    let (bus, audit) = behind(&proxy, "coordinator", 1);
    let mut router = bus.router("a");
    let sent = while_flowing(&bus, 20, 20, || {
        audited(&audit, 100, PATIENCE);
        let (gone, is_gone) = sync_channel(1);
        let mut is_down = false;
        proxy.rule(move |frame| {
            if !is_down && (frame.way, frame.api) == (Way::Request, Api::TxnOffsetCommit) {
                is_down = true;
                gone.try_send(()).ok();
            }
            if is_down { Fate::Cut } else { Fate::Pass }
        });
        is_gone.recv_timeout(PATIENCE).expect("a batch gives its positions");
        eventually("the call is given up", PATIENCE, || {
            assert_eq!(router.ended(), None, "the router waits for the brokers");
            router.output().contains("did not come back in its time").then_some(())
        });
        proxy.up();
        let before = audit.count();
        audited(&audit, before + 200, PATIENCE);
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
