//! `revbus explain`.

use super::Exit;

/// Say what would happen to an event, and why, with no broker
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not built yet")
}
