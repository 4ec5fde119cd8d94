//! A new catalogue in a running router: between two transactions, or not at all.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::observe::{get, post};
use crate::support::edition::{digest, expect_by_digest, replace};
pub use crate::support::http::metric;
use crate::support::oracle::Expect;
use crate::support::{Bus, Cluster, Follower, Outgoing, Sender, Sent, eventually, facts, read, while_flowing};

const LATEST: Duration = Duration::from_secs(120);

/// What `pipeline.deal_won` triggers once the forecast is not told any more.
pub const FEWER: &[&str] = &["compensation.calculate", "customer_success.onboard"];

/// The catalogue of a bus with one trigger less. A module stands in front of all others, with a command: every event
/// type has another index than before.
pub fn fewer(text: &str) -> String {
    let front = "modules:\n  aside:\n    name: Aside\n    actions:\n      aside.note: {payload: {note: string}}\n";
    text.replace("          - forecast.validate\n", "").replacen("modules:\n", front, 1)
}

/// The catalogue of a bus with one more fact of one partition, in front of all others, and its command.
pub fn wider(text: &str) -> String {
    let front = "modules:\n  leads:\n    name: Leads\n    outbound:\n      leads.found:\n        key: lead_id\n        \
                 partitions: 1\n        payload: {lead_id: string}\n        triggers: [leads_desk.call]\n  leads_desk:\n    name: Leads Desk\n    \
                 actions:\n      leads_desk.call: {key: lead_id, payload: {lead_id: string}}\n";
    text.replacen("modules:\n", front, 1)
}

/// A fact of the wider catalogue.
pub fn lead(bus: &Bus, sequence: usize) -> (Outgoing, Expect) {
    let mut fact = facts::deal_won(sequence);
    fact["event_type"] = json!("leads.found");
    fact["source_module"] = json!("leads");
    fact["payload"] = json!({"data": {"lead_id": format!("lead_{sequence}")}});
    let key = format!("{}/lead_{sequence}", fact["tenant_id"].as_str().unwrap());
    (bus.outgoing("leads.found", &key, fact.to_string()), facts::routed(&fact, &["leads_desk.call"]))
}

/// The text of the catalogue as it is.
pub fn text(bus: &Bus) -> String {
    fs::read_to_string(&bus.catalogue).unwrap()
}

/// Waits until so many records are audited.
pub fn audited(bus: &Bus, count: usize) {
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually(&format!("{count} records are audited"), LATEST, || (audit.count() >= count).then_some(()));
}

fn revoked(address: &str) -> Option<i64> {
    metric(address, "revbus_rebalances_total{kind=\"revoked\"}")
}

fn reload(address: &str, text: &str) {
    let answer = (200, format!("the catalogue {} decides\n", digest(text)));
    assert_eq!(post(address, "/-/reload"), answer);
}

