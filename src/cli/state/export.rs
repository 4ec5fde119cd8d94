//! `revbus state export`.

use std::io::{self, BufWriter, Write as _};

use anyhow::Context as _;

use super::names::ScopeName;
use super::view::{Source, bar};
use super::{Common, ReadArgs, output, run_async};
use crate::catalogue::StateMode;
use crate::cli::Exit;
use crate::cli::exit::say_aside;
use crate::client::state::EntityLine;
use crate::client::state::view::ListScope;

/// Write entities to stdout, a JSON object a line
///
/// Each line has module, entity_type, entity_id (as it is, not encoded), version, state (byte for byte), written_by and
/// written_at. The tenant is not in it: `import` names the one that it writes to. What is written meanwhile may be in it
/// or not; each entity stands there as it was at one time.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state export customer_success/account --tenant tenant_001 > accounts.jsonl\n  \
    revbus state export customer_success --tenant tenant_001 | revbus state import - --tenant tenant_002 --yes")]
pub(super) struct Args {
    /// The entity type, or a module for all that it declares
    #[arg(value_name = "MODULE[/TYPE]")]
    scope: ScopeName,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let ScopeName { module, entity_type } = &args.scope;
    let source = Source::of(&args.common, module, entity_type.as_deref())?;
    if entity_type.is_none() && source.catalogue.settings.state_mode == StateMode::Open {
        say_aside(&format!("note: only declared entity types are written; name others as {module}/TYPE\n"));
    }
    let exported = run_async(async {
        let view = source.open(&args.read).await?;
        let bar = bar("entities");
        bar.set_length(view.count());
        let mut out = BufWriter::new(io::stdout().lock());
        for entity_type in source.types(module, entity_type.as_deref()) {
            view.each(ListScope { tenant: &args.common.tenant, module, entity_type }, |key, entity| {
                bar.inc(1);
                let line = EntityLine::of(key, &entity.written, &entity.state).context("a state is no JSON")?;
                Ok(writeln!(out, "{}", output::json(&serde_json::to_string(&line)?))?)
            })
            .await?;
        }
        out.flush()?;
        let count = bar.position();
        bar.finish_and_clear();
        Ok(count)
    })?;
    say_aside(&format!("exported {exported} entities\n"));
    Ok(Exit::Good)
}
