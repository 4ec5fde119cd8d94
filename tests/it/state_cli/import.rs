//! `import`: a bad line costs that line alone, the tally is true whatever ends it, and a dry run says what would be.

use serde_json::json;

use super::{answer, bus, said};

fn line(module: &str, id: &str, more: &str) -> String {
    let state = format!(r#"{{"health_score":50,"risk_level":"low"{more}}}"#);
    format!(r#"{{"module":"{module}","entity_type":"account","entity_id":"{id}","state":{state}}}"#)
}

#[test]
fn a_bad_line_is_refused_alone_and_a_dry_run_says_the_same() {
    let bus = bus("import");
    let _router = bus.router("a");
    let mut lines: Vec<_> = (0..300).map(|n| line("customer_success", &format!("a{n:03}"), "")).collect();
    lines.push(line("zz", "a", ""));
    lines.push(line("pipeline", "a", ""));
    lines.push(line("customer_success", "large", &format!(r#","pad":"{}""#, "x".repeat(2_000_000))));
    lines.push(line("customer_success", "a000", r#","more":1"#));
    lines.push(line("customer_success", "last", ""));
    let file = bus.dir.path().join("lines.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (path, dir) = (file.to_str().unwrap(), bus.dir.path().join("kept"));
    for arguments in [&["--state-dir", dir.to_str().unwrap()][..], &["--yes"]] {
        let tally = answer(&bus, &[&["import", path], arguments].concat(), 1);
        let of = |name: &str| tally[name].as_u64().unwrap();
        assert_eq!(["created", "replaced", "kept", "refused", "unknown"].map(of), [301, 1, 0, 3, 0], "{tally}");
        let mut refused: Vec<_> = tally["reasons"].as_array().unwrap().iter().map(|one| one["line"].clone()).collect();
        refused.sort_by_key(|line| line.as_u64());
        assert_eq!(refused, [301, 302, 303], "{tally}");
    }
    assert!(dir.join("state.redb").exists(), "the dry run keeps what it read");
    let listed = answer(&bus, &["list", "customer_success/account", "--limit", "1000"], 0);
    assert_eq!(listed["entities"].as_array().unwrap().len(), 301);
    let last = answer(&bus, &["get", "customer_success/account/last"], 0);
    assert_eq!(last["state"], json!({"health_score": 50, "risk_level": "low"}));
    let dry = said(&bus, &["import", path, "--create-only"], 1);
    assert!(dry.contains("0 would be created, 0 replaced (0 by the same state), 302 kept, 3 refused"), "{dry}");
}

/// The broker holds whole batches against the topic's limit: they must not grow past it.
#[test]
fn many_small_entities_go_through_a_topic_that_takes_little() {
    let little = super::CATALOGUE.replacen("version: 1", "version: 1\nmax_event_bytes: 1024", 1);
    let bus = crate::support::Bus::new(crate::support::Cluster::shared(), "little", &little, 3);
    bus.apply();
    let _router = bus.router("a");
    let file = bus.dir.path().join("lines.jsonl");
    let lines: Vec<_> = (0..2_000).map(|n| line("customer_success", &format!("a{n:04}"), "")).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let tally = answer(&bus, &["import", file.to_str().unwrap(), "--yes"], 0);
    assert_eq!((&tally["created"], &tally["unknown"]), (&json!(2_000), &json!(0)), "{tally}");
}

#[test]
fn what_is_on_its_way_when_the_answers_stop_is_told() {
    let bus = bus("stopped");
    let file = bus.dir.path().join("lines.jsonl");
    let lines: Vec<_> = (0..3).map(|n| line("customer_success", &format!("a{n}"), "")).collect();
    std::fs::write(&file, format!("{}\nnonsense\n", lines.join("\n"))).unwrap();
    let said = said(&bus, &["import", file.to_str().unwrap(), "--yes", "--deadline", "1s"], 3);
    assert!(said.contains("0 created, 0 replaced, 0 kept, 1 refused, 3 not known: run it again"), "{said}");
}
