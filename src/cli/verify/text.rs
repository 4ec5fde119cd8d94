//! A verification as tables for people.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::client::verify::Report;
use crate::verify::{Damage, Examples};

/// What was counted, what was found, what was not judged.
pub(super) fn text(report: &Report) -> String {
    let mut counted = table();
    for (what, count) in report.counted.rows() {
        counted.add_row([what.to_owned(), count.to_string()]);
    }
    if let Some(column) = counted.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut out = format!("{}\n\n", trimmed(&counted));
    if report.findings.is_clean() {
        // Where nothing was judged, nothing is known to be well: a note says so.
        if !report.counted.is_nothing() {
            out.push_str("nothing is lost, duplicated, torn, out of order or hanging\n");
        }
    } else {
        let mut found = table();
        found.set_header(["found", "where", "id", "what"]);
        for (damage, of) in report.findings.found() {
            rows(&mut found, damage, of);
        }
        _ = writeln!(out, "{}", trimmed(&found));
    }
    for note in &report.notes {
        _ = writeln!(out, "note: {note}");
    }
    out
}

fn rows(table: &mut Table, damage: Damage, of: &Examples) {
    let mut kind = format!("{} {}", of.count, damage.name());
    for one in &of.examples {
        let place = format!("{}/{}@{}", one.topic, one.partition, one.offset);
        table.add_row([std::mem::take(&mut kind), place, one.id.clone().unwrap_or_default(), one.sentence.clone()]);
    }
    let more = of.count - of.examples.len() as u64;
    if more > 0 {
        let more = if of.examples.is_empty() { String::new() } else { format!("and {more} more") };
        table.add_row([kind, more]);
    }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// The table without blanks around its lines.
fn trimmed(table: &Table) -> String {
    let lines: Vec<_> =
        table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned()).collect();
    lines.join("\n")
}
