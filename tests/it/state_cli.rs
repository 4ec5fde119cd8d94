//! `revbus state`: every verb, as people and programs use it, against a router on a real broker.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::cluster::text;
use crate::support::{Bus, Cluster, eventually};

mod import;
mod kept;
mod odd;
mod readers;

const CATALOGUE: &str = include_str!("../../src/client/state/sample.yaml");
const ACME: &str = "customer_success/account/acme";
const LOW: &str = r#"{"health_score": 80.0, "risk_level": "low"}"#;

fn bus(name: &str) -> Bus {
    let bus = Bus::new(Cluster::shared(), name, CATALOGUE, 3);
    bus.apply();
    bus
}

fn state(bus: &Bus, arguments: &[&str]) -> Output {
    bus.command(&["state", arguments[0]]).args(&arguments[1..]).output().unwrap()
}

/// What a verb says as JSON; it must end with this exit code.
fn answer(bus: &Bus, arguments: &[&str], code: i32) -> Value {
    let output = state(bus, &[arguments, &["--tenant", "t", "-o", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", text(&output)))
}

/// What a verb says to people; it must end with this exit code.
fn said(bus: &Bus, arguments: &[&str], code: i32) -> String {
    let output = state(bus, &[arguments, &["--tenant", "t"]].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output));
    text(&output)
}

#[test]
fn an_entity_lives_and_dies() {
    let bus = bus("lives");
    let _router = bus.router("a");
    assert_eq!(said(&bus, &["put", ACME, "--data", LOW, "--user", "ann"], 0), format!("{ACME}  version 1\n"));
    let got = answer(&bus, &["get", ACME], 0);
    assert_eq!(got["state"], json!({"health_score": 80.0, "risk_level": "low"}));
    assert_eq!(got["written_by"], json!({"module": "customer_success", "user_id": "ann"}));
    let people = said(&bus, &["get", ACME], 0);
    assert!(people.starts_with(&format!("{ACME}  version 1, 20")) && people.contains("by customer_success (ann)"));
    assert!(said(&bus, &["get", ACME, "-o", "yaml"], 0).contains("state:\n  health_score: 80"), "yaml");

    let patched = answer(&bus, &["patch", ACME, "--data", r#"{"health_score": 41}"#, "--expected-version", "1"], 0);
    assert_eq!(patched["version"], 2);
    let conflict = answer(&bus, &["put", ACME, "--data", LOW, "--expected-version", "0"], 1);
    assert_eq!(conflict["current"], json!({"version": 2, "state": {"health_score": 41, "risk_level": "low"}}));
    let conflict = said(&bus, &["put", ACME, "--data", LOW, "--expected-version", "1"], 1);
    assert!(conflict.contains("has version 2 by now") && conflict.contains("\"health_score\": 41"), "{conflict}");

    let bad = r#"{"health_score": 101, "risk_level": "none"}"#;
    let invalid = answer(&bus, &["put", ACME, "--data", bad], 1);
    assert_eq!((&invalid["outcome"], invalid["reasons"].as_array().unwrap().len()), (&json!("invalid"), 2));
    let denied = said(&bus, &["delete", ACME, "--as", "pipeline"], 1);
    assert!(denied.starts_with("error: denied: "), "{denied}");
    let unowned = said(&bus, &["get", "customer_success/secret/s", "--as", "forecast"], 1);
    assert!(unowned.contains("`forecast` does not read customer_success/secret"), "{unowned}");

    assert_eq!(said(&bus, &["delete", ACME], 0), format!("{ACME}  deleted, version 3\n"));
    assert!(said(&bus, &["get", ACME], 1).contains(&format!("tenant t has no {ACME}")));
    let history = answer(&bus, &["history", ACME], 0);
    let versions: Vec<_> = history.as_array().unwrap().iter().map(|change| change["version"].clone()).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(history[2]["change"], "deleted");
    assert_eq!((&history[2]["entity_id"], &history[2]["tenant"]), (&json!("acme"), &json!("t")));
    assert!(said(&bus, &["history", ACME], 0).contains("(deleted)"));
    assert_eq!(answer(&bus, &["put", ACME, "--data", LOW, "--expected-version", "0"], 0)["version"], 1);
    // Another tenant has none of it.
    let other = state(&bus, &["get", ACME, "--tenant", "u"]);
    assert_eq!(other.status.code(), Some(1), "{}", text(&other));
}

#[test]
fn what_cannot_be_is_refused_with_a_way_out() {
    let bus = bus("refused");
    for (arguments, code, why) in [
        (&["put", ACME, "--data", "7"][..], 2, "--data must be a JSON object, not a number"),
        (&["put", ACME, "--data", "{"], 2, "not JSON"),
        (&["put", ACME, "--data", "@/no/such"], 2, "cannot read /no/such"),
        (&["put", "customer_success/account/a/b", "--data", "{}"], 2, "write customer_success/account/a%2Fb"),
        (&["put", ACME, "--data", "{}", "--as", "sales"], 2, "the catalogue has no module `sales`"),
        (&["list", "customer_success/account", "--where", "health < 5.0"], 2, "--where"),
        (&["list", "customer_success/account", "--where", "1"], 2, "where a boolean must stand"),
        (&["list", "customer_success/account", "--where", "event.tenant_id == 't'"], 2, "there is no variable `event`"),
        (&["get", "customer_success/acount/a"], 1, "did you mean `customer_success/account`?"),
        (&["put", ACME, "--data", LOW, "--deadline", "5s", "--event-id", "evt_x"], 3, "whether update evt_x was"),
    ] {
        let said = said(&bus, arguments, code);
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    // The router that comes later has done it, once; asking again says so.
    let _router = bus.router("a");
    let again = answer(&bus, &["put", ACME, "--data", LOW, "--event-id", "evt_x"], 0);
    assert_eq!((&again["version"], &again["repeated"]), (&json!(1), &json!(true)));
    let bare = Bus::new(Cluster::shared(), "barecli", CATALOGUE, 1);
    for arguments in [&["get", ACME][..], &["put", ACME, "--data", LOW], &["history", ACME]] {
        let said = said(&bare, arguments, 3);
        assert!(said.contains("topics apply"), "{arguments:?}: {said}");
    }
}

#[test]
fn lists_and_files_of_entities() {
    let bus = bus("files");
    let _router = bus.router("a");
    let line = |id: &str, score: u32| {
        let state = format!(r#"{{"health_score": {score}.50, "risk_level": "low"}}"#);
        format!(r#"{{"module":"customer_success","entity_type":"account","entity_id":"{id}","state":{state}}}"#)
    };
    let mut lines: Vec<_> = (0..60).map(|n| line(&format!("a{n:02}"), n)).collect();
    lines.push(line("b/%\u{202e}", 7));
    let file = bus.dir.path().join("accounts.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let path = file.to_str().unwrap();
    assert!(
        said(&bus, &["import", path], 0).starts_with("61 would be created, 0 replaced (0 by the same state), 0 kept")
    );
    assert_eq!(answer(&bus, &["list", "customer_success/account"], 0)["entities"], json!([]));
    assert_eq!(said(&bus, &["import", path, "--yes"], 0), "61 created, 0 replaced, 0 kept, 0 refused\n");
    assert_eq!(
        said(&bus, &["import", path, "--yes", "--create-only"], 0),
        "0 created, 0 replaced, 61 kept, 0 refused\n"
    );
    assert!(
        said(&bus, &["import", path], 0).starts_with("0 would be created, 61 replaced (61 by the same state), 0 kept")
    );

    let ids = |arguments: &[&str]| -> Vec<String> {
        let listed = answer(&bus, &[&["list", "customer_success/account"], arguments].concat(), 0);
        let entities = listed["entities"].as_array().unwrap().clone();
        entities.iter().map(|entity| entity["entity_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&["--where", "health_score < 2.0"]), ["a00", "a01"]);
    let noted = said(&bus, &["list", "customer_success/account", "--where", "data.rating > 3.0"], 0);
    assert!(noted.contains("note: --where failed on") && noted.contains("which are left out, such as a00"), "{noted}");
    assert_eq!(ids(&["--prefix", "a5", "--after", "a57"]), ["a58", "a59"]);
    assert_eq!(ids(&["--limit", "2"]), ["a00", "a01"]);
    assert_eq!(ids(&["--prefix", "b"]), ["b/%\u{202e}"]);
    assert_eq!(ids(&["--prefix", "b%2F%25"]), ["b/%\u{202e}"], "an id is written as in a name");
    assert!(ids(&["--after", "b%2F%25\u{202e}"]).is_empty());
    let table = said(&bus, &["list", "customer_success/account", "--limit", "1"], 0);
    assert!(table.contains("ID") && table.contains("there are more: --after 'a00'"), "{table}");

    let dir = bus.dir.path().join("kept");
    let kept = ["--state-dir", dir.to_str().unwrap()];
    let exported = state(&bus, &[&["export", "customer_success", "--tenant", "t"], &kept[..]].concat());
    assert!(exported.status.success(), "{}", text(&exported));
    let mut import = bus.command(&["state", "import", "-"]);
    let import = import.args(["--tenant", "u", "--yes"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut import = import.spawn().unwrap();
    import.stdin.take().unwrap().write_all(&exported.stdout).unwrap();
    assert!(import.wait_with_output().unwrap().status.success());
    let back = state(&bus, &[&["export", "customer_success/account", "--tenant", "u"], &kept[..]].concat());
    assert_eq!(states(&back), states(&exported), "export then import gives the same entities, byte for byte");
    assert_eq!(states(&back).len(), 61);

    std::fs::write(&file, format!("nonsense\n{}\n", line("a00", 101))).unwrap();
    for arguments in [&["import", path][..], &["import", path, "--yes"]] {
        let refused = said(&bus, arguments, 1);
        assert!(refused.contains("line 1: ") && refused.contains("line 2: "), "{refused}");
        assert!(refused.contains("`health_score`") && refused.contains("2 "), "{refused}");
    }
}

/// The ids and the states of what was exported, as they are written.
fn states(exported: &Output) -> Vec<(String, String)> {
    let lines = std::str::from_utf8(&exported.stdout).unwrap().lines();
    let of = |line: &str| {
        let id = serde_json::from_str::<Value>(line).unwrap()["entity_id"].as_str().unwrap().to_owned();
        let (_, state) = line.split_once("\"state\":").unwrap();
        (id, state.split_once(",\"written_by\"").unwrap().0.to_owned())
    };
    lines.map(of).collect()
}

#[test]
fn a_watch_is_a_line_a_change() {
    let bus = bus("watch");
    let _router = bus.router("a");
    said(&bus, &["put", ACME, "--data", LOW], 0);
    let mut command = bus.command(&["state", "watch", "customer_success"]);
    command.args(["--tenant", "t", "--initial", "--max", "3"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watch = command.spawn().unwrap();
    let mut errors = BufReader::new(watch.stderr.take().unwrap()).lines();
    let begun = errors.next().unwrap().unwrap();
    assert_eq!(begun, "watching customer_success of tenant t");
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let there = next();
    assert_eq!((&there["change"], &there["version"]), (&json!("there"), &json!(1)));
    // Neither another tenant's nor another module's.
    let other = state(&bus, &["put", ACME, "--data", LOW, "--tenant", "u"]);
    assert!(other.status.success(), "{}", text(&other));
    said(&bus, &["patch", ACME, "--data", r#"{"health_score": 1}"#], 0);
    said(&bus, &["delete", ACME], 0);
    let (written, deleted) = (next(), next());
    assert_eq!((&written["change"], &written["tenant"]), (&json!("written"), &json!("t")));
    assert_eq!(written["state"]["health_score"], 1);
    assert_eq!((&deleted["change"], &deleted["version"]), (&json!("deleted"), &json!(3)));
    let ended = eventually("it ends by itself", Duration::from_secs(120), || watch.try_wait().unwrap());
    assert!(ended.success());
}
