//! Diagnostics counted.

use super::{Diagnostic, Severity};

/// "3 errors, 2 warnings, 14 notes", or "nothing found".
#[must_use]
pub fn tally(diagnostics: &[Diagnostic]) -> String {
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let found: Vec<String> = counts
        .into_iter()
        .filter_map(|(severity, word)| {
            let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
            (count > 0).then(|| plural(count, word))
        })
        .collect();
    if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") }
}

/// A count with its noun, whose plural ends in `s`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
