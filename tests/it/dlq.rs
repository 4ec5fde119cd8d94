//! Dead letters come back: listed, shown, sent back once, whatever interrupts it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::cluster::text;
use crate::support::letters::{FACT, answer, dlq, ids, key, letter, mend, once, replay, undated};
use crate::support::record::own_headers;
use crate::support::router::Router;
use crate::support::{Bus, Cluster, Follower, Outgoing, Record, Sender, eventually, facts};

#[test]
fn what_died_is_routed_once_when_its_cause_is_mended() {
    const BAD: usize = 40;
    let bus = Bus::lean(Cluster::shared(), "comeback", 3);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let mut records: Vec<_> =
        (0..BAD).map(undated).map(|fact| bus.outgoing(FACT, &key(&fact), fact.to_string())).collect();
    records[7].headers = vec![(b"\xfe".to_vec(), Some(b"\0".to_vec())), (b"a".to_vec(), None)];
    records.push(bus.outgoing(FACT, "k", "nonsense"));
    Sender::new(&bus.broker).send(&records);
    eventually("all are audited", Duration::from_secs(60), || (audit.count() == records.len()).then_some(()));
    router.stop();

    let listed = answer(&bus, "list", &[], 0);
    let yaml = String::from_utf8(dlq(&bus, "list", &["-o", "yaml"]).stdout).unwrap();
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), listed);
    let counts = |listed: &Value| {
        let groups = listed["groups"].as_array().unwrap().clone();
        let group =
            |g: Value| (g["reasons"].as_str().unwrap().to_owned(), g["dead_letters"].clone(), g["sent_back"].clone());
        groups.into_iter().map(group).collect::<Vec<_>>()
    };
    let (missing, not_json) = ("field_missing".to_owned(), "not_json".to_owned());
    assert_eq!(counts(&listed), [(missing.clone(), json!(BAD), json!(0)), (not_json.clone(), json!(1), json!(0))]);
    let sample = &listed["groups"][0]["samples"][0];
    assert_eq!(sample["message"], "`close_date` is missing");
    let place = format!("{}/{}", sample["place"]["partition"], sample["place"]["offset"]);

    // Not mended yet: everything would only die again.
    let dry = replay(&bus, &[], 0);
    assert_eq!([&dry["goes"], &dry["passes"]], [&json!(BAD + 1), &json!(0)]);
    let again = &dry["groups"].as_array().unwrap().iter().find(|g| g["reasons"] == "field_missing").unwrap()["fails"];
    assert_eq!(again["field_missing"], json!({"count": BAD, "example": "`close_date` is missing"}));
    assert_eq!(answer(&bus, "show", &[&place], 0)["now"]["reasons"], json!(["field_missing"]));

    mend(&bus);
    let shown = answer(&bus, "show", &[&place], 0);
    assert_eq!([&shown["now"]["outcome"], &shown["sent_back"]], [&json!("routed"), &json!(false)]);
    let dry = replay(&bus, &[], 0);
    assert_eq!([&dry["goes"], &dry["passes"]], [&json!(BAD + 1), &json!(BAD)]);
    assert_eq!(bus.drain(FACT).len(), records.len(), "a dry run sends nothing");

    let sent = replay(&bus, &["--only-passing", "--yes"], 0);
    assert_eq!([&sent["goes"], &sent["stays"]], [&json!(BAD), &json!({"would_fail": 1})]);
    let router = bus.router("a");
    eventually("all are routed", Duration::from_secs(60), || (audit.count() == records.len() + BAD).then_some(()));
    router.stop();

    let replays: Vec<_> = audit.seen().iter().map(|(_, record)| record.json()).filter(|a| a["replays"] == 1).collect();
    assert!(replays.len() == BAD && replays.iter().all(|audit| audit["outcome"] == "routed"), "{replays:?}");
    for trigger in facts::DEAL_WON {
        let causes = bus
            .drain(trigger)
            .into_iter()
            .map(|command| command.json()["payload"]["metadata"]["causation_id"].as_str().unwrap().to_owned());
        let causes: Vec<_> = causes.collect();
        assert_eq!(causes.len(), BAD, "{trigger}");
        assert_eq!(causes.into_iter().collect::<BTreeSet<_>>(), once(0..BAD).into_keys().collect(), "{trigger}");
    }
    // What went back is what stood there: partition, key, bytes, headers.
    let stood =
        |record: &Record| (record.partition, record.key.clone(), record.value.clone(), own_headers(&record.headers));
    let (back, first): (Vec<_>, Vec<_>) =
        bus.drain(FACT).into_iter().partition(|record| record.header("revbus.dead.replays") == Some("1"));
    let back: BTreeSet<_> = back.iter().map(stood).collect();
    assert_eq!(
        back,
        first.iter().map(stood).filter(|(_, _, value, _)| value.as_deref() != Some(b"nonsense")).collect()
    );

    let second = replay(&bus, &["--only-passing", "--yes"], 0);
    assert_eq!([&second["goes"], &second["stays"]], [&json!(0), &json!({"sent_back": BAD, "would_fail": 1})]);
    assert_eq!(counts(&answer(&bus, "list", &[], 0))[0], (missing, json!(BAD), json!(BAD)));
    assert_eq!(bus.drain(FACT).len(), records.len() + BAD);
}

