//! `revbus graph`.

mod dot;
mod json;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::PathBuf;

use super::{Exit, Failure, catalogue};
use crate::catalogue::Changes;
use crate::catalogue::graph::{Emission, Graph};
use crate::diagnostic::Severity;

/// Draw a catalogue: who emits, accepts and reads what, and what follows from what
///
/// Modules are boxes; facts, commands and the entity types whose state a module keeps have shapes of their own. Red is what nobody declares, consumes or sends, and
/// what leads back to itself. A catalogue with errors is drawn as far as it can be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus graph --format svg > catalogue.svg
  revbus graph --focus pipeline
  revbus graph --type pipeline.deal_won --format dot | dot -Tpng > deal_won.png
  revbus graph --format json | jq '.events[] | select(.problem)'

Exit code: 0 good, 1 the catalogue has errors (which are on stderr), 2 an unreadable file or an unknown name.")]
pub(super) struct Args {
    /// The catalogue; `-` reads stdin
    #[arg(env = "REVBUS_CATALOGUE", default_value = "topics.yaml")]
    file: PathBuf,
    /// Text for Mermaid or for Graphviz, a picture that needs no other program, or JSON
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Only this module, its events, and what is one step away from them
    #[arg(long, value_name = "MODULE", conflicts_with = "event_type")]
    focus: Option<String>,
    /// Only this event type, what leads to it, and what follows from it
    #[arg(long = "type", id = "event_type", value_name = "TYPE")]
    event_type: Option<String>,
}

/// How a graph is written.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Mermaid,
    Dot,
    Svg,
    Json,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let text = catalogue::read_or_stdin(&args.file)?;
    let file = args.file.display().to_string();
    let (graph, mut diagnostics) = crate::catalogue::graph(&file, &text);
    diagnostics.retain(|diagnostic| diagnostic.severity > Severity::Note);
    catalogue::print(&text, &diagnostics);
    let Some(graph) = graph else {
        return Err(Failure::new(Exit::Found, format!("{file} cannot be read, so there is nothing to draw")));
    };
    let part = match (&args.focus, &args.event_type) {
        (Some(module), _) => graph.focus(module),
        (None, Some(event)) => graph.around(event),
        (None, None) => Ok(graph),
    };
    let part = part.map_err(|unknown| Failure::new(Exit::Usage, format!("{unknown}")))?;
    std::io::stdout().lock().write_all(args.format.write(&part)?.as_bytes())?;
    let errors = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Ok(if errors { Exit::Found } else { Exit::Good })
}

impl Format {
    fn write(self, graph: &Graph) -> anyhow::Result<String> {
        match self {
            Self::Mermaid => Ok(mermaid::mermaid(graph)),
            Self::Dot => Ok(dot::dot(graph)),
            Self::Svg => Ok(svg::svg(graph)),
            Self::Json => json::json(graph),
        }
    }
}

/// The colour of problems, readable on white and on black.
const RED: &str = "#e5383b";

/// When a change of state emits a fact: the kinds of change where they are not the usual one, and the condition.
fn emission_label(emission: &Emission) -> String {
    let on = (emission.on != Changes::default()).then(|| emission.on.names().collect::<Vec<_>>().join(", "));
    on.into_iter().chain(emission.when.clone()).collect::<Vec<_>>().join(": ")
}

/// What to call the part of a module that reads facts itself.
fn reader_label(patterns: &[&str]) -> String {
    if patterns.is_empty() { "inbound".to_owned() } else { format!("inbound {}", patterns.join(" ")) }
}
