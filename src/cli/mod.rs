//! The command line: one verb a file. Data goes to stdout, logs and diagnostics to stderr.

pub mod catalogue;
mod check;
mod dev;
mod dlq;
mod environment;
mod exit;
mod explain;
mod graph;
mod output;
mod publish;
mod router;
mod schema;
mod state;
mod tap;
mod test;
mod topics;
mod trouble;
mod verify;
mod yaml;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use exit::{Exit, Failure};
use output::{Format, Output};

/// The module integration bus for revenue platforms, on Apache Kafka.
#[derive(Debug, Parser)]
#[command(name = "revbus", version, max_term_width = 110, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Args),
    Test(test::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Graph(graph::Args),
    Topics(topics::Args),
    Router(router::Args),
    Publish(publish::Args),
    Tap(tap::Args),
    Dlq(dlq::Args),
    State(state::Args),
    Verify(verify::Args),
    Dev(dev::Args),
}

/// Parses the command line, runs the verb, and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for slip in environment::slips(&Cli::command(), variables) {
        exit::say_aside(&format!("warning: {slip}\n"));
    }
    let result = match cli.verb {
        Verb::Check(args) => check::run(&args),
        Verb::Test(args) => test::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Schema(args) => schema::run(&args),
        Verb::Graph(args) => graph::run(&args),
        Verb::Topics(args) => topics::run(&args),
        Verb::Router(args) => router::run(&args),
        Verb::Publish(args) => publish::run(&args),
        Verb::Tap(args) => tap::run(&args),
        Verb::Dlq(args) => dlq::run(&args),
        Verb::State(args) => state::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Dev(args) => dev::run(&args),
    };
    exit::report(result)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_one() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