#[test]
fn a_replay_killed_in_the_middle_and_run_again_sends_nothing_twice() {
    const LETTERS: usize = 600;
    let bus = Bus::lean(Cluster::shared(), "killed", 3);
    mend(&bus);
    let letters: Vec<_> = (0..LETTERS).map(|n| letter(&bus, (n, (n % 3) as i32), &[])).collect();
    Sender::new(&bus.broker).send(&letters);
    let back = Follower::of(&bus.broker, &[bus.topic(FACT)]);
    // Twice, so that one run goes on behind another that did not end well either.
    for round in 1..=2 {
        let mut command = bus.command(&["dlq", "replay", "--yes", "--rate", "150/s"]);
        command.arg("--since").arg("1h");
        let mut running = Router::spawn(command, &bus.dir.path().join("replay.log"));
        eventually("some went back", Duration::from_secs(60), || (back.count() >= 100 * round).then_some(()));
        assert_eq!(running.ended(), None, "it was to be killed in the middle: {}", running.output());
        running.kill();
    }
    let before = back.count();
    let last = replay(&bus, &["--yes"], 0);
    assert_eq!(last["meant"], LETTERS);
    let (sent, marked) =
        (last["goes"].as_u64().unwrap() as usize, last["stays"]["sent_back"].as_u64().unwrap() as usize);
    assert!(sent + marked == LETTERS && marked >= before && sent > 0, "{before} were there: {last}");
    assert_eq!(ids(&bus.drain(FACT)), once(0..LETTERS));
    assert_eq!(replay(&bus, &["--yes"], 0)["goes"], 0);
}

