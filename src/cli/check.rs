//! `revbus check`.

use std::io::Write as _;
use std::path::PathBuf;

use super::{Exit, Output, catalogue};
use crate::catalogue::{Catalogue, compile};
use crate::diagnostic::{Diagnostic, Severity};

/// Check a catalogue: every error at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus check
  revbus check --deny-warnings deploy/topics.yaml
  revbus check -o json | jq -r '.[] | \"\\(.file):\\(.line): \\(.message)\"'

Exit code: 0 good, 1 errors (or warnings, where they are denied), 2 an unreadable file.")]
pub(super) struct Args {
    /// The catalogue
    #[arg(default_value = "topics.yaml")]
    file: PathBuf,
    /// Text for people, or a JSON list of `{code, severity, message, file, line, column, help}`
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    /// Fail on warnings too; notes never fail
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let text = catalogue::read(&args.file)?;
    let (compiled, diagnostics) = compile(&args.file.display().to_string(), &text);
    let mut out = std::io::stdout().lock();
    match args.output {
        Output::Text => {
            catalogue::print(&text, &diagnostics);
            writeln!(out, "{}: {}", args.file.display(), summary(compiled.as_ref(), &diagnostics))?;
        }
        Output::Json => {
            serde_json::to_writer_pretty(&mut out, &diagnostics)?;
            writeln!(out)?;
        }
    }
    let least = if args.deny_warnings { Severity::Warning } else { Severity::Error };
    let found = diagnostics.iter().any(|diagnostic| diagnostic.severity >= least);
    Ok(if found { Exit::Found } else { Exit::Good })
}

/// One line: what is in the catalogue, and what was found.
fn summary(catalogue: Option<&Catalogue>, diagnostics: &[Diagnostic]) -> String {
    let found = |severity: Severity, word: &str| {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        (count > 0).then(|| plural(count, word))
    };
    let found: Vec<String> =
        [found(Severity::Error, "error"), found(Severity::Warning, "warning"), found(Severity::Note, "note")]
            .into_iter()
            .flatten()
            .collect();
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    match catalogue {
        Some(catalogue) => format!("{}; {found}", contents(catalogue)),
        None => found,
    }
}

fn contents(catalogue: &Catalogue) -> String {
    [
        plural(catalogue.modules.len(), "module"),
        plural(catalogue.facts().count(), "fact"),
        plural(catalogue.commands().count(), "command"),
        plural(catalogue.facts().map(|(_, _, fact)| fact.triggers.len()).sum(), "trigger"),
    ]
    .join(", ")
}

/// "1 case", "2 cases".
pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

#[cfg(test)]
mod tests;
