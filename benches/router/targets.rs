//! What the router must reach, and what would be better still: shares of the ceiling of the same run, latency, memory.

use crate::contender::Contender;
use crate::figures::Rounds;
use crate::latency::Latency;

/// One target with what was measured.
#[derive(Debug)]
pub struct Judged {
    pub what: String,
    pub measured: f64,
    pub must: f64,
    pub dream: f64,
    pub unit: &'static str,
    pub wanted: Wanted,
}

/// Which side is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    More,
    Less,
}

impl Judged {
    /// How far it got.
    pub fn verdict(&self) -> &'static str {
        let reaches = |target: f64| match self.wanted {
            Wanted::More => self.measured >= target,
            Wanted::Less => self.measured <= target,
        };
        match (reaches(self.must), reaches(self.dream)) {
            (_, true) => "dream",
            (true, _) => "must",
            _ => "MISSED",
        }
    }
}

/// Judges what there is.
pub fn judge(rounds: &[(Contender, Rounds)], latencies: &[(Contender, Latency)]) -> Vec<Judged> {
    let mut out = Vec::new();
    let of = |wanted| rounds.iter().find(|(contender, _)| *contender == wanted).map(|(_, rounds)| rounds);
    for (contender, must, dream) in [(Contender::AuditOff, 60.0, 75.0), (Contender::AuditOn, 40.0, 55.0)] {
        if let (Some(ceiling), Some(rounds)) = (of(Contender::Copy), of(contender)) {
            out.push(Judged {
                what: format!("share of the ceiling, steady: {}", contender.name()),
                measured: 100.0 * rounds.median(|one| one.steady) / ceiling.median(|one| one.steady),
                must,
                dream,
                unit: "%",
                wanted: Wanted::More,
            });
        }
    }
    for (contender, latency) in latencies.iter().filter(|(contender, _)| *contender == Contender::AuditOn) {
        for (name, measured, must, dream) in [("p50", latency.p50, 6.0, 4.0), ("p99", latency.p99, 25.0, 15.0)] {
            let what = format!("latency {name}: {}", contender.name());
            out.push(Judged { what, measured, must, dream, unit: "ms", wanted: Wanted::Less });
        }
    }
    if let Some(rounds) = of(Contender::AuditOn) {
        let what = format!("memory at full speed: {}", Contender::AuditOn.name());
        let measured = rounds.median(|one| one.steady_mb);
        out.push(Judged { what, measured, must: 100.0, dream: 60.0, unit: "MB", wanted: Wanted::Less });
    }
    out
}
