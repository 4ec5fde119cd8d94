//! Metrics by their rendered text.

mod health;
mod logs;

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::catalogue::{
    AuditSettings, Catalogue, Command, EventType, Fact, Kind, ModuleNames, RecordKey, Settings, StateMode, Tenants,
    TopicSpec,
};
use crate::ids::{CatalogueDigest, ModuleId, TypeId};
use crate::reason::{Outcome, ReasonCode};
use crate::schema::Contract;
use crate::time::Timestamp;

const DEAL_WON: TypeId = TypeId(0);
const CALCULATE: TypeId = TypeId(1);

fn event_type(name: &str, kind: Kind) -> EventType {
    let topic = TopicSpec {
        name: name.into(),
        partitions: 6,
        replication_factor: 1,
        min_insync_replicas: None,
        retention: None,
        config: BTreeMap::new(),
    };
    EventType {
        name: name.into(),
        action: "x".into(),
        module: ModuleId(0),
        description: None,
        contract: Contract::default(),
        key: None,
        aliases: Vec::new(),
        deprecated: false,
        topic,
        record_key: RecordKey::Any,
        cloudevents: false,
        kind,
    }
}

/// A catalogue of one fact and one command.
pub(crate) fn catalogue() -> Catalogue {
    let audit = AuditSettings::default();
    let settings = Settings {
        tenants: Tenants::Open,
        topic_prefix: String::new(),
        duplicate_window: Duration::from_secs(600),
        duplicate_ids: 500_000,
        max_future: Duration::from_secs(86_400),
        max_hops: 16,
        max_event_bytes: 1_000_000,
        state_mode: StateMode::Declared,
        audit,
    };
    let types = vec![
        event_type("pipeline.deal_won", Kind::Fact(Fact { triggers: Vec::new(), assumed: false })),
        event_type(
            "compensation.calculate",
            Kind::Command(Command { reply: None, timeout_seconds: 30, may_emit: Vec::new() }),
        ),
    ];
    Catalogue {
        digest: CatalogueDigest::of("x"),
        settings,
        defaults: types[0].topic.clone(),
        modules: Vec::new(),
        entity_types: Vec::new(),
        module_names: ModuleNames::default(),
        types,
        names: HashMap::new(),
        tests: Vec::new(),
    }
}

fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(&catalogue()).unwrap())
}

/// The samples of some families, without HELP, TYPE and buckets.
fn samples(metrics: &Metrics, prefix: &str) -> Vec<String> {
    let now = Instant::now();
    let text = metrics.render(&Health::new(now), now).unwrap();
    let wanted = |line: &&str| line.starts_with(prefix) && !line.contains("_bucket");
    text.lines().filter(wanted).map(str::to_owned).collect()
}

/// Every family has at least one sample.
fn everything(metrics: &Arc<Metrics>) {
    let mut worker = metrics.worker(&catalogue());
    for what in [
        PerType::Consumed,
        PerType::DeadLetter,
        PerType::AliasUse,
        PerType::RecordKeyMismatch,
        PerType::TimestampWithoutZone,
    ] {
        worker.count(what, DEAL_WON.into());
    }
    worker.count(PerType::Derived, CALCULATE.into());
    worker.decided(DEAL_WON.into(), Outcome::Routed);
    worker.reason(DEAL_WON.into(), ReasonCode::FieldMissing);
    worker.audited();
    worker.event_time(Timestamp::from_millis(1_000));
    worker.committed(1, Duration::from_millis(3), Timestamp::from_millis(1_250));
    metrics.set_lag("pipeline.deal_won", 3, 17);
    metrics.set_open_transaction("pipeline.deal_won", 3, Duration::from_secs(61));
    metrics.throttled(Duration::from_millis(250));
    metrics.position_gap("pipeline.deal_won", 5);
    metrics.moved_back("pipeline.deal_won");
    metrics.rebalanced(Rebalance::Assigned);
    metrics.fenced();
    metrics.producer_rebuilt();
    metrics.redelivered();
    metrics.queue_full_wait();
    metrics.set_duplicates(0, Duration::from_secs(600), 5);
    metrics.set_duplicates(1, Duration::from_secs(900), 7);
    metrics.duplicate_restore_cut();
    metrics.storm("pipeline.deal_won");
    metrics.reloaded(Reload::Taken);
}

#[test]
fn what_is_committed_is_counted() {
    let metrics = metrics();
    everything(&metrics);
    assert_eq!(
        samples(&metrics, "revbus_decisions_total"),
        [
            "revbus_decisions_total{event_type=\"pipeline.deal_won\",outcome=\"duplicate\"} 0",
            "revbus_decisions_total{event_type=\"pipeline.deal_won\",outcome=\"invalid\"} 0",
            "revbus_decisions_total{event_type=\"pipeline.deal_won\",outcome=\"no_trigger\"} 0",
            "revbus_decisions_total{event_type=\"pipeline.deal_won\",outcome=\"routed\"} 1",
        ]
    );
    assert_eq!(
        samples(&metrics, "revbus_derived_events_total"),
        ["revbus_derived_events_total{event_type=\"compensation.calculate\"} 1"]
    );
    assert_eq!(
        samples(&metrics, "revbus_dead_letter_reasons_total"),
        ["revbus_dead_letter_reasons_total{event_type=\"pipeline.deal_won\",reason=\"field_missing\"} 1"]
    );
    assert_eq!(
        samples(&metrics, "revbus_event_latency_seconds"),
        ["revbus_event_latency_seconds_sum 0.25", "revbus_event_latency_seconds_count 1"]
    );
    assert_eq!(samples(&metrics, "revbus_audit_records_total"), ["revbus_audit_records_total 1"]);
}