#[test]
fn what_dies_again_comes_back_until_the_limit() {
    const BAD: usize = 20;
    let bus = Bus::lean(Cluster::shared(), "again", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let sender = Sender::new(&bus.broker);
    for fact in (0..BAD).map(undated) {
        sender.send(&[bus.outgoing(FACT, &key(&fact), fact.to_string())]);
    }
    // Slow, and with next to nothing read ahead: the router is at work meanwhile, and what dies again is not taken up by
    // the run that sent it.
    let slow = ["--rate", "10/s", "--set", "queued.max.messages.kbytes=1", "--set", "fetch.message.max.bytes=1"];
    for round in 1..=3 {
        let dead = || (audit.count() == BAD * round).then_some(());
        eventually("all are dead, for another time", Duration::from_secs(60), dead);
        let report =
            replay(&bus, &[&["--yes", "--max-replays", "2"], &slow[..]].concat(), if round == 3 { 1 } else { 0 });
        let goes = if round == 3 { 0 } else { BAD };
        assert_eq!([&report["meant"], &report["goes"]], [&json!(BAD * round), &json!(goes)], "{round}");
    }
    let report = replay(&bus, &["--max-replays", "2"], 1);
    assert_eq!(report["stays"], json!({"sent_back": 2 * BAD, "too_often": BAD}));
    let said = text(&dlq(&bus, "replay", &["--max-replays", "2"]));
    assert!(said.contains("20 stay: they were sent back too often"), "{said}");
    router.stop();
    let counts: Vec<_> =
        audit.seen().iter().map(|(_, record)| record.json()["replays"].as_u64().unwrap_or(0)).collect();
    assert_eq!((0..3).map(|n| counts.iter().filter(|count| **count == n).count()).collect::<Vec<_>>(), [BAD; 3]);
}

#[test]
fn a_second_replay_ends_the_first() {
    let bus = Bus::lean(Cluster::shared(), "fenced", 1);
    mend(&bus);
    let letters: Vec<_> = (0..200).map(|n| letter(&bus, (n, 0), &[])).collect();
    Sender::new(&bus.broker).send(&letters);
    let back = Follower::of(&bus.broker, &[bus.topic(FACT)]);
    let slow = bus.command(&["dlq", "replay", "--yes", "--rate", "20/s"]);
    let mut slow = Router::spawn(slow, &bus.dir.path().join("replay.log"));
    eventually("some went back", Duration::from_secs(60), || (back.count() >= 10).then_some(()));
    replay(&bus, &["--yes"], 0);
    assert_eq!(slow.exit_within(Duration::from_secs(120)), 4, "{}", slow.output());
    assert_eq!(ids(&bus.drain(FACT)), once(0..200));
}

#[test]
fn a_stop_keeps_what_was_sent_and_says_how_to_go_on() {
    const LETTERS: usize = 300;
    let bus = Bus::lean(Cluster::shared(), "stopped", 1);
    mend(&bus);
    let letters: Vec<_> = (0..LETTERS).map(|n| letter(&bus, (n, 0), &[])).collect();
    Sender::new(&bus.broker).send(&letters);
    let back = Follower::of(&bus.broker, &[bus.topic(FACT)]);
    let slow = bus.command(&["dlq", "replay", "--yes", "--rate", "50/s"]);
    let mut slow = Router::spawn(slow, &bus.dir.path().join("replay.log"));
    eventually("some went back", Duration::from_secs(60), || (back.count() >= 20).then_some(()));
    slow.signal("TERM");
    assert_eq!(slow.exit_within(Duration::from_secs(10)), 0, "{}", slow.output());
    let said = slow.output();
    let sent = bus.drain(FACT).len();
    assert!(said.contains(&format!(": {sent} went back\nstopped before the end: the same command goes on")), "{said}");
    assert_eq!(replay(&bus, &["--yes"], 0)["goes"], LETTERS - sent);
    assert_eq!(ids(&bus.drain(FACT)), once(0..LETTERS));
}

#[test]
fn filters_choose_and_overlapping_ones_send_once() {
    let bus = Bus::lean(Cluster::shared(), "filters", 2);
    mend(&bus);
    let late = [("reason", "timestamp_in_future,field_missing")];
    let letters: Vec<_> =
        (0..60).map(|n| letter(&bus, (n, (n % 2) as i32), if n % 3 == 0 { &late[..] } else { &[] })).collect();
    Sender::new(&bus.broker).send(&letters);
    let goes = |arguments: &[&str]| replay(&bus, arguments, 0)["goes"].clone();
    assert_eq!(goes(&["--reason", "timestamp_in_future"]), 20);
    assert_eq!(goes(&["--reason", "field_missing"]), 60);
    assert_eq!(goes(&["--type", FACT, "--tenant", "tenant_003"]), 3);
    assert_eq!(goes(&["--type", "pipeline.deal_lost"]), 0);
    assert_eq!(goes(&["--since", "0s"]), 0);
    assert_eq!(goes(&["--since", "1h", "--max", "7"]), 7);
    // The first so many are the same each time, whichever partition answers first.
    let first = |arguments: &[&str]| text(&dlq(&bus, "replay", &[&["--max", "3"], arguments].concat()));
    let dry = first(&[]);
    assert!((0..3).all(|_| first(&[]) == dry), "{dry}");
    // Each sends what those before it left.
    assert_eq!(goes(&["--tenant", "tenant_003", "--yes"]), 3);
    assert_eq!(goes(&["--reason", "timestamp_in_future", "--yes"]), 19);
    assert_eq!(goes(&["--max", "5", "--yes"]), 5);
    assert_eq!(goes(&["--yes"]), 33);
    assert_eq!(ids(&bus.drain(FACT)), once(0..60));
    let refused = dlq(&bus, "list", &["--reason", "field_mising"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("did you mean `field_missing`"), "{}", text(&refused));
}

#[test]
fn an_edit_changes_one_member_and_says_so() {
    let bus = Bus::lean(Cluster::shared(), "edited", 1);
    let sent = letter(&bus, (4, 0), &[("replays", "2")]);
    let flat = json!({"event_id": "evt_flat", "event_type": FACT, "source_module": "pipeline", "tenant_id": "t",
        "timestamp": "2026-01-05T10:00:00Z", "payload": {"deal_id": "d", "final_amount": 1, "rep_id": "r", "account_id": "a"}});
    let flat = Outgoing { value: Some(flat.to_string().into()), ..letter(&bus, (5, 0), &[]) };
    let stone = Outgoing { value: None, ..letter(&bus, (6, 0), &[]) };
    Sender::new(&bus.broker).send(&[sent.clone(), flat, stone]);
    let edit = ["--edit", "data.close_date = \"2026-02-01\"", "--edit", "user_id=\"u1\""];
    let report = replay(&bus, &[&edit[..], &["--yes"]].concat(), 1);
    assert_eq!(
        [&report["goes"], &report["passes"], &report["stays"]],
        [&json!(2), &json!(2), &json!({"not_editable": 1})]
    );
    let back = bus.drain(FACT);
    let was = String::from_utf8(sent.value.unwrap()).unwrap();
    let expected = was
        .replace("\"rep_id\":\"rep_4\"", "\"rep_id\":\"rep_4\",\"close_date\":\"2026-02-01\"")
        .replace("\"metadata\":{}}", "\"metadata\":{}},\"user_id\":\"u1\"");
    assert_eq!(String::from_utf8(back[0].value.clone().unwrap()).unwrap(), expected);
    assert_eq!(back[0].header("revbus.replay.edit"), Some("data.close_date = \"2026-02-01\"; user_id = \"u1\""));
    assert_eq!(back[0].header("revbus.dead.replays"), Some("3"));
    let shown = text(&dlq(&bus, "show", &["0/0"]));
    for line in [
        "replays      2, and sent back since\n",
        "now          it would be a dead letter again, invalid: `close_date` is missing (field_missing)\n",
        "\n  \"event_id\": \"evt_4\",\n",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert_eq!(back[1].json()["payload"]["close_date"], "2026-02-01");
    for (edit, why) in [
        ("data.x = five", "text stands in quotes"),
        ("event_id = \"e\"", "name the place of the one"),
        ("x", "PATH = JSON"),
    ] {
        let refused = dlq(&bus, "replay", &["--edit", edit]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused).contains(why), "{}", text(&refused));
    }
}

#[test]
fn what_cannot_go_back_stays_and_is_named() {
    let bus = Bus::lean(Cluster::shared(), "stays", 2);
    mend(&bus);
    let gone = bus.topic("pipeline.deal_eaten");
    let letters = [
        letter(&bus, (0, 0), &[]),
        letter(&bus, (1, 0), &[("replays", "5")]),
        letter(
            &bus,
            (2, 0),
            &[("message", "cut to its first 100 of 200 bytes, the rest is at the position named here; x")],
        ),
        letter(&bus, (3, 0), &[("topic", &gone)]),
        // Its partition is no more: the key decides.
        letter(&bus, (4, 0), &[("partition", "17")]),
        Outgoing { headers: Vec::new(), ..letter(&bus, (5, 0), &[]) },
    ];
    Sender::new(&bus.broker).send(&letters);
    let report = replay(&bus, &["--yes"], 1);
    assert_eq!(report["goes"], 2);
    assert_eq!(report["stays"], json!({"too_often": 1, "cut": 1, "no_topic": 2}));
    let named: Vec<_> =
        report["named"].as_array().unwrap().iter().map(|named| named["why"].as_str().unwrap()).collect();
    for (why, named) in ["5 times", "a part of it", "pipeline.deal_eaten", "no router"].into_iter().zip(&named) {
        assert!(named.contains(why), "{named}");
    }
    assert_eq!(ids(&bus.drain(FACT)), once([0, 4].into_iter()));
    let said = text(&dlq(&bus, "replay", &[]));
    assert!(said.contains("cannot go back: 0/1: it was sent back 5 times already"), "{said}");
    assert_eq!(replay(&bus, &["--max-replays", "6", "--yes"], 1)["goes"], 1);
    assert_eq!(dlq(&bus, "show", &["0/99"]).status.code(), Some(1));
}
