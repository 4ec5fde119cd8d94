//! `revbus check`.

mod page;
mod sarif;

use std::io::Write as _;
use std::path::PathBuf;

use super::{Exit, catalogue};
use crate::catalogue::{Catalogue, compile};
use crate::diagnostic::{Diagnostic, Severity, plural, tally};

/// Check a catalogue: every error at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus check
  revbus check --explain RB0140
  revbus check --deny-warnings deploy/topics.yaml
  git show HEAD:topics.yaml | revbus check -
  revbus check -o json | jq -r '.[] | \"\\(.file):\\(.line): \\(.message)\"'
  revbus check -o sarif > topics.sarif

Exit code: 0 good, 1 errors (or warnings, where they are denied), 2 an unreadable file or an unknown code.")]
pub(super) struct Args {
    /// The catalogue, or - for stdin
    #[arg(env = "REVBUS_CATALOGUE", default_value = "topics.yaml")]
    file: PathBuf,
    /// The form of what is found
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
    /// Fail on warnings too; notes never fail
    #[arg(long)]
    deny_warnings: bool,
    /// Print the page about a code, with an example that is wrong and one that is right
    #[arg(long, value_name = "CODE", conflicts_with_all = ["output", "deny_warnings"])]
    explain: Option<String>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people: with the source line, on stderr
    #[default]
    Text,
    /// A list of `{code, severity, message, file, line, column, end_line, end_column, help}`
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    if let Some(code) = &args.explain {
        out.write_all(page::of(code)?.as_bytes())?;
        return Ok(Exit::Good);
    }
    let text = catalogue::read_or_stdin(&args.file)?;
    let (compiled, diagnostics) = compile(&args.file.display().to_string(), &text);
    match args.output {
        Form::Text => {
            catalogue::print(&text, &diagnostics);
            writeln!(out, "{}: {}", args.file.display(), summary(compiled.as_ref(), &diagnostics))?;
        }
        Form::Json => {
            serde_json::to_writer_pretty(&mut out, &diagnostics)?;
            writeln!(out)?;
        }
        Form::Sarif => {
            serde_json::to_writer_pretty(&mut out, &sarif::log(&args.file, &diagnostics))?;
            writeln!(out)?;
        }
    }
    let least = if args.deny_warnings { Severity::Warning } else { Severity::Error };
    let found = diagnostics.iter().any(|diagnostic| diagnostic.severity >= least);
    Ok(if found { Exit::Found } else { Exit::Good })
}

/// One line: what is in the catalogue, the digest by which audit records and events name it, and what was found.
fn summary(catalogue: Option<&Catalogue>, diagnostics: &[Diagnostic]) -> String {
    let found = tally(diagnostics);
    match catalogue {
        Some(catalogue) => format!("{}; digest {}; {found}", contents(catalogue), catalogue.digest),
        None => found,
    }
}

fn contents(catalogue: &Catalogue) -> String {
    let mut contents = vec![
        plural(catalogue.modules.len(), "module"),
        plural(catalogue.facts().count(), "fact"),
        plural(catalogue.commands().count(), "command"),
        plural(catalogue.facts().map(|(_, _, fact)| fact.triggers.len()).sum(), "trigger"),
    ];
    if !catalogue.entity_types.is_empty() {
        contents.push(plural(catalogue.entity_types.len(), "entity type"));
    }
    contents.join(", ")
}

#[cfg(test)]
mod tests;
