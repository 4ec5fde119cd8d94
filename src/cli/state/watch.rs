//! `revbus state watch`.

use std::io::{self, Write as _};

use tokio::signal::unix;

use super::changes::Shown;
use super::names::WatchName;
use super::reads::Reads;
use super::view::Source;
use super::{Common, ReadArgs, output, run_async};
use crate::cli::Exit;
use crate::cli::exit::say_aside;
use crate::client::state::view::ListScope;
use crate::state::{Entity, EntityKey};

/// Watch entities change, a JSON object a line
///
/// From now on; with --initial, what is there comes first. `change` is `written`, `deleted`, `there` (with --initial), or
/// `missed`, with the `count` of changes that a slow reader was spared. Ends with Ctrl-C or after --max lines.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state watch customer_success --tenant tenant_001\n  \
    revbus state watch customer_success/account --tenant tenant_001 --initial | jq -c '[.entity_id, .state]'\n  \
    revbus state watch customer_success/account/acme --tenant tenant_001 --max 1")]
pub(super) struct Args {
    /// The entities: of a module, of a type, or one
    #[arg(value_name = "MODULE[/TYPE[/ID]]")]
    scope: WatchName,
    /// First what is there; of a module, its declared entity types
    #[arg(long)]
    initial: bool,
    /// End after so many lines
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let WatchName { module, entity_type, .. } = &args.scope;
    let source = Source::of(&args.common, module, entity_type.as_deref())?;
    let mut lines = Lines { shown: 0, max: args.max.unwrap_or(u64::MAX) };
    run_async(async {
        let mut terminated = unix::signal(unix::SignalKind::terminate())?;
        let view = source.open(&args.read).await?;
        say_aside(&format!("watching {} of tenant {}\n", args.scope, args.common.tenant));
        tokio::select! {
            watched = watch(args, &source, &view, &mut lines) => watched,
            interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
            _ = terminated.recv() => Ok(()),
        }
    })?;
    Ok(Exit::Good)
}

async fn watch(args: &Args, source: &Source, view: &Reads<'_>, lines: &mut Lines) -> anyhow::Result<()> {
    // Before the list is made: what changes meanwhile is seen twice and not never.
    let mut watch = view.watch(&args.common.tenant, &args.scope)?;
    if args.initial {
        initial(args, source, view, lines).await?;
    }
    while !lines.are_enough() {
        let Some(event) = watch.next().await else {
            // The view has ended, and every read of it says why.
            return view.end(args.read.deadline).await;
        };
        lines.print(&Shown::event(&event))?;
    }
    Ok(())
}

/// What is there.
async fn initial(args: &Args, source: &Source, view: &Reads<'_>, lines: &mut Lines) -> anyhow::Result<()> {
    let (tenant, WatchName { module, entity_type, id }) = (&*args.common.tenant, &args.scope);
    if let (Some(entity_type), Some(id)) = (entity_type, id) {
        let key = EntityKey { tenant, module, entity_type, id };
        return match view.get(key).await? {
            Some(entity) => lines.there(key, &entity),
            None => Ok(()),
        };
    }
    for entity_type in source.types(module, entity_type.as_deref()) {
        view.each(ListScope { tenant, module, entity_type }, |key, entity| lines.there(key, entity)).await?;
    }
    Ok(())
}

/// Lines on stdout, up to a number of them.
struct Lines {
    shown: u64,
    max: u64,
}

impl Lines {
    const fn are_enough(&self) -> bool {
        self.shown >= self.max
    }

    fn there(&mut self, key: EntityKey<'_>, entity: &Entity<'_>) -> anyhow::Result<()> {
        self.print(&Shown { change: Some("there"), ..Shown::entity(key, entity) })
    }

    fn print(&mut self, shown: &Shown<'_>) -> anyhow::Result<()> {
        if self.are_enough() {
            return Ok(());
        }
        self.shown += 1;
        // A line break in JSON stands between tokens only, and one in a state must not end the line.
        let line = serde_json::to_string(shown)?.replace(['\n', '\r'], " ");
        let mut out = io::stdout().lock();
        writeln!(out, "{}", output::json(&line))?;
        Ok(out.flush()?)
    }
}
