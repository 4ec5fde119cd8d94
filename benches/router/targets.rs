//! What the router must reach, and what would be better still: shares of the ceiling and latency beside the
//! bare copy's, speed and CPU time beside those of others, all of the same run; memory.

use crate::contender::Contender;
use crate::entry::Entry;
use crate::figures::{Figures, Rounds};
use crate::latency::{self, Latency};
use crate::report::Report;

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

/// What the router is compared with, in per cent of the other's: what must be, and what would be better still.
#[derive(Debug, Clone, Copy)]
struct Beside {
    contender: Contender,
    other: Contender,
    rate: (f64, f64),
    cpu: Option<(f64, f64)>,
}

const BESIDE: [Beside; 3] = [
    Beside { contender: Contender::AuditOff, other: Contender::Streams, rate: (150.0, 200.0), cpu: Some((50.0, 40.0)) },
    Beside { contender: Contender::AuditOn, other: Contender::Streams, rate: (100.0, 150.0), cpu: Some((70.0, 50.0)) },
    Beside { contender: Contender::AtLeastOnce, other: Contender::Bento, rate: (300.0, 450.0), cpu: None },
];

/// Judges what there is.
pub fn judge(report: &Report) -> Vec<Judged> {
    let mut out = Vec::new();
    let meant = |entry: Entry, wanted| entry == Entry { contender: wanted, work: report.usual };
    let of = |wanted| report.rounds.iter().find(|(entry, _)| meant(*entry, wanted)).map(|(_, rounds)| rounds);
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
    for target in BESIDE {
        if let (Some(other), Some(rounds)) = (of(target.other), of(target.contender)) {
            out.extend(beside(target, rounds, other));
        }
    }
    let idle = |entry: Entry, latency: &Latency, wanted| meant(entry, wanted) && latency.rate == latency::IDLE;
    let latency = |wanted| {
        let mut measured = report.latencies.iter();
        measured.find(|(entry, latency)| idle(*entry, latency, wanted)).map(|(_, latency)| latency)
    };
    if let (Some(floor), Some(router)) = (latency(Contender::Copy), latency(Contender::AuditOn)) {
        // Where a bare loop needed 4.0 and 15.8 ms, 6 and 25 ms were a must, 4 and 15 ms the dream.
        let shares = [
            ("p50", router.p50 / floor.p50, 150.0, 100.0),
            ("p99", router.p99 / floor.p99, 25.0 / 0.158, 15.0 / 0.158),
        ];
        for (name, share, must, dream) in shares {
            let what = format!("latency {name}, of the bare copy's: {}", Contender::AuditOn.name());
            out.push(Judged { what, measured: 100.0 * share, must, dream, unit: "%", wanted: Wanted::Less });
        }
    }
    if let Some(rounds) = of(Contender::AuditOn) {
        let what = format!("memory at full speed: {}", Contender::AuditOn.name());
        let measured = rounds.median(|one| one.steady_mb);
        out.push(Judged { what, measured, must: 100.0, dream: 60.0, unit: "MB", wanted: Wanted::Less });
    }
    out
}

/// Speed and CPU time an event beside another's, steady.
fn beside(target: Beside, rounds: &Rounds, floor: &Rounds) -> impl Iterator<Item = Judged> {
    let judged = move |name: &str, figure: fn(&Figures) -> f64, (must, dream), wanted| Judged {
        what: format!("{name}, steady, of {}: {}", target.other.name(), target.contender.name()),
        measured: 100.0 * rounds.median(figure) / floor.median(figure),
        must,
        dream,
        unit: "%",
        wanted,
    };
    let rate = judged("events/s", |one| one.steady, target.rate, Wanted::More);
    let cpu = target.cpu.map(|cpu| judged("CPU an event", |one| one.steady_cpu, cpu, Wanted::Less));
    std::iter::once(rate).chain(cpu)
}
