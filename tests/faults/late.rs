//! A request that the network mislaid is delivered in the middle of the next transaction. Of what it can do there, some
//! is beyond the Kafka client, and these tests expect it: docs/faults.md says what that means.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use crate::cluster::{audited, behind, proxy, settled};
use crate::proxy::{Api, Fate, Frame, Proxy, Way};
use crate::seed::schedule;
use crate::support::{Bus, Follower, Sent, eventually, oracle, read, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

/// A router behind a proxy that mislays a request.
struct Late {
    bus: Bus,
    proxy: Proxy,
    audit: Follower,
}

impl Late {
    fn new(name: &str) -> Self {
        let proxy = proxy();
        // One partition: one worker has all transactions.
        let (bus, audit) = behind(&proxy, name, 1);
        Self { bus, proxy, audit }
    }

    /// Mislays the `nth` such request, whose connection breaks, so that the client sends it again; and holds the next
    /// transaction when all its records are written.
    fn mislay(&self, wanted: fn(&Frame) -> bool, nth: usize) -> Mislaid<'_> {
        let (open, is_open) = sync_channel(1);
        let (mut seen, mut ended, mut written) = (0, false, false);
        self.proxy.rule(move |frame| {
            match (frame.way, frame.api) {
                (Way::Request, _) if seen < nth && wanted(frame) => {
                    seen += 1;
                    if seen == nth {
                        return Fate::Keep;
                    }
                }
                (Way::Reply, Api::EndTxn) if seen == nth => ended = true,
                (Way::Reply, Api::Produce) if ended => written = true,
                (Way::Request, Api::AddOffsetsToTxn) if written => {
                    open.try_send(()).ok();
                    return Fate::After(PATIENCE);
                }
                _ => {}
            }
            Fate::Pass
        });
        Mislaid { proxy: &self.proxy, is_open }
    }
}

/// A request that is on its way for too long.
struct Mislaid<'p> {
    proxy: &'p Proxy,
    /// The next transaction has records.
    is_open: Receiver<()>,
}

impl Mislaid<'_> {
    /// Delivers it into the next transaction; the broker's answer.
    fn deliver(self) -> Frame {
        self.is_open.recv_timeout(PATIENCE).expect("the next transaction has records");
        let mut answers = self.proxy.deliver();
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }
}

fn produces(frame: &Frame) -> bool {
    frame.api == Api::Produce
}

fn commits(frame: &Frame) -> bool {
    frame.api == Api::EndTxn && !frame.aborts()
}

/// The limit of the guarantee that the README states. All transactions of a producer have one epoch (librdkafka speaks
/// the first version of Kafka's transactions), so an EndTxn that comes late ends the next one, and shows its records
/// without their positions. If the router dies before it has committed these as well, their facts come again. The ledger
/// knows those whose audit records became visible; dead letters are in no ledger.
#[test]
fn a_late_end_txn_and_a_crash_double_dead_letters_and_no_command() {
    let nth = schedule("a_late_end_txn_and_a_crash", |random| random.between(2, 8));
    let mut late = Late::new("late");
    let mut router = late.bus.router("a");
    let sent = while_flowing(&late.bus, 10, 10, || {
        let answer = late.mislay(commits, nth).deliver();
        assert_eq!(answer.end_txn_error(), 0, "the broker takes it");
        router.kill();
    });
    late.bus.through = None;
    let router = late.bus.router("a");
    audited(&late.audit, sent.len() + 1, PATIENCE);
    let findings = eventually("nothing is missing", PATIENCE, || {
        let findings = findings(&late.bus, &sent);
        let missing = |finding: &String| finding.ends_with(" is missing") || finding.ends_with("was not audited");
        (!findings.iter().any(missing)).then_some(findings)
    });
    router.stop();
    assert_ne!(findings, Vec::<String>::new(), "the hazard is gone: say so in the README and in docs/faults.md");
    let doubled = |finding: &String| {
        // The second audit record says `duplicate`, and names nothing derived.
        ["is audited twice", "outcome duplicate for", "audit names 0 derived events of", "2 dead letters"]
            .iter()
            .any(|text| finding.contains(text))
    };
    let other: Vec<_> = findings.iter().filter(|finding| !doubled(finding)).collect();
    assert_eq!(other, Vec::<&String>::new(), "dead letters and audit records are doubled, and nothing else");
}

/// The same without a crash: the rest of that transaction is committed in another one, and all is well.
#[test]
fn a_late_end_txn_alone_does_no_harm() {
    let nth = schedule("a_late_end_txn_alone", |random| random.between(2, 8));
    unharmed("alone", commits, nth);
}

/// Records have sequence numbers, so the broker knows one that it has already.
#[test]
fn a_late_produce_does_no_harm() {
    let nth = schedule("a_late_produce", |random| random.between(2, 8));
    unharmed("produce", produces, nth);
}

fn unharmed(name: &str, wanted: fn(&Frame) -> bool, nth: usize) {
    let late = Late::new(name);
    let router = late.bus.router("a");
    let sent = while_flowing(&late.bus, 10, 10, || {
        late.mislay(wanted, nth).deliver();
        late.proxy.go_on();
        let before = late.audit.count();
        audited(&late.audit, before + 200, PATIENCE);
    });
    settled(&late.audit, sent.len(), PATIENCE);
    router.stop();
    late.bus.judge(&sent);
}

fn findings(bus: &Bus, sent: &[Sent]) -> Vec<String> {
    let facts = &sent[0].topic;
    let outputs: Vec<_> = read::topics(&bus.broker, &bus.prefix).into_iter().filter(|name| name != facts).collect();
    oracle::judge(&bus.prefix, sent, &read::drain(&bus.broker, &outputs))
}
