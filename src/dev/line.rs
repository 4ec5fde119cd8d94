//! Entries, status and summary as text, with colour where there is some.

use std::collections::BTreeMap;
use std::time::Duration;

use super::tally::Tally;
use super::view::{Came, Entry};
use crate::diagnostic::one_line;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    Strong,
    Dim,
    Good,
    Bad,
}

impl Colour {
    pub(super) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match (self, ink) {
            (Self::Off, _) => return text.to_owned(),
            (Self::On, Ink::Strong) => "1",
            (Self::On, Ink::Dim) => "2",
            (Self::On, Ink::Good) => "32",
            (Self::On, Ink::Bad) => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The columns of fact and entity, so that the arrows stand under each other for most of them.
const FACT_WIDTH: usize = 44;
/// The longest entity: `module/type/id` of an update is longer than the id of a fact.
const LONGEST_ENTITY: usize = 48;
/// How many kinds of commands a summary names.
const MOST_NAMED: usize = 6;
const LONGEST_SENTENCE: usize = 200;

/// A fact in one line: `tenant_001  pipeline.deal_won deal_17  → compensation.calculate  3 ms`.
#[must_use]
pub(super) fn entry(entry: &Entry, colour: Colour) -> String {
    let (tenant, entity) = (one_line(&entry.tenant, 20), one_line(&entry.entity, LONGEST_ENTITY));
    let padding = FACT_WIDTH.saturating_sub(entry.event_type.len() + 1 + entity.chars().count());
    let fact = colour.paint(Ink::Strong, &entry.event_type);
    let (sign, text) = match &entry.came {
        Came::Commands(commands) => ("→", colour.paint(Ink::Good, &commands.join(", "))),
        Came::Nothing => ("·", colour.paint(Ink::Dim, "no trigger")),
        Came::Changed(version, facts) => ("=", colour.paint(Ink::Good, &changed(*version, facts))),
        Came::Other(outcome) => ("·", outcome.replace('_', " ")),
        Came::DeadLetter(sentences, codes) => {
            let sentence = one_line(&sentences.join("; "), LONGEST_SENTENCE);
            ("✗", colour.paint(Ink::Bad, &format!("dead letter: {sentence} ({})", codes.join(", "))))
        }
    };
    let tenant = colour.paint(Ink::Dim, &format!("{tenant:<10}"));
    let millis = colour.paint(Ink::Dim, &format!("{} ms", entry.millis));
    format!("{tenant}  {fact} {entity}{:padding$}  {sign} {text}  {millis}", "")
}

/// `version 3 → customer_success.health_score_changed`.
fn changed(version: u64, facts: &[String]) -> String {
    let emitted = if facts.is_empty() { String::new() } else { format!(" → {}", facts.join(", ")) };
    format!("version {version}{emitted}")
}

/// Where things stand: `12 s · 49 facts, 5.0/s · 95 commands · 4 dead letters · p50 7 ms, p99 21 ms`.
#[must_use]
pub(super) fn status(tally: &Tally, ran: Duration, facts_per_second: f64) -> String {
    format!(
        "{} s · {}, {facts_per_second:.1}/s · {} · {} · {}",
        ran.as_secs(),
        count(tally.facts, "fact"),
        count(tally.commands_read(), "command"),
        count(tally.dead_letters, "dead letter"),
        latency(tally),
    )
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn latency(tally: &Tally) -> String {
    let percentile = |percent| tally.latency.percentile(percent).map_or_else(|| "-".to_owned(), |ms| ms.to_string());
    format!("p50 {} ms, p99 {} ms", percentile(50), percentile(99))
}

/// What came of everything, a few lines. `ran` is the time with traffic.
#[must_use]
pub(super) fn summary(tally: &Tally, ran: Duration, colour: Colour) -> String {
    let rate = |number: u64| format!("{:.1}/s", number as f64 / ran.as_secs_f64().max(0.001));
    let changed =
        if tally.changed > 0 { format!(" + {}", count(tally.changed, "state change")) } else { String::new() };
    let other = if tally.other > 0 { format!(" + {} other", tally.other) } else { String::new() };
    let lost = if tally.lost() == 0 { Ink::Good } else { Ink::Bad };
    let mut out = format!(
        "\n{}\n  facts         {} = {} routed + {} no trigger + {}{changed}{other} + {}   {}\n",
        colour.paint(Ink::Strong, &format!("summary of {:.1} s of traffic", ran.as_secs_f64())),
        tally.facts,
        tally.routed,
        tally.no_trigger,
        count(tally.dead, "dead letter"),
        colour.paint(lost, &format!("{} lost", tally.lost())),
        rate(tally.facts),
    );
    let commands = tally.commands_read();
    out.push_str(&format!("  commands      {commands}   {}{}\n", rate(commands), most(&tally.commands)));
    out.push_str(&format!("  dead letters  {}{}\n", tally.dead_letters, most(&tally.reasons)));
    out.push_str(&format!("  latency       {}, from writing a fact until what came of it is read", latency(tally)));
    if tally.commands_read() != tally.derived || tally.dead_letters != tally.dead {
        let missing = format!("the audit trail names {} commands and {} dead letters", tally.derived, tally.dead);
        out.push_str(&format!("\n  {}", colour.paint(Ink::Bad, &missing)));
    }
    if tally.earlier > 0 {
        out.push_str(&format!("\n  also          {} decided on that were there before", count(tally.earlier, "fact")));
    }
    out
}

/// The most frequent, and how many more kinds there are.
fn most(counts: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let named: Vec<_> = sorted.iter().take(MOST_NAMED).map(|(name, count)| format!("{name} {count}")).collect();
    let more =
        if sorted.len() > MOST_NAMED { format!(", {} more kinds", sorted.len() - MOST_NAMED) } else { String::new() };
    if named.is_empty() { String::new() } else { format!("   {}{more}", named.join(", ")) }
}

#[cfg(test)]
mod tests;
