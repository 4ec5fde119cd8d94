//! What is printed: a table for people, JSON for programs.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::contender::Contender;
use crate::decide::LedgerCost;
use crate::entry::{Entry, Work};
use crate::figures::{Figures, Rounds};
use crate::latency::Latency;
use crate::targets::{Judged, judge};

/// All that was measured.
pub struct Report {
    pub facts: usize,
    /// What is not said in names.
    pub usual: Work,
    pub rounds: Vec<(Entry, Rounds)>,
    pub latencies: Vec<(Entry, Latency)>,
    /// Nanoseconds of deciding alone, audit off and on.
    pub deciding: [f64; 2],
    /// What the ledger against duplicates adds.
    pub ledger: LedgerCost,
}

impl Report {
    /// The share of the ceiling, in percent, where the ceiling was measured.
    fn share(&self, entry: Entry, rounds: &Rounds) -> Option<f64> {
        let ceiling = |other: Entry| other.contender == Contender::Copy && other.work.workers == entry.work.workers;
        let (_, ceiling) = self.rounds.iter().find(|(other, _)| ceiling(*other))?;
        Some(100.0 * rounds.median(|one| one.steady) / ceiling.median(|one| one.steady))
    }

    pub fn text(&self) -> String {
        let mut out = format!(
            "{} facts of {} bytes, one derived event each where nothing else is said\n",
            self.facts,
            crate::facts::BYTES
        );
        let mut table =
            plain(&["", "events/s", "min", "max", "steady/s", "of ceiling", "CPU µs", "broker µs", "MB", "peak MB"]);
        for (entry, rounds) in &self.rounds {
            let thousands = |figure: f64| format!("{:.0} k", figure / 1e3);
            let microseconds = |figure: fn(&Figures) -> f64| format!("{:.2}", rounds.median(figure));
            table.add_row([
                entry.name(self.usual),
                thousands(rounds.median(|one| one.rate)),
                thousands(rounds.least(|one| one.rate)),
                thousands(rounds.most(|one| one.rate)),
                thousands(rounds.median(|one| one.steady)),
                self.share(*entry, rounds).map_or_else(String::new, |share| format!("{share:.0} %")),
                microseconds(|one| one.cpu),
                microseconds(|one| one.broker),
                format!("{:.0}", rounds.median(|one| one.steady_mb)),
                format!("{:.0}", rounds.median(|one| one.peak_mb)),
            ]);
        }
        if !self.rounds.is_empty() {
            out.push_str(&format!("{table}\n"));
        }
        let [off, on] = self.deciding;
        out.push_str(&format!(
            "deciding alone, without Kafka: {off:.0} ns an event, {on:.0} ns with its audit record\n"
        ));
        let LedgerCost { nanos, bytes } = self.ledger;
        out.push_str(&format!("the ledger against duplicates, full: {nanos:.0} ns and {bytes:.0} bytes an event\n"));
        for (entry, Latency { rate, p50, p99, most }) in &self.latencies {
            let name = entry.name(self.usual);
            out.push_str(&format!(
                "latency at {rate} facts/s: {name}: p50 {p50:.1} ms, p99 {p99:.1} ms, max {most:.1} ms\n"
            ));
        }
        let mut table = plain(&["target", "measured", "must", "dream", ""]);
        let judged = judge(self);
        for one in &judged {
            let figure = |value: f64| format!("{value:.1} {}", one.unit);
            table.add_row([
                one.what.clone(),
                figure(one.measured),
                figure(one.must),
                figure(one.dream),
                one.verdict().to_owned(),
            ]);
        }
        if !judged.is_empty() {
            out.push_str(&format!("\n{table}\n"));
        }
        out
    }

    pub fn json(&self) -> Value {
        let contenders = self.rounds.iter().map(|(entry, rounds)| {
            json!({
                "contender": entry.contender.name(),
                "derived": entry.work.derived,
                "conditions": entry.work.conditions,
                "workers": entry.work.workers,
                "events_per_second": spread(rounds, |one| one.rate),
                "steady_events_per_second": spread(rounds, |one| one.steady),
                "share_of_ceiling_percent": self.share(*entry, rounds),
                "cpu_microseconds_per_event": spread(rounds, |one| one.cpu),
                "steady_cpu_microseconds_per_event": spread(rounds, |one| one.steady_cpu),
                "broker_cpu_microseconds_per_event": spread(rounds, |one| one.broker),
                "resident_mb": spread(rounds, |one| one.steady_mb),
                "peak_resident_mb": spread(rounds, |one| one.peak_mb),
            })
        });
        let latencies = self.latencies.iter().map(|(entry, latency)| {
            json!({
                "contender": entry.contender.name(),
                "facts_per_second": latency.rate,
                "p50_ms": latency.p50,
                "p99_ms": latency.p99,
                "max_ms": latency.most,
            })
        });
        json!({
            "facts": self.facts,
            "fact_bytes": crate::facts::BYTES,
            "contenders": contenders.collect::<Vec<_>>(),
            "deciding_ns": { "audit_off": self.deciding[0], "audit_on": self.deciding[1] },
            "ledger": { "ns": self.ledger.nanos, "bytes": self.ledger.bytes },
            "latency": latencies.collect::<Vec<_>>(),
            "targets": judge(self).iter().map(target).collect::<Vec<_>>(),
        })
    }
}

fn spread(rounds: &Rounds, figure: fn(&Figures) -> f64) -> Value {
    json!({ "median": rounds.median(figure), "min": rounds.least(figure), "max": rounds.most(figure) })
}

fn target(one: &Judged) -> Value {
    json!({
        "what": one.what,
        "measured": one.measured,
        "must": one.must,
        "dream": one.dream,
        "unit": one.unit,
        "verdict": one.verdict(),
    })
}

fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
