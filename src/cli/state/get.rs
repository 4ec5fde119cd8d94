//! `revbus state get`.

use super::changes::Shown;
use super::view::{Source, not_found};
use super::{OneEntity, output, run_async};
use crate::cli::Exit;
use crate::json::pretty;

/// Show an entity
///
/// Reads the partition of revbus.state in which it lies, or with --state-dir what is new of all of them. What was written
/// before is seen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state get customer_success/account/acme --tenant tenant_001\n  \
    revbus state get customer_success/account/acme --tenant tenant_001 -o json | jq .state.health_score\n\n\
    Exit code: 0 it is there, 1 it is not, or may not be read, 3 unreachable.")]
pub(super) struct Args {
    #[command(flatten)]
    one: OneEntity,
}

pub(super) fn run(Args { one: args }: &Args) -> anyhow::Result<Exit> {
    let key = args.entity.of(&args.common.tenant);
    let source = Source::of(&args.common, key.module, Some(key.entity_type))?;
    run_async(async {
        let view = source.open_for(&args.read, key).await?;
        let entity = view.get(key).await?.ok_or_else(|| not_found(key))?;
        let shown = Shown::entity(key, &entity);
        output::print(args.printed.output, &shown, || {
            let (version, at) = (entity.written.version, entity.written.at.to_rfc3339());
            format!("{key}  version {version}, {at} by {}\n{}\n", shown.author(), pretty(&entity.state))
        })?;
        Ok(Exit::Good)
    })
}
