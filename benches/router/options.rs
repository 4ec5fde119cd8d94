//! The command line.

use crate::contender::Contender;
use crate::entry::{Entry, Work};

/// Measures the router against a bare copy by the same client, and against others where asked for
#[derive(Debug, clap::Parser)]
#[command(name = "scripts/bench", args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    pub mode: Option<Mode>,
    /// The broker
    #[arg(long, default_value = "127.0.0.1:9092", hide = true)]
    pub brokers: String,
    /// The broker's process, for its CPU time
    #[arg(long, default_value_t = 0, hide = true)]
    pub broker_pid: u32,
    /// How many facts [default: 1000000, with --quick 200000]
    #[arg(long, value_name = "N")]
    facts: Option<usize>,
    /// How often each contender runs [default: 3, with --quick 1]
    #[arg(long, value_name = "R")]
    rounds: Option<usize>,
    /// Threads of each contender
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub workers: usize,
    /// The router also with 3 conditions, with 3 derived events, and everybody with 1 worker and with 2
    #[arg(long)]
    full: bool,
    /// A look rather than a measurement
    #[arg(long)]
    quick: bool,
    /// Only these contenders
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<Contender>,
    /// Others that do the same job, in the same table
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    against: Vec<Against>,
    /// How long latency is measured, for each kind of delivery; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 15)]
    pub latency_seconds: usize,
    /// The form of the result
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: Output,
    /// Cargo's
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    Text,
    Json,
}

/// Others that do the same job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Against {
    /// Kafka Streams, exactly once, tuned and warm; needs a JDK and Maven
    Streams,
    /// Bento, at least once, tuned; needs Go
    Bento,
}

impl Against {
    const fn contender(self) -> Contender {
        match self {
            Self::Streams => Contender::Streams,
            Self::Bento => Contender::Bento,
        }
    }
}

#[derive(Debug, clap::Subcommand)]
pub enum Mode {
    /// Copies a topic, exactly once: the ceiling
    #[command(hide = true)]
    Copy(CopyTask),
}

/// What is copied.
#[derive(Debug, Clone, clap::Args)]
pub struct CopyTask {
    #[arg(long)]
    pub brokers: String,
    #[arg(long)]
    pub group: String,
    #[arg(long)]
    pub from: String,
    /// Each gets every record
    #[arg(long)]
    pub to: Vec<String>,
    #[arg(long)]
    pub workers: usize,
}

impl Options {
    pub fn facts(&self) -> usize {
        self.facts.unwrap_or(if self.quick { 200_000 } else { 1_000_000 })
    }

    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 })
    }

    /// What is usual: what the targets are judged by.
    pub const fn usual(&self) -> Work {
        Work::plain(self.workers)
    }

    /// Who runs, in this order.
    pub fn entries(&self) -> Vec<Entry> {
        if !self.full {
            return self.contenders().map(|contender| Entry { contender, work: self.usual() }).collect();
        }
        let of = |workers| {
            self.contenders().flat_map(move |contender| {
                let works =
                    Work::all(workers).filter(move |work| contender.is_router() || *work == Work::plain(workers));
                works.map(move |work| Entry { contender, work })
            })
        };
        of(1).chain(of(2)).collect()
    }

    fn contenders(&self) -> impl Iterator<Item = Contender> {
        let own = if self.only.is_empty() { Contender::ALL } else { &self.only };
        own.iter().copied().chain(self.against.iter().map(|other| other.contender()))
    }
}
