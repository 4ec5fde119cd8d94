//! `revbus dev`: everything in one process, with no Kafka, and on a real cluster.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::cluster::text;
use crate::support::router::revbus;
use crate::support::{Bus, Cluster, Router, eventually};

/// The numbers of a summary's line, such as `facts  12 = 8 routed + 3 no trigger + 1 dead letter + 0 lost`.
fn facts(output: &str) -> BTreeMap<String, u64> {
    let line =
        output.lines().find(|line| line.trim_start().starts_with("facts ")).unwrap_or_else(|| panic!("{output}"));
    let (total, rest) = line.trim().trim_start_matches("facts").split_once(" = ").unwrap();
    let number = |text: &str| text.trim().parse().unwrap();
    let mut numbers = BTreeMap::from([("facts".to_owned(), number(total))]);
    for part in rest.split("   ").next().unwrap().split(" + ") {
        let (count, what) = part.trim().split_once(' ').unwrap();
        numbers.insert(what.trim_end_matches('s').to_owned(), number(count));
    }
    numbers
}

/// Whose records are seen.
#[derive(PartialEq)]
enum Seen {
    /// Those of aborted transactions too: the embedded broker does not hide them.
    All,
    Committed,
}

/// All that was published was decided on, and everything is in the summary.
fn judge(output: &str, seen: Seen) {
    let numbers = facts(output);
    let of = |what: &str| numbers.get(what).copied().unwrap_or(0);
    assert_eq!(of("lost"), 0, "{output}");
    assert!(of("routed") > 0 && of("dead letter") > 0, "{output}");
    let changes = of("state change");
    assert_eq!(of("facts"), of("routed") + of("no trigger") + of("dead letter") + changes, "{output}");
    assert!(changes > 0 && output.contains("state update customer_success/account/"), "{output}");
    for wanted in ["→ compensation.calculate, forecast.validate, customer_success.onboard", "✗ dead letter: ", "p99"]
    {
        assert!(output.contains(wanted), "{wanted} in: {output}");
    }
    // Said where it is not what was read. A machine that is busy for long makes a transaction abort, and be done again.
    if let Some(named) = behind(output, "the audit trail names") {
        let read = behind(output, "\n  commands ").unwrap();
        let [named, read] = [named, read].map(|number| number.parse::<u64>().unwrap());
        assert!(seen == Seen::All && read >= named, "{output}");
    }
}

/// The word behind a word.
fn behind(output: &str, word: &str) -> Option<String> {
    Some(output.split_once(word)?.1.split_whitespace().next()?.to_owned())
}

fn dev(arguments: &[&str], log: &Path) -> Router {
    let mut command = revbus();
    command.arg("dev").args(arguments).current_dir(log.parent().unwrap());
    // Whatever cluster the caller works with is none of this.
    for variable in ["REVBUS_BROKERS", "REVBUS_KAFKA_CONFIG", "REVBUS_CATALOGUE", "REVBUS_LISTEN"] {
        command.env_remove(variable);
    }
    Router::spawn(command, log)
}

#[test]
fn it_shows_what_flows_with_no_kafka_and_ends_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut dev = dev(&["--for", "8s", "--rate", "20"], &dir.path().join("dev.log"));
    let broker =
        eventually("it says where its broker is", Duration::from_secs(120), || behind(&dev.output(), "broker "));
    eventually("a fact was routed", Duration::from_secs(120), || dev.output().contains('→').then_some(()));
    let mut kcat = Command::new("kcat");
    kcat.args(["-b", &broker, "-C", "-t", "pipeline.deal_created", "-o", "beginning", "-c", "1"]);
    match kcat.output() {
        Ok(read) => assert!(text(&read).contains("\"event_type\":\"pipeline.deal_created\""), "{}", text(&read)),
        Err(error) => println!("kcat does not read the broker here: {error}"),
    }
    assert_eq!(dev.exit_within(Duration::from_secs(120)), 0, "{}", dev.output());
    let output = dev.output();
    judge(&output, Seen::All);
    assert!(output.contains("proves nothing about exactly-once"), "{output}");
    assert!(!output.contains('\x1b'), "no terminal, no colour: {output}");
}

#[test]
fn a_signal_ends_it_well_with_a_summary() {
    let dir = tempfile::tempdir().unwrap();
    let mut dev = dev(&[], &dir.path().join("dev.log"));
    eventually("a fact was routed", Duration::from_secs(120), || dev.output().contains('→').then_some(()));
    dev.signal("INT");
    assert_eq!(dev.exit_within(Duration::from_secs(120)), 0, "{}", dev.output());
    assert_eq!(facts(&dev.output())["lost"], 0, "{}", dev.output());
}

#[test]
fn on_a_real_cluster_it_asks_first_and_then_does_the_same() {
    let bus = Bus::new(Cluster::shared(), "dev", &crate::support::bus::shipped(), 2);
    let catalogue = bus.catalogue.to_str().unwrap();
    let mut arguments =
        vec!["--brokers", &bus.broker.bootstrap, "--catalogue", catalogue, "--rate", "20", "--for", "8s"];
    let mut asked = dev(&arguments, &bus.dir.path().join("asked.log"));
    assert_eq!(asked.exit_within(Duration::from_secs(120)), 0, "{}", asked.output());
    assert!(asked.output().contains("`revbus dev --yes` does it"), "{}", asked.output());
    assert!(asked.output().contains(&format!("create {}", bus.topic("pipeline.deal_won"))), "{}", asked.output());
    arguments.push("--yes");
    let mut dev = dev(&arguments, &bus.dir.path().join("dev.log"));
    assert_eq!(dev.exit_within(Duration::from_secs(120)), 0, "{}", dev.output());
    judge(&dev.output(), Seen::Committed);
}