#[test]
fn reloads_in_mid_load_give_every_fact_the_commands_of_the_catalogue_that_its_audit_record_names() {
    let bus = Bus::lean(Cluster::shared(), "reload", 4);
    let (first, second) = (text(&bus), fewer(&text(&bus)));
    fs::write(&bus.catalogue, &second).unwrap();
    bus.apply();
    fs::write(&bus.catalogue, &first).unwrap();
    let mut router = bus.router("a");
    let address = router.address();
    let mut probes: Vec<(String, Sent)> = Vec::new();
    let mut sent = while_flowing(&bus, 100, 20, || {
        let (sender, audit) = (Sender::new(&bus.broker), Follower::of(&bus.broker, &[bus.topic("revbus.audit")]));
        eventually("facts flow", LATEST, || (audit.count() > 200).then_some(()));
        let members = || (read::members(&bus.broker, &bus.group()) == Some(2)).then_some(());
        eventually("both workers are members", LATEST, members);
        let rebalances = revoked(&address);
        for round in 0..8 {
            let now = if round % 2 == 0 { &second } else { &first };
            replace(&bus.catalogue, now);
            reload(&address, now);
            // Whatever is sent after the answer is decided by the new one, on every partition.
            let (at, before) = (1_000_000 + 4 * round, audit.count());
            let records = (0..4).map(|partition| facts::probe(&bus, at + partition, partition as i32)).collect();
            probes.extend(facts::send(&sender, records).into_iter().map(|probe| (digest(now), probe)));
            eventually("facts flow on", LATEST, || (audit.count() > before + 100).then_some(()));
        }
        assert_eq!(revoked(&address), rebalances, "a change of triggers alone is no rebalance");
    });
    let flowed = sent.len();
    sent.extend(probes.iter().map(|(_, probe)| probe.clone()));
    audited(&bus, sent.len());
    let info = format!("revbus_catalogue_info{{digest=\"{}\"}}", digest(&first));
    assert_eq!(metric(&address, &info), Some(1));
    assert_eq!(metric(&address, "revbus_catalogue_reloads_total{result=\"taken\"}"), Some(8));
    // Event types have other indices in each catalogue, and each fact is counted once, under its own.
    let won = sent.iter().filter(|fact| matches!(fact.expect, Expect::Routed { .. })).count();
    let outcome = |code| {
        metric(&address, &format!("revbus_decisions_total{{event_type=\"pipeline.deal_won\",outcome=\"{code}\"}}"))
    };
    let counted = || (outcome("routed") == i64::try_from(won).ok()).then_some(());
    eventually("every routed fact is counted, once", LATEST, counted);
    assert_eq!(
        metric(&address, "revbus_derived_events_total{event_type=\"compensation.calculate\"}"),
        outcome("routed")
    );
    router.stop();
    let editions = [(digest(&first), facts::DEAL_WON), (digest(&second), FEWER)];
    let counts = expect_by_digest(&bus, &mut sent, &editions);
    assert!(counts.len() == 2 && counts.values().all(|count| *count > flowed / 20), "{counts:?}");
    for ((due, _), probe) in probes.iter().zip(&sent[flowed..]) {
        let (_, triggers) = editions.iter().find(|(known, _)| known == due).unwrap();
        let Expect::Routed { triggers: found, .. } = &probe.expect else { unreachable!() };
        assert_eq!(found, triggers, "decided by an older catalogue after the reload was answered");
    }
    bus.judge(&sent);
}

#[test]
fn what_is_refused_leaves_the_old_catalogue_in_force() {
    let bus = Bus::lean(Cluster::shared(), "refused", 2);
    let good = text(&bus);
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it routes", LATEST, || (metric(&address, "revbus_partitions_assigned") == Some(2)).then_some(()));
    assert_eq!(post(&address, "/-/reload"), (200, format!("unchanged: the catalogue {} decides\n", digest(&good))));
    let ask = || post(&address, "/-/reload").0;
    let codes: Vec<u16> = thread::scope(|scope| {
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(codes, [200; 20], "however many ask at once");
    let wrong = good.replace("- forecast.validate", "- forecast.valid");
    let moved = good.replacen(&format!("topic_prefix: {}", bus.prefix), "topic_prefix: elsewhere.", 1);
    for (text, says) in [
        (wrong.as_str(), &["error[RB", "topics.yaml:", "did you mean `forecast.validate`"][..]),
        (
            &format!("{good}audit: {{mode: off}}\nduplicate_ids: 5\n"),
            &["`audit.mode` was on and is off", "`duplicate_ids`"],
        ),
        (&moved, &["the consumer group and the transactional ids", "needs a restart"]),
        (&wider(&good), &["2 topics are missing", "leads.found", "leads_desk.call", "revbus topics apply --catalogue"]),
    ] {
        replace(&bus.catalogue, text);
        let (code, body) = post(&address, "/-/reload");
        assert_eq!(code, 422, "{body}");
        for part in says {
            assert!(body.contains(part), "no `{part}` in {body}");
        }
        assert!(router.output().contains(body.split_once('\n').unwrap().1), "the log says it too");
    }
    assert_eq!(metric(&address, "revbus_catalogue_reloads_total{result=\"refused\"}"), Some(4));
    assert_eq!(metric(&address, "revbus_catalogue_reload_failed"), Some(1));
    assert_eq!(metric(&address, &format!("revbus_catalogue_info{{digest=\"{}\"}}", digest(&good))), Some(1));
    let mut sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..50, 10));
    audited(&bus, sent.len());

    replace(&bus.catalogue, &good);
    assert_eq!(post(&address, "/-/reload").0, 200);
    assert_eq!(metric(&address, "revbus_catalogue_reload_failed"), Some(0));
    router.stop();
    let counts = expect_by_digest(&bus, &mut sent, &[(digest(&good), facts::DEAL_WON)]);
    assert_eq!(counts.len(), 1);
    bus.judge(&sent);
}

