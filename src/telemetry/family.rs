//! A family of metrics: name, HELP and labels in one place, from which come the registered metric and METRICS.md.

use prometheus::core::{Collector, GenericGaugeVec};
use prometheus::{Counter, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// What is known of a family before it is registered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Description {
    pub(super) name: &'static str,
    /// As the doc comment has it, its lines joined.
    pub(super) help: &'static str,
    pub(super) labels: &'static [&'static str],
    /// Upper bounds, of histograms.
    pub(super) buckets: &'static [f64],
}

impl Description {
    /// The HELP text, on one line.
    pub(super) fn help(&self) -> String {
        self.help.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn opts(&self) -> Opts {
        Opts::new(self.name, self.help())
    }
}

/// A kind of metric that a description can make.
pub(super) trait Family: Collector + Clone + Sized + 'static {
    /// `counter`, `gauge` or `histogram`.
    const KIND: &'static str;

    /// The metric, not yet registered.
    fn make(description: &Description) -> prometheus::Result<Self>;

    /// The metric, registered.
    fn register(description: &Description, registry: &Registry) -> prometheus::Result<Self> {
        let family = Self::make(description)?;
        registry.register(Box::new(family.clone()))?;
        Ok(family)
    }
}

impl Family for Counter {
    const KIND: &'static str = "counter";

    fn make(description: &Description) -> prometheus::Result<Self> {
        Self::with_opts(description.opts())
    }
}

impl Family for IntCounter {
    const KIND: &'static str = "counter";

    fn make(description: &Description) -> prometheus::Result<Self> {
        Self::with_opts(description.opts())
    }
}

impl Family for IntCounterVec {
    const KIND: &'static str = "counter";

    fn make(description: &Description) -> prometheus::Result<Self> {
        Self::new(description.opts(), description.labels)
    }
}

impl Family for IntGauge {
    const KIND: &'static str = "gauge";

    fn make(description: &Description) -> prometheus::Result<Self> {
        Self::with_opts(description.opts())
    }
}

impl Family for GenericGaugeVec<prometheus::core::AtomicI64> {
    const KIND: &'static str = "gauge";

    fn make(description: &Description) -> prometheus::Result<Self> {
        Self::new(description.opts(), description.labels)
    }
}

impl Family for Histogram {
    const KIND: &'static str = "histogram";

    fn make(description: &Description) -> prometheus::Result<Self> {
        let opts = HistogramOpts::from(description.opts());
        Self::with_opts(opts.buckets(description.buckets.to_vec()))
    }
}

/// Declares families: a struct with one field each, and a table that describes them. Doc comments are the HELP text.
macro_rules! families {
    (
        $(#[$meta:meta])* struct $name:ident;
        $($(#[doc = $help:literal])+ $field:ident: $kind:ty = $metric:literal [$($label:literal),*] $(in $buckets:expr)?;)*
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub(super) struct $name { $($(#[doc = $help])+ pub(super) $field: $kind,)* }

        /// Every family with its kind, in the order of the declaration.
        pub(super) const TABLE: &[(&str, Description)] = &[$((
            <$kind as Family>::KIND,
            Description {
                name: $metric,
                help: concat!($($help, "\n"),+),
                labels: &[$($label),*],
                buckets: { #[allow(unused_mut, unused_assignments, reason = "only histograms have buckets")]
                    { let mut buckets: &[f64] = &[]; $(buckets = $buckets;)? buckets } },
            },
        ),)*];

        impl $name {
            /// Makes and registers every family.
            pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
                let mut rows = TABLE.iter().map(|(_, description)| description);
                let mut next = || rows.next().ok_or_else(|| prometheus::Error::Msg("the table is too short".to_owned()));
                Ok(Self { $($field: <$kind as Family>::register(next()?, registry)?,)* })
            }
        }
    };
}
pub(super) use families;
