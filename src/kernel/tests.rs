//! The kernel, by one table: each decision that concerns a record is a row (or a few) of it.

mod envelope_rows;
mod harness;
pub(super) mod kinds;
mod payload_rows;
mod properties;
mod seen;
mod shipped_rows;
mod trigger_rows;
mod typed;
mod wire;
mod wire_rows;

use harness::Row;

fn table() -> Vec<Row> {
    let mut rows = envelope_rows::rows();
    rows.extend(payload_rows::rows());
    rows.extend(trigger_rows::rows());
    rows.extend(wire_rows::rows());
    rows.extend(shipped_rows::rows());
    rows
}

#[test]
fn every_decision_on_a_record_is_kept() {
    let mut wrong = Vec::new();
    for row in table() {
        let found = row.wrong();
        if !found.is_empty() {
            wrong.push(format!("decision {}: {}\n{}", row.decision, row.what, found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The decisions that concern a record, as the table's own check that none was left out. Beside those named in the
/// list of what is built later, the others speak of topics, processes, files and the command line.
#[test]
fn every_such_decision_has_a_row() {
    let wanted = [12, 13, 16, 17, 18, 19, 25, 28]
        .into_iter()
        .chain(30..=38)
        .chain([40, 41, 42, 43, 44, 45, 48, 49, 50, 51, 52, 53, 54, 57, 59, 60])
        .chain(62..=69)
        .chain([72, 74, 75, 80, 81, 82]);
    let rows = table();
    let missing: Vec<u32> = wanted.filter(|decision| !rows.iter().any(|row| row.decision == *decision)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
