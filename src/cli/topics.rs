//! `revbus topics`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;

use super::{Exit, Failure, Output, catalogue, output, trouble};
use crate::client::topics::{self, Allowed, Change, Grow, Overrides, Plan};
use crate::config::KafkaArgs;
use crate::kafka::admin::Admin;
use crate::kafka::trouble::Trouble;

/// How long one call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Create the topics that a catalogue needs, and keep their configuration
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print what `apply` would do; exit code 0 whether or not there is anything to do
    #[command(after_help = "Example:\n  revbus topics plan --brokers 127.0.0.1:9092 --catalogue topics.yaml")]
    Plan(Common),
    /// Do it, with --yes; without, print the plan
    ///
    /// Creates missing topics and sets the keys of their configuration that the catalogue names, and no others. Never
    /// deletes, never shrinks, raises the partition count of a keyed topic only where --grow names it, and shortens how long
    /// one keeps records only where --shorten names it; revbus.audit follows the widest topic by itself. Calling it again does what is left.
    #[command(after_help = "Examples:\n  \
        revbus topics apply --brokers 127.0.0.1:9092 --catalogue topics.yaml --yes\n  \
        revbus topics apply --replication-factor 3 --min-insync-replicas 2 --yes\n  \
        revbus topics apply --grow pipeline.deal_won=12 --yes")]
    Apply {
        #[command(flatten)]
        common: Common,
        /// Change the cluster
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// Replicas of topics that are created, whatever the catalogue says
    #[arg(long, env = "REVBUS_REPLICATION_FACTOR", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    replication_factor: Option<u16>,
    /// min.insync.replicas of all topics, where the catalogue's `config` does not set it
    #[arg(long, env = "REVBUS_MIN_INSYNC_REPLICAS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    min_insync_replicas: Option<u16>,
    /// Raise the partition count of a topic; the plan says what order is lost
    #[arg(long, value_name = "TOPIC=N")]
    grow: Vec<Grow>,
    /// Shorten the retention of a topic that keeps records longer than the catalogue says, or for ever because it is
    /// compacted; Kafka then deletes what is older
    #[arg(long, value_name = "TOPIC")]
    shorten: Vec<String>,
    /// How the plan is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Whether the plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plan,
    Apply,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Plan(common) => execute(common, Mode::Plan),
        Verb::Apply { common, yes } => execute(common, if *yes { Mode::Apply } else { Mode::Plan }),
    }
}

fn execute(args: &Common, mode: Mode) -> anyhow::Result<Exit> {
    let settings = args.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let overrides =
        Overrides { replication_factor: args.replication_factor, min_insync_replicas: args.min_insync_replicas };
    let desired = topics::desired(&catalogue, overrides);
    let admin = Admin::connect(&settings, TIMEOUT).map_err(|t| trouble::failure(&t))?;
    let names: Vec<_> = desired.iter().map(|topic| topic.name.as_str()).collect();
    let actual = admin.describe(&names).map_err(|t| trouble::failure(&t))?;
    let mut plan = topics::plan(&desired, &actual, Allowed { grow: &args.grow, shorten: &args.shorten });
    let absent: Vec<_> = names.into_iter().filter(|name| !actual.contains_key(*name)).collect();
    let hidden = if absent.is_empty() { Vec::new() } else { admin.hidden(&absent).unwrap_or_default() };
    if !hidden.is_empty() {
        let (count, names) = (hidden.len(), hidden.join(", "));
        plan.notes.push(format!("{count} may be there already, for we have no right to see them (Describe): {names}"));
    }
    if !plan.refusals.is_empty() {
        return Err(Failure::new(Exit::Usage, plan.refusals.join("\n")));
    }
    if mode == Mode::Apply {
        topics::apply(&admin, &plan).map_err(failed)?;
    }
    match args.output {
        Output::Text => output::say(&text(&plan, mode)),
        Output::Json => output::say(&format!("{}\n", json(&plan, mode))),
    }?;
    Ok(Exit::Good)
}

fn failed(troubles: Vec<Trouble>) -> anyhow::Error {
    let worst = troubles.iter().map(|t| trouble::exit(t.kind)).max_by_key(|exit| exit.code()).unwrap_or(Exit::Found);
    let mut message = "not everything was done; the same command does what is left".to_owned();
    for trouble in troubles {
        _ = write!(message, "\n  {trouble}");
    }
    Failure::new(worst, message)
}

fn text(plan: &Plan, mode: Mode) -> String {
    let mut out = String::new();
    let mut counts = [0_usize; 3];
    for change in &plan.changes {
        counts[match change {
            Change::Create { .. } => 0,
            Change::Grow { .. } => 1,
            Change::Configure { .. } => 2,
        }] += 1;
        _ = writeln!(out, "{change}");
    }
    for note in &plan.notes {
        _ = writeln!(out, "note: {note}");
    }
    let [create, grow, configure] = counts;
    _ = match (plan.changes.is_empty(), mode) {
        (true, _) => writeln!(out, "nothing to do"),
        (false, Mode::Plan) => {
            writeln!(out, "{create} to create, {grow} to grow, {configure} to configure; `topics apply --yes` does it")
        }
        (false, Mode::Apply) => writeln!(out, "{create} created, {grow} grown, {configure} configured"),
    };
    out
}

fn json(plan: &Plan, mode: Mode) -> serde_json::Value {
    serde_json::json!({ "changes": plan.changes, "notes": plan.notes, "applied": mode == Mode::Apply })
}

#[cfg(test)]
mod tests;
