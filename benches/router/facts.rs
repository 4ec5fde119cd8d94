//! The facts of the benchmark and their catalogue. Everything follows from the sequence number.

use revbus::ids::derived_event_id;

use crate::entry::Work;

/// The size of a fact.
pub const BYTES: usize = 500;
pub const PARTITIONS: i32 = 6;
pub const FACT: &str = "sales.order_placed";
/// What a fact triggers: the first, or all of them.
pub const COMMANDS: [&str; 3] = ["billing.invoice", "billing.reserve", "billing.thank"];
/// Where the bare copy writes.
pub const COPY: &str = "copy";
/// And where it writes each record once more, if it copies to two topics.
pub const COPY_AGAIN: &str = "copy.again";
/// Where the facts go while a contender that compiles itself as it runs is warmed.
pub const WARM: &str = "warm";
pub const AUDIT: &str = "revbus.audit";
pub const DEAD_LETTERS: &str = "revbus.deadletter";

const TENANTS: usize = 20;
const CATALOGUE: &str = "
version: 1
tenants: open
defaults: {partitions: 6, replication_factor: 1, retention: 7d, encoding: json}
modules:
  sales:
    name: Sales
    outbound:
      sales.order_placed:
        key: order_id
        payload:
          order_id: string
          account_id: string
          amount: number
          currency: string
          quantity: integer
          placed_on: date
          notes: string
        triggers:
TRIGGERS  billing:
    name: Billing
    actions:
COMMANDS";
const ACTION: &str = "
        key: order_id
        payload:
          order_id: string
          account_id: string
          amount: number
          notes: string
";

/// Whether decisions are audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    On,
    Off,
}

/// The text of the catalogue: one fact, and what it triggers. Conditions that do not let a command through are asked
/// all the same.
pub fn catalogue(prefix: &str, audit: Audit, work: Work) -> String {
    let audit = if audit == Audit::Off { "audit: {mode: off}\n" } else { "" };
    let rows = (0..work.derived.max(work.conditions)).map(|number| {
        let least = if number < work.derived { 10 } else { 100_000 };
        let when = if number < work.conditions {
            format!("\n            when: 'data.amount > {least}.0 && data.currency == \"EUR\"'")
        } else {
            String::new()
        };
        format!("          - emit: {}{when}\n", COMMANDS[number])
    });
    let commands = COMMANDS.map(|name| format!("      {name}:{ACTION}")).concat();
    let catalogue = CATALOGUE.replace("TRIGGERS", &rows.collect::<String>()).replace("COMMANDS", &commands);
    format!("topic_prefix: {prefix}\n{audit}{catalogue}")
}

/// A fact's key.
pub fn key(sequence: usize) -> String {
    format!("{}/{}", tenant(sequence), order(sequence))
}

/// A fact's value: [`BYTES`] long, filled up by its notes.
pub fn value(sequence: usize) -> Vec<u8> {
    const NOTES: &str = "The customer asked for delivery before noon and for one invoice for each site. ";
    let (before, after) = (
        format!(
            "{{\"event_id\":\"{id}\",\"event_type\":\"{FACT}\",\"source_module\":\"sales\",\"tenant_id\":\"{tenant}\",\
             \"timestamp\":\"2026-01-05T10:00:00Z\",\"payload\":{{\"action\":\"order_placed\",\"data\":{{\
             \"order_id\":\"{order}\",\"account_id\":\"account_{account:04}\",\"amount\":{amount}.5,\
             \"currency\":\"EUR\",\"quantity\":{quantity},\"placed_on\":\"2026-01-05\",\"notes\":\"",
            id = event_id(sequence),
            tenant = tenant(sequence),
            order = order(sequence),
            account = sequence % 997,
            amount = 1000 + sequence % 5000,
            quantity = 1 + sequence % 9,
        ),
        format!("\"}},\"metadata\":{{}}}},\"correlation_id\":\"corr_{sequence:010}\"}}"),
    );
    let start = sequence % NOTES.len();
    let notes = NOTES.bytes().cycle().skip(start).take(BYTES - before.len() - after.len());
    before.bytes().chain(notes).chain(after.bytes()).collect()
}

/// The id of the event that the fact must give of its first, second or third command, as a number.
pub fn derived_id(sequence: usize, command: usize) -> u128 {
    derived_event_id(&tenant(sequence), FACT, &event_id(sequence), COMMANDS[command]).as_u128()
}

fn event_id(sequence: usize) -> String {
    format!("evt_bench_{sequence:010}")
}

fn tenant(sequence: usize) -> String {
    format!("tenant_{:02}", sequence % TENANTS)
}

fn order(sequence: usize) -> String {
    format!("order_{:06}", sequence / TENANTS % 5000)
}
