//! Whether an output is what the facts must give: nothing missing, nothing twice, nothing else.

use crate::broker::Broker;
use crate::facts;

/// The ids that an output must hold, sorted.
pub struct Expected {
    copied: Vec<u128>,
    derived: [Vec<u128>; 3],
}

/// What an output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The facts themselves.
    Copied,
    /// Derived events of the first, second or third command.
    Derived(usize),
    /// Audit records, which name those of the first.
    Audited,
}

impl Output {
    /// Its topic.
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Copied => facts::COPY,
            Self::Derived(number) => facts::COMMANDS[number],
            Self::Audited => facts::AUDIT,
        }
    }
}

/// Whether something may be there more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    Refused,
    /// At least once: a rebalance or a crash may deliver the same ids again.
    Allowed,
}

impl Expected {
    pub fn of(facts: usize) -> Self {
        let derived = [0, 1, 2].map(|command| {
            let mut ids: Vec<_> = (0..facts).map(|sequence| facts::derived_id(sequence, command)).collect();
            ids.sort_unstable();
            ids
        });
        Self { copied: (0..facts as u128).collect(), derived }
    }

    /// Compares a topic with what it must hold, as multisets; as sets where repeats are allowed.
    pub fn check(&self, broker: &Broker, topic: &str, (output, repeats): (Output, Repeats)) {
        let expected = match output {
            Output::Copied => &self.copied,
            Output::Derived(command) => &self.derived[command],
            Output::Audited => &self.derived[0],
        };
        let mut found = Vec::with_capacity(expected.len());
        broker.drain(topic, |value| found.push(id(value, output)));
        found.sort_unstable();
        if repeats == Repeats::Allowed {
            found.dedup();
        }
        assert!(
            found == *expected,
            "{topic} is not what the facts must give: {} records, {} expected",
            found.len(),
            expected.len()
        );
    }
}

/// The id that a record is recognised by.
pub fn id(value: &[u8], output: Output) -> u128 {
    let text = std::str::from_utf8(value).unwrap();
    let text = if output == Output::Audited { text.split_once("\"derived\":[").unwrap().1 } else { text };
    let (_, text) = text.split_once("\"event_id\":\"evt_").unwrap();
    let (text, _) = text.split_once('"').unwrap();
    text.strip_prefix("bench_").map_or_else(|| uuid::Uuid::parse_str(text).unwrap().as_u128(), |n| n.parse().unwrap())
}
