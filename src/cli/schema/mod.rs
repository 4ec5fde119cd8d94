//! `revbus schema`.

mod check;
mod former;
mod generate;

use clap::Subcommand;

use super::{Exit, Failure, Output, catalogue};

/// Write the schemas of all event types, and say what a change of the contract breaks
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Generate(generate::Args),
    Check(check::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Generate(args) => generate::run(args),
        Verb::Check(args) => check::run(args),
    }
}
