//! METRICS.md: the table of metrics, for people, with what to ask of them.

use std::fmt::Write as _;

use super::table::TABLE;

const INTRODUCTION: &str = "\
# Metrics

`revbus router --listen ADDRESS` serves them at `/metrics`, in the text format of Prometheus, beside `/healthz` and
`/readyz`. This file is generated from the table in `src/telemetry/table.rs`, where the HELP texts come from too.

Labels are bounded: `event_type` has the event types of the catalogue, `topic` and `partition` the topics of its facts,
`outcome`, `reason`, `result` and `kind` are closed lists. No label ever holds an id or a tenant.

| name | kind | labels | meaning |
|---|---|---|---|
";

pub(super) const QUESTIONS: &[(&str, &str)] = &[
    (
        "Delivery rate: delivered of all that should have been, by event type",
        r#"sum by (event_type) (rate(revbus_decisions_total{outcome=~"routed|no_trigger"}[5m]))
  / sum by (event_type) (rate(revbus_decisions_total{outcome=~"routed|no_trigger|invalid|loop|failed|expired"}[5m]))"#,
    ),
    (
        "Error rate: failed of all attempted integrations",
        r#"sum(rate(revbus_decisions_total{outcome=~"invalid|loop|failed"}[5m])) / sum(rate(revbus_decisions_total[5m]))"#,
    ),
    ("Backlog: records that wait, by topic", "sum by (topic) (revbus_consumer_lag_records)"),
    ("Partitions that wait behind a producer's open transaction", "revbus_open_transaction_seconds > 300"),
    (
        "Reading slowed down by a quota: seconds of waiting in each second, over all workers",
        "rate(revbus_read_throttled_seconds_total[5m])",
    ),
    (
        "Latency: from an event's timestamp to the commit of what was derived from it, 99 of 100",
        "histogram_quantile(0.99, sum by (le) (rate(revbus_event_latency_seconds_bucket[5m])))",
    ),
    (
        "The most frequent reasons of dead letters",
        "topk(5, sum by (event_type, reason) (increase(revbus_dead_letter_reasons_total[1h])))",
    ),
    (
        "Transactions that were aborted",
        r#"sum(rate(revbus_transactions_total{result="aborted"}[5m])) / sum(rate(revbus_transactions_total[5m]))"#,
    ),
    ("Processes that could not load their new catalogue", "revbus_catalogue_reload_failed == 1"),
    ("Processes that route with different catalogues", "count(count by (digest) (revbus_catalogue_info)) > 1"),
    ("Positions that were moved back", "increase(revbus_positions_moved_back_total[1h]) > 0"),
    ("Records that were deleted before they were read", "increase(revbus_position_gap_records_total[1h]) > 0"),
];

/// The text of `METRICS.md`.
#[must_use]
pub fn metrics_reference() -> String {
    let mut out = INTRODUCTION.to_owned();
    for (kind, metric) in TABLE {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(out, "| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.help());
    }
    out.push_str("\nOn Linux also the usual `process_*`: CPU, memory, file descriptors, threads, start time.\n");
    out.push_str("\n## What to ask\n");
    for (question, query) in QUESTIONS {
        let _ = write!(out, "\n{question}:\n\n```promql\n{query}\n```\n");
    }
    out
}
