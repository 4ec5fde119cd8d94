//! The table of all metrics. A doc comment here is the HELP text of `/metrics` and the row of METRICS.md.
//!
//! Labels are bounded by the catalogue and by closed lists: event types, topics and their partitions, outcomes,
//! reason codes. Never an id, never a tenant.

use prometheus::{Counter, Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

use super::family::{Description, Family, families};

/// From half a millisecond, less than a commit takes, to a minute, when somebody should have been called.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Up to the largest batch.
const RECORDS: &[f64] = &[1.0, 10.0, 100.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0];

families! {
    /// All families of metrics.
    struct Families;

    /// Records read from the topics of facts, by the event type of the topic, and updates of state, as `state.put`,
    /// `state.patch`, `state.delete`, or `state.update` where it does not say which. A record whose transaction was
    /// aborted is read, and counted, again.
    records_consumed: IntCounterVec = "revbus_records_consumed_total" ["event_type"];
    /// Decisions on records, by event type and outcome, each counted once its transaction is committed. Of updates of
    /// state, `state_changed` and `conflict` are the outcomes of those that expected the right and the wrong version.
    decisions: IntCounterVec = "revbus_decisions_total" ["event_type", "outcome"];
    /// Events derived by triggers and by changes of state and committed, by their event type.
    derived_events: IntCounterVec = "revbus_derived_events_total" ["event_type"];
    /// Records that became dead letters, by the event type of their topic.
    dead_letters: IntCounterVec = "revbus_dead_letters_total" ["event_type"];
    /// Why records became dead letters; a dead letter with several reasons is counted under each.
    dead_letter_reasons: IntCounterVec = "revbus_dead_letter_reasons_total" ["event_type", "reason"];
    /// Storms of dead letters, by the event type whose partitions were stopped for one (`--dead-letter-limit`).
    dead_letter_storms: IntCounterVec = "revbus_dead_letter_storms_total" ["event_type"];
    /// Audit records committed.
    audit_records: IntCounter = "revbus_audit_records_total" [];
    /// Records committed that used a deprecated name of their event type or of a field.
    alias_uses: IntCounterVec = "revbus_alias_uses_total" ["event_type"];
    /// Records committed whose own key is missing or is not the one of their entity: they lose the order of their
    /// entity, and nothing else.
    record_key_mismatches: IntCounterVec = "revbus_record_key_mismatches_total" ["event_type"];
    /// Records committed with a timestamp without a time zone, which was taken as UTC.
    timestamps_without_zone: IntCounterVec = "revbus_timestamps_without_zone_total" ["event_type"];

    /// Transactions by result, `committed` or `aborted`, without those that only move positions. What an aborted one held is
    /// done again.
    transactions: IntCounterVec = "revbus_transactions_total" ["result"];
    /// From the beginning of a transaction until it is committed.
    transaction_duration: Histogram = "revbus_transaction_duration_seconds" [] in SECONDS;
    /// Records in a committed transaction.
    batch_records: Histogram = "revbus_batch_records" [] in RECORDS;
    /// From an event's own timestamp until what was derived from it is committed: it includes the producer's delay.
    event_latency: Histogram = "revbus_event_latency_seconds" [] in SECONDS;

    /// Records that are in a partition, may be read, and are not yet committed as read, for the partitions of this process; what stands behind a producer's open transaction may not be read yet.
    consumer_lag: IntGaugeVec = "revbus_consumer_lag_records" ["topic", "partition"];
    /// For how long this process has waited for a producer's open transaction, with nothing else to read of the partition: the
    /// end of what may be read stands still, and there is more behind it. 0 where that end moves, or is the log's.
    open_transaction: IntGaugeVec = "revbus_open_transaction_seconds" ["topic", "partition"];
    /// How long brokers told this process to wait with reading facts, for a quota; of several brokers the longest, over all
    /// workers. Meanwhile they do not say how much waits, so the lag does not grow.
    throttled: Counter = "revbus_read_throttled_seconds_total" [];
    /// Partitions assigned to this process.
    partitions_assigned: IntGauge = "revbus_partitions_assigned" [];
    /// Assigned partitions that are being restored and not read yet.
    partitions_restoring: IntGauge = "revbus_partitions_restoring" [];
    /// Assigned partitions that are not read until somebody repairs something, such as a position beyond the end of
    /// the log. `/readyz` says which and why.
    partitions_stopped: IntGauge = "revbus_partitions_stopped" [];
    /// Records that were deleted before they were read: the committed position lay below the start of the log.
    position_gap_records: IntCounterVec = "revbus_position_gap_records_total" ["topic"];
    /// Partitions that are read from their start, since their topic was deleted and made anew: the group's position was
    /// of the old one.
    partitions_made_anew: IntCounterVec = "revbus_partitions_made_anew_total" ["topic"];
    /// Partitions that came with a position behind which the audit trail tells of records: it was moved back, and what the
    /// ledger against duplicates does not know any more is routed again. Seen with delivery exactly once, as far as the
    /// trail is read back.
    positions_moved_back: IntCounterVec = "revbus_positions_moved_back_total" ["topic"];
    /// Rebalances by kind: partitions `assigned`, `revoked`, or `lost` without a chance to commit.
    rebalances: IntCounterVec = "revbus_rebalances_total" ["kind"];

    /// Times that this process was fenced: another one has its transactional id.
    fenced: IntCounter = "revbus_fenced_total" [];
    /// Producers that were thrown away and built again after an error.
    producers_rebuilt: IntCounter = "revbus_producers_rebuilt_total" [];
    /// Records that the Kafka client gave once more though they were taken, as it may for a rebalance, or of a partition
    /// that was given back; they are passed over and not decided on again.
    records_redelivered: IntCounter = "revbus_records_redelivered_total" [];
    /// Times that a worker waited because the queue of its producer was full.
    queue_full_waits: IntCounter = "revbus_queue_full_waits_total" [];

    /// How far back duplicates are recognised now: the shortest window over the partitions of this process.
    duplicate_window: IntGauge = "revbus_duplicate_window_seconds" [];
    /// How far back duplicates should be recognised: the catalogue's `duplicate_window`, or 0 where it has no audit.
    duplicate_window_configured: IntGauge = "revbus_duplicate_window_configured_seconds" [];
    /// Event ids held to recognise duplicates.
    duplicate_ids: IntGauge = "revbus_duplicate_ids" [];
    /// Times that reading back the event ids took too long and began at newer ones instead.
    duplicate_restores_cut: IntCounter = "revbus_duplicate_restores_cut_total" [];

    /// Entities held, of the partitions of updates that this process has.
    state_entities: IntGauge = "revbus_state_entities" [];
    /// Bytes of the keys and values of these entities; the process needs about a fifth more for them.
    state_bytes: IntGauge = "revbus_state_bytes" [];
    /// Partitions of updates whose entities are being read back, and that are not read meanwhile.
    state_partitions_restoring: IntGauge = "revbus_state_partitions_restoring" [];
    /// Records of the state topic that were read back.
    state_restored_records: IntCounter = "revbus_state_restored_records_total" [];
    /// Records of the state topic that were read back and are no entities: something else than a router has written
    /// them. They are passed over.
    state_foreign_records: IntCounter = "revbus_state_foreign_records_total" [];

    /// 1 while `/readyz` says 200, else 0.
    ready: IntGauge = "revbus_ready" [];
    /// Always 1; the version of this build is in its label.
    build_info: IntGaugeVec = "revbus_build_info" ["version"];
    /// Always 1; the digest of the catalogue that decides is in its label.
    catalogue_info: IntGaugeVec = "revbus_catalogue_info" ["digest"];
    /// Reloads of the catalogue by result: `taken`, `refused` (the old one goes on deciding), or `unchanged`.
    catalogue_reloads: IntCounterVec = "revbus_catalogue_reloads_total" ["result"];
    /// 1 while the catalogue that was to be loaded last could not be, so that the one before it decides, else 0.
    catalogue_reload_failed: IntGauge = "revbus_catalogue_reload_failed" [];
}
