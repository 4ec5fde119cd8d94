//! The results of cases for people.

use super::{CaseLine, CoverageLine, Results, plural};
use crate::kernel::cases::TriggerCoverage;

/// Which triggers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Those that no case exercises.
    Never,
    /// All.
    All,
}

/// Whether there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Colour,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

impl Paint {
    fn put(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// Every case, then how many there were, then which triggers they exercise.
pub(super) fn render(results: &Results, rows: Rows, paint: Paint) -> String {
    let mut out = String::new();
    results.cases.iter().for_each(|case| push_case(case, paint, &mut out));
    let failed = format!("{} failed", results.failed);
    let failed = if results.failed == 0 { failed } else { paint.put(RED, &failed) };
    out.push_str(&format!("\n{}: {} passed, {failed}\n", plural(results.cases.len(), "case"), results.passed));
    push_coverage(&results.coverage, rows, paint, &mut out);
    out
}

fn push_case(case: &CaseLine, paint: Paint, out: &mut String) {
    if case.passed {
        out.push_str(&format!("{}    {}\n", paint.put(GREEN, "ok"), case.name));
        return;
    }
    out.push_str(&format!("{}  {}  {}:{}\n", paint.put(RED, "FAIL"), case.name, case.file, case.line));
    for difference in &case.differences {
        out.push_str(&format!("      {}\n", difference.at));
        out.push_str(&format!("        expected  {}\n", paint.put(GREEN, &difference.expected)));
        out.push_str(&format!("        found     {}\n", paint.put(RED, &difference.found)));
    }
}

fn push_coverage(coverage: &CoverageLine, rows: Rows, paint: Paint, out: &mut String) {
    let all = coverage.triggers.len();
    match coverage.never {
        _ if all == 0 => {}
        0 => out.push_str(&format!("{}: every one is exercised\n", plural(all, "trigger"))),
        1 => out.push_str(&format!("{} of {all} is never exercised\n", paint.put(YELLOW, "1 trigger"))),
        never => {
            let never = paint.put(YELLOW, &format!("{never} triggers"));
            out.push_str(&format!("{never} of {all} are never exercised\n"));
        }
    }
    for row in coverage.triggers.iter().filter(|row| rows == Rows::All || row.cases == 0) {
        let cases = if rows == Rows::All { format!("{:>5}  ", row.cases) } else { "  ".to_owned() };
        out.push_str(&format!("{cases}{}\n", name(row)));
    }
}

fn name(row: &TriggerCoverage) -> String {
    let id = if row.trigger == row.emit { String::new() } else { format!(" ({})", row.trigger) };
    format!("{} → {}{id}", row.fact, row.emit)
}
