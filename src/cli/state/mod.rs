//! `revbus state`.

mod changes;
mod client;
mod data;
mod export;
mod get;
mod history;
mod import;
mod list;
mod names;
mod output;
mod reads;
#[cfg(test)]
mod tests;
mod trouble;
mod view;
mod watch;
mod write;

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;

use super::{Exit, Format};
use crate::config::{KafkaArgs, duration};
use crate::state::MAX_EXPECTED;
use crate::telemetry::logs::{self, LogFormat};

/// Write and read the state of modules
///
/// An entity is MODULE/TYPE/ID of a tenant, with a state (a JSON object) and a version. Writes are updates that the
/// router decides on and answers; reads follow the compacted topic revbus.state.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Put(write::PutArgs),
    Patch(write::PatchArgs),
    Delete(write::DeleteArgs),
    Get(get::Args),
    List(list::Args),
    Watch(watch::Args),
    History(history::Args),
    Export(export::Args),
    Import(import::Args),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Whose state it is
    #[arg(long, value_parser = names::tenant, env = "REVBUS_TENANT", value_name = "TENANT")]
    tenant: String,
    /// The module in whose name it is done [default: the module that owns the entity]
    #[arg(long = "as", value_name = "MODULE")]
    module: Option<String>,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// What is asked of the verbs that read one entity.
#[derive(Debug, clap::Args)]
struct OneEntity {
    /// The entity; `%`, `/` and control characters of its id as %25, %2F …
    #[arg(value_name = "MODULE/TYPE/ID")]
    entity: names::EntityName,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Printed {
    /// Text for people, or JSON or YAML for programs
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// How reads come by what is there.
#[derive(Debug, clap::Args)]
struct ReadArgs {
    #[command(flatten)]
    kept: Kept,
    /// How long to wait while nothing more can be read of what is there
    #[arg(long, value_parser = duration, default_value = "5m", value_name = "DURATION")]
    deadline: Duration,
}

/// Where what was read stays.
#[derive(Debug, Clone, clap::Args)]
struct Kept {
    /// Keep what was read in this folder, so that the next read there costs only what is new [default: in memory]
    #[arg(long, env = "REVBUS_STATE_DIR", value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct WriteHow {
    /// The user that asks
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// How long to wait for an answer
    #[arg(long, value_parser = duration, default_value = "30s", value_name = "DURATION")]
    deadline: Duration,
}

#[derive(Debug, clap::Args)]
struct WriteArgs {
    /// Only where the entity has this version; 0: it must not be there
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=MAX_EXPECTED.0))]
    expected_version: Option<u64>,
    /// The id of the update, to ask again: what was decided before is not done twice [default: a new one]
    #[arg(long, value_name = "ID")]
    event_id: Option<String>,
    #[command(flatten)]
    how: WriteHow,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    // Such as that what --state-dir kept could not be gone on with.
    logs::init(LogFormat::Text, tracing::Level::WARN)?;
    match &args.verb {
        Verb::Put(args) => write::put(args),
        Verb::Patch(args) => write::patch(args),
        Verb::Delete(args) => write::delete(args),
        Verb::Get(args) => get::run(args),
        Verb::List(args) => list::run(args),
        Verb::Watch(args) => watch::run(args),
        Verb::History(args) => history::run(args),
        Verb::Export(args) => export::run(args),
        Verb::Import(args) => import::run(args),
    }
}

/// Runs what waits for the cluster.
fn run_async<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("failed to start a runtime")?;
    let done = runtime.block_on(work);
    // A Kafka client that does not answer must not hold up the process.
    runtime.shutdown_background();
    done
}
