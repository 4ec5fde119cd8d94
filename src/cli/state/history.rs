//! `revbus state history`.

use super::changes::Shown;
use super::view::{Source, not_found};
use super::{OneEntity, output};
use crate::cli::Exit;
use crate::client::state::view::{Change, ChangeTo};
use crate::diagnostic::one_line;
use crate::state::EntityKey;

/// The longest state in a table.
const MAX_STATE: usize = 100;

/// Show what the log still holds of an entity, oldest first
///
/// Compaction takes away all but the newest of it, sooner or later: this is what is left, and not an audit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state history customer_success/account/acme --tenant tenant_001\n  \
    revbus state history customer_success/account/acme --tenant tenant_001 -o json | jq '.[] | [.version, .state]'\n\n\
    Exit code: 0 there is something, 1 there is nothing.")]
pub(super) struct Args {
    #[command(flatten)]
    one: OneEntity,
}

pub(super) fn run(Args { one: args }: &Args) -> anyhow::Result<Exit> {
    let key = args.entity.of(&args.common.tenant);
    let source = Source::of(&args.common, key.module, Some(key.entity_type))?;
    let changes = source.history(key, args.read.deadline)?;
    if changes.is_empty() {
        return Err(not_found(key));
    }
    let shown: Vec<_> = changes.iter().map(|change| of(key, change)).collect();
    output::print(args.printed.output, &shown, || text(&shown))?;
    Ok(Exit::Good)
}

fn of<'a>(key: EntityKey<'a>, change: &'a Change) -> Shown<'a> {
    let place = Some(format!("{}/{}", change.partition, change.offset.0));
    match &change.to {
        ChangeTo::Entity(entity) => Shown { change: Some("written"), place, ..Shown::entity(key, entity) },
        ChangeTo::Deleted(written) => Shown { change: Some("deleted"), place, ..Shown::of(key).by(written.as_ref()) },
    }
}

fn text(shown: &[Shown<'_>]) -> String {
    let row = |one: &Shown<'_>| {
        let state = one.state.map_or_else(|| "(deleted)".to_owned(), |state| one_line(state.get(), MAX_STATE));
        let version = one.version.map_or_else(|| "-".to_owned(), |version| version.to_string());
        let at = one.written_at.clone().unwrap_or_else(|| "-".to_owned());
        [one.place.clone().unwrap_or_default(), version, at, one.author(), state]
    };
    output::table(["PLACE", "VERSION", "WRITTEN AT", "BY", "STATE"], shown.iter().map(row))
}
