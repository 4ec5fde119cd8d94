//! From samples to figures, and from the figures of several rounds to one.

use crate::measure::Sample;

/// What one run gave.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Events a second, from the first commit to the last.
    pub rate: f64,
    /// Events a second, of the second half.
    pub steady: f64,
    /// CPU microseconds an event, of the process and of the broker, from the first commit to the last.
    pub cpu: f64,
    pub broker: f64,
    /// CPU microseconds an event of the process, of the second half.
    pub steady_cpu: f64,
    /// Most resident megabytes: ever, and in the second half.
    pub peak_mb: f64,
    pub steady_mb: f64,
}

impl Figures {
    pub fn of(samples: &[Sample], facts: usize, peak_mb: f64) -> Self {
        let first = samples.iter().find(|sample| sample.done > 0).unwrap();
        let half = samples.iter().find(|sample| sample.done >= facts / 2).unwrap();
        let last = samples.last().unwrap();
        let events = |from: &Sample| (last.done - from.done).max(1) as f64;
        let rate = |from: &Sample| events(from) / (last.at - from.at).as_secs_f64().max(0.001);
        let cpu = |from: &Sample| (last.cpu - from.cpu) * 1e6 / events(from);
        let second_half = samples.iter().filter(|sample| sample.at >= half.at);
        Self {
            rate: rate(first),
            steady: rate(half),
            cpu: cpu(first),
            steady_cpu: cpu(half),
            broker: (last.broker - first.broker) * 1e6 / events(first),
            peak_mb,
            steady_mb: second_half.map(|sample| sample.resident_mb).fold(0.0, f64::max),
        }
    }
}

/// The figures of a contender's rounds.
#[derive(Debug, Default)]
pub struct Rounds(pub Vec<Figures>);

impl Rounds {
    /// The middle of a figure over the rounds.
    pub fn median(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        let mut values: Vec<_> = self.0.iter().map(figure).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    }

    pub fn least(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        self.0.iter().map(figure).fold(f64::INFINITY, f64::min)
    }

    pub fn most(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        self.0.iter().map(figure).fold(0.0, f64::max)
    }
}
