//! `revbus dev`.

use super::Exit;

/// Try it out: everything in one process, with no Kafka
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not built yet")
}