#[test]
fn what_is_aborted_was_only_read() {
    let metrics = metrics();
    let mut worker = metrics.worker(&catalogue());
    worker.count(PerType::Consumed, DEAL_WON.into());
    worker.count(PerType::Derived, CALCULATE.into());
    worker.decided(DEAL_WON.into(), Outcome::Failed);
    worker.reason(DEAL_WON.into(), ReasonCode::ConditionFailed);
    worker.audited();
    worker.event_time(Timestamp::from_millis(0));
    worker.aborted();
    worker.committed(0, Duration::ZERO, Timestamp::from_millis(1));
    let counted = samples(&metrics, "revbus_").into_iter().filter(|line| !line.ends_with(" 0")).collect::<Vec<_>>();
    assert_eq!(
        counted,
        [
            "revbus_batch_records_count 1",
            &format!("revbus_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
            &format!("revbus_catalogue_info{{digest=\"{}\"}} 1", CatalogueDigest::of("x")),
            "revbus_duplicate_window_configured_seconds 600",
            "revbus_duplicate_window_seconds 600",
            "revbus_records_consumed_total{event_type=\"pipeline.deal_won\"} 1",
            "revbus_transaction_duration_seconds_count 1",
            "revbus_transactions_total{result=\"aborted\"} 1",
            "revbus_transactions_total{result=\"committed\"} 1",
        ]
    );
}

#[test]
fn the_first_of_what_a_fact_may_be_is_a_rate_already() {
    let metrics = metrics();
    for name in [
        "records_consumed",
        "dead_letters",
        "dead_letter_storms",
        "alias_uses",
        "record_key_mismatches",
        "timestamps_without_zone",
    ] {
        let name = format!("revbus_{name}_total");
        assert_eq!(samples(&metrics, &name), [format!("{name}{{event_type=\"pipeline.deal_won\"}} 0")]);
    }
}

#[test]
fn what_waits_on_a_revoked_partition_goes_with_it() {
    let metrics = metrics();
    metrics.set_lag("t", 0, 5);
    metrics.set_lag("t", 1, 6);
    metrics.set_open_transaction("t", 0, Duration::from_secs(7));
    metrics.remove_partition("t", 0);
    metrics.remove_partition("t", 9);
    assert_eq!(
        samples(&metrics, "revbus_consumer_lag_records"),
        ["revbus_consumer_lag_records{partition=\"1\",topic=\"t\"} 6"]
    );
    assert_eq!(samples(&metrics, "revbus_open_transaction_seconds"), Vec::<String>::new());
}

#[test]
fn a_type_that_the_catalogue_does_not_have_is_not_counted() {
    let metrics = metrics();
    let mut worker = metrics.worker(&catalogue());
    worker.count(PerType::Consumed, TypeId(99).into());
    worker.decided(TypeId(99).into(), Outcome::Routed);
    worker.reason(TypeId(99).into(), ReasonCode::NotJson);
    worker.committed(1, Duration::ZERO, Timestamp::from_millis(0));
    assert_eq!(samples(&metrics, "revbus_dead_letter_reasons_total"), Vec::<String>::new());
}

/// What promtool says of a file or of its input; nothing where there is no promtool.
fn promtool(args: &[&str], input: &str) -> Option<String> {
    let mut promtool = Process::new("promtool");
    promtool.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut promtool) = promtool.spawn() else {
        println!("no promtool here: what it would say is not checked");
        return None;
    };
    promtool.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Some(if output.status.success() { said.into_owned() } else { format!("failed: {said}") })
}

#[test]
fn promtool_reads_the_queries_of_the_reference() {
    let mut rules = "groups: [{name: g, rules: [".to_owned();
    for (at, (_, query)) in super::reference::QUESTIONS.iter().enumerate() {
        rules += &format!("{{record: \"r{at}\", expr: {}}},", serde_json::to_string(query).unwrap());
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules + "]}]").unwrap();
    if let Some(said) = promtool(&["check", "rules", file.path().to_str().unwrap()], "") {
        assert!(!said.starts_with("failed"), "{said}");
    }
}

#[test]
fn every_alert_fires_and_does_not() {
    if let Some(said) = promtool(&["test", "rules", "deploy/prometheus/alerts_test.yaml"], "") {
        assert!(!said.starts_with("failed"), "{said}");
    }
}

/// An alert over a metric that was renamed would never fire again, and nobody would hear of it.
#[test]
fn alerts_ask_for_metrics_that_there_are_and_each_is_tested() {
    let rules = std::fs::read_to_string("deploy/prometheus/alerts.yaml").unwrap();
    let tests = std::fs::read_to_string("deploy/prometheus/alerts_test.yaml").unwrap();
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for name in words.filter(|word| word.starts_with("revbus_")) {
        assert!(super::table::TABLE.iter().any(|(_, family)| family.name == name), "there is no metric {name}");
    }
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(!alerts.is_empty());
    for alert in alerts {
        assert!(tests.contains(&format!("ALERTS{{alertname=\"{alert}\"")), "no test lets {alert} fire");
    }
}

#[test]
fn promtool_has_nothing_to_say() {
    let metrics = metrics();
    everything(&metrics);
    let now = Instant::now();
    let text = metrics.render(&Health::new(now), now).unwrap();
    for (_, family) in super::table::TABLE {
        assert!(text.contains(&format!("# HELP {} ", family.name)), "{} has no sample", family.name);
    }
    if let Some(said) = promtool(&["check", "metrics"], &text) {
        assert_eq!(said.trim(), "");
    }
}

#[test]
fn the_committed_reference_is_the_generated_one() {
    crate::golden::check("METRICS.md", &metrics_reference());
}
