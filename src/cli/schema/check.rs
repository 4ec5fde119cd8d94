//! `revbus schema check`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use super::former::{self, Former};
use super::{Exit, Failure, Output, catalogue};
use crate::catalogue::evolution::{Change, compare, compare_schemas};
use crate::catalogue::{Catalogue, sketch};
use crate::cli::exit::say_aside;
use crate::diagnostic::Severity;

/// Say what a change of the contract does, and to whom
///
/// Compares the catalogue with a former one. A change is breaking where somebody who has not changed yet can no longer
/// write, or read, or keep the order: producers, triggers, subscribers, handlers, those who request. Both sides can
/// then be deployed one after the other, in any order, as long as nothing is breaking.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus schema check --against origin/main
  revbus schema check --against HEAD~1 --catalogue deploy/topics.yaml
  revbus schema check --against schemas
  revbus schema check --against origin/main -o json | jq -r '.changes[].change'

Exit code: 0 nothing is breaking; 1 something is, or the catalogue has errors; 2 nothing to compare with.")]
pub(super) struct Args {
    /// The former contract: a revision of git, or a folder with a catalogue of the same name, or with generated schemas
    /// (of which Avro's rules are asked, and nothing else: they do not tell enough of state, triggers, subscribers and
    /// order, which the answer names as not compared)
    #[arg(long, value_name = "REVISION|FOLDER")]
    against: String,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// Text for people, or JSON
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let text = catalogue::read(&args.catalogue)?;
    let name = args.catalogue.display().to_string();
    let (present, mut found) = sketch(&name, &text);
    found.retain(|found| found.severity > Severity::Note);
    catalogue::print(&text, &found);
    let Some(present) = present else { return Err(Failure::new(Exit::Found, format!("{name} does not compile"))) };
    let former = former::read(&args.against, &args.catalogue)?;
    let not_compared = former.not_compared();
    let changes = match former {
        Former::Schemas(former) => compare_schemas(&former, &present),
        Former::Catalogue(name, text) => compare(&former_catalogue(&name, &text)?, &present),
    };
    let breaking = changes.iter().filter(|change| change.is_breaking()).count();
    let mut out = std::io::stdout().lock();
    match args.output {
        Output::Text => {
            let about = format!("{name} against {}", args.against);
            out.write_all(table(&about, &changes, not_compared).as_bytes())?;
            if !not_compared.is_empty() {
                let file = args.catalogue.file_name().unwrap_or_default().display();
                writeln!(
                    out,
                    "not compared: {}; generated schemas do not tell enough of them, a revision or a folder with {file} does",
                    not_compared.join(", ")
                )?;
            }
        }
        Output::Json => {
            let json = serde_json::json!({
                "against": args.against, "breaking": breaking, "changes": changes, "not_compared": not_compared,
            });
            serde_json::to_writer_pretty(&mut out, &json)?;
            writeln!(out)?;
        }
    }
    let errors = found.iter().any(|found| found.severity == Severity::Error);
    Ok(if breaking > 0 || errors { Exit::Found } else { Exit::Good })
}

/// The former catalogue, which may have errors: rules that came later do not change what it said.
fn former_catalogue(name: &str, text: &str) -> anyhow::Result<Catalogue> {
    let (former, found) = sketch(name, text);
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    if errors > 0 {
        let first = found.iter().find(|found| found.severity == Severity::Error);
        let first =
            first.map_or_else(String::new, |found| format!(", the first in line {}: {}", found.line, found.message));
        say_aside(&format!("note: {name} has errors by the rules of today ({errors}{first})\n"));
    }
    former
        .ok_or_else(|| Failure::new(Exit::Usage, format!("{name} cannot be read, so there is nothing to compare with")))
}

/// A line for each change, what is breaking first.
fn table(about: &str, changes: &[Change], not_compared: &[&str]) -> String {
    let (breaking, compatible): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| change.is_breaking());
    let mut text = String::new();
    for change in breaking.iter().chain(&compatible) {
        _ = writeln!(text, "{:<10}  {change}", change.verdict());
    }
    _ = match (breaking.len(), compatible.len()) {
        (0, 0) if not_compared.is_empty() => writeln!(text, "{about}: nothing changed for anybody"),
        (0, 0) => writeln!(text, "{about}: nothing changed in the Avro schemas"),
        (breaking, compatible) => writeln!(text, "{about}: {breaking} breaking, {compatible} compatible"),
    };
    text
}
