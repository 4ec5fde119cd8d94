//! What a view says of itself, for a registry of Prometheus.

use std::sync::{Arc, Weak};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGauge, Opts};

use super::ViewStats;
use super::shared::Shared;
use crate::time::Timestamp;

/// A gauge: its name, its HELP text, and what it shows.
type Row = (&'static str, &'static str, fn(&ViewStats) -> u64);

const ROWS: &[Row] = &[
    ("revbus_view_entities", "Entities in a view of module state.", |of| of.entities),
    ("revbus_view_bytes", "Bytes of their keys and values, without what the store needs beside them.", |of| of.bytes),
    ("revbus_view_file_bytes", "Bytes of the view's file; 0 in memory.", |of| of.file_bytes),
    ("revbus_view_staleness_milliseconds", "Everything that was committed so long ago is in the view.", |of| {
        u64::try_from(of.staleness.as_millis()).unwrap_or(u64::MAX)
    }),
    ("revbus_view_behind_records", "Offsets that were not read yet when the ends were last looked at.", |of| of.behind),
    ("revbus_view_partitions", "Partitions that the view follows.", |of| of.partitions as u64),
    ("revbus_view_partitions_restored", "Partitions that are read up to where they ended when the view began.", |of| {
        of.partitions_restored as u64
    }),
    ("revbus_view_records_read", "Records read since the view was opened.", |of| of.records_read),
    ("revbus_view_foreign_records", "Records read that no router wrote, and that are passed over.", |of| of.foreign),
    ("revbus_view_rebuilds", "Times that the view was thrown away and read from the start.", |of| of.rebuilds),
];

/// The gauges of one view, read whenever they are gathered: `registry.register(Box::new(view.metrics()?))`. They have no
/// labels, so two views need a registry each, told apart by `Registry::new_custom`. Once the view is dropped, they are no
/// longer shown.
pub struct ViewMetrics {
    of: Weak<Shared>,
    gauges: Vec<IntGauge>,
}

impl ViewMetrics {
    pub(super) fn of(shared: &Arc<Shared>) -> prometheus::Result<Self> {
        let gauges = ROWS.iter().map(|(name, help, _)| IntGauge::with_opts(Opts::new(*name, *help)));
        Ok(Self { of: Arc::downgrade(shared), gauges: gauges.collect::<Result<_, _>>()? })
    }
}

impl Collector for ViewMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges.iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Some(shared) = self.of.upgrade() else { return Vec::new() };
        let stats = shared.stats(Timestamp::now());
        for (gauge, (_, _, shows)) in self.gauges.iter().zip(ROWS) {
            gauge.set(i64::try_from(shows(&stats)).unwrap_or(i64::MAX));
        }
        self.gauges.iter().flat_map(Collector::collect).collect()
    }
}
