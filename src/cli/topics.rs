//! `revbus topics`.

use super::Exit;

/// Create the topics that a catalogue needs
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> anyhow::Result<Exit> {
    anyhow::bail!("not built yet")
}