#[test]
fn facts_come_and_go_with_the_catalogue_and_none_is_lost() {
    let bus = Bus::lean(Cluster::shared(), "widen", 2);
    let (narrow, wide) = (text(&bus), wider(&text(&bus)));
    let mut router = bus.router("a");
    let address = router.address();
    let sender = Sender::new(&bus.broker);
    let assigned = |count| {
        eventually(&format!("{count} partitions are assigned"), LATEST, || {
            (metric(&address, "revbus_partitions_assigned") == Some(count)).then_some(())
        });
    };
    assigned(2);
    replace(&bus.catalogue, &wide);
    assert_eq!(post(&address, "/-/reload").0, 422, "its topics are missing");
    bus.apply();
    let mut sent = facts::send(&sender, (0..20).map(|n| lead(&bus, n)).collect());
    reload(&address, &wide);
    assigned(3);
    audited(&bus, 20);
    // They go, and what is sent meanwhile waits for their return; the rest flows on.
    replace(&bus.catalogue, &narrow);
    reload(&address, &narrow);
    assigned(2);
    sent.extend(facts::send(&sender, (20..40).map(|n| lead(&bus, n)).collect()));
    sent.extend(facts::send(&sender, facts::mixed(&bus, 0..40, 10)));
    audited(&bus, 60);
    // There and back at once, many times over: whatever the group is at when the next one comes.
    for (text, round) in [&wide, &narrow].into_iter().cycle().zip(0..9) {
        replace(&bus.catalogue, text);
        reload(&address, text);
        sent.extend(facts::send(&sender, (40 + round..41 + round).map(|n| lead(&bus, n)).collect()));
        sent.extend(facts::send(&sender, facts::mixed(&bus, 40 + round..41 + round, 10)));
    }
    assigned(3);
    audited(&bus, sent.len());
    router.stop();
    bus.judge(&sent);
}

#[test]
fn a_storm_is_over_with_the_catalogue_that_ends_it() {
    let bus = Bus::lean(Cluster::shared(), "mended", 1);
    let mended = text(&bus).replace("final_amount: {type: number, aliases: [amount]}", "final_amount: string");
    let mut router = bus.router("a");
    let address = router.address();
    let sender = Sender::new(&bus.broker);
    let odd = |n: usize, expect: Expect| {
        let (record, _) = facts::probe(&bus, n, 0);
        let mut fact = facts::deal_won(n);
        fact["payload"]["data"]["final_amount"] = json!("a lot");
        let expect = if matches!(expect, Expect::Dead(_)) { expect } else { facts::routed(&fact, facts::DEAL_WON) };
        (Outgoing { value: Some(fact.to_string().into_bytes()), ..record }, expect)
    };
    let dead = || Expect::Dead("field_invalid");
    // As many as make a storm: with more, how many of them die depends on where batches end.
    let mut sent = facts::send(&sender, (0..1000).map(|n| odd(n, dead())).collect());
    eventually("it is stopped", LATEST, || {
        let (code, body) = get(&address, "/readyz");
        (code == 503 && body.contains("dead letters")).then_some(())
    });
    sent.extend(facts::send(&sender, (1000..1020).map(|n| odd(n, Expect::Audited("routed"))).collect()));
    replace(&bus.catalogue, &mended);
    reload(&address, &mended);
    audited(&bus, sent.len());
    eventually("it is ready", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));
    router.stop();
    bus.judge(&sent);
}
