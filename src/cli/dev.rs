//! `revbus dev`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Exit, Failure, catalogue, output, trouble};
use crate::catalogue::Catalogue;
use crate::config::{KafkaArgs, duration};
use crate::dev::{Options, Screen, Session, SessionError, Stage, StageError, missing_topics};
use crate::diagnostic::Severity;
use crate::kafka::config::KafkaSettings;
use crate::router::{Stop, SurveyError};
use crate::telemetry::logs::{self, LogFormat};

/// The catalogue that comes with this binary.
const SHIPPED: &str = include_str!("../../topics.yaml");

/// Try it out: everything in one process, with no Kafka
///
/// Starts an embedded broker and the router, publishes sample traffic of a few tenants (1 fact in 12 is bad), and shows
/// for each fact what came of it. The embedded broker speaks Kafka's protocol, so kcat and the other verbs of revbus
/// can use its address meanwhile. It is for trying things out: nothing survives it, it does not hide the records of
/// aborted transactions, and it proves nothing about exactly-once.
///
/// With --brokers (or REVBUS_BROKERS, --kafka-config, --set) the same takes place on a real cluster: topics of the
/// catalogue that are missing are created, those that exist are left as they are, and sample facts are written into
/// them, where other modules read them too. Without --yes it only says so.
///
/// Ends with Ctrl-C or after --for, with a summary. Exit code 1 if any fact was lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus dev\n  \
    revbus dev --for 20s --rate 50 --seed 7\n  \
    revbus dev --catalogue my-topics.yaml\n  \
    revbus dev --brokers 127.0.0.1:9092 --yes")]
pub(super) struct Args {
    /// End after facts have flowed for this time, such as 20s
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    time: Option<Duration>,
    /// Facts a second
    #[arg(long, value_name = "N", default_value = "5", value_parser = rate)]
    rate: f64,
    /// Which sample facts; the same number gives the same facts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The catalogue [default: the one that comes with revbus]
    #[arg(long, env = "REVBUS_CATALOGUE", value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Where metrics and health are served; port 0 takes a free one
    #[arg(long, env = "REVBUS_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The router's consumer group, behind the catalogue's prefix; a router of the same group shares the work
    #[arg(long, env = "REVBUS_GROUP", default_value = "revbus")]
    group: String,
    /// On a real cluster: create missing topics, and write sample facts
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Reads `5`, `0.5`, `50/s`.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text).parse::<f64>().ok();
    number
        .filter(|rate| (0.01..=10_000.0).contains(rate))
        .ok_or_else(|| "expected facts a second, from 0.01 to 10000".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let begun = Instant::now();
    // What the router says at lower levels, such as a line a dead letter, is what the view shows.
    logs::init(LogFormat::Text, tracing::Level::ERROR)?;
    let catalogue = match &args.catalogue {
        Some(path) => catalogue::load(path)?.0,
        None => catalogue::compile("topics.yaml", SHIPPED, Severity::Error)?,
    };
    let ending = Stop::on_signals()?;
    let stage = if args.kafka.name_a_cluster() {
        let settings = args.kafka.settings()?;
        if !prepare(&settings, &catalogue, args)? {
            return Ok(Exit::Good);
        }
        Stage::cluster(settings, &catalogue).map_err(failure)?
    } else {
        Stage::embedded(&catalogue).map_err(failure)?
    };
    let session = Session { options: options(args, &catalogue), catalogue, stage, ending };
    match session.run(&mut Screen::stdout(begun), begun) {
        Ok(tally) if tally.lost() == 0 => Ok(Exit::Good),
        Ok(_) => Ok(Exit::Found),
        Err(SessionError::Trouble(trouble)) => Err(trouble::failure(&trouble)),
        Err(error @ SessionError::Fenced(_)) => Err(Failure::new(Exit::Fenced, error.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn options(args: &Args, catalogue: &Catalogue) -> Options {
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    Options {
        group: catalogue.prefixed(&args.group),
        // Not stable across restarts, on purpose: two of them on one machine must not fence each other.
        instance: format!("dev-{host}-{}", std::process::id()),
        seed: args.seed,
        rate: args.rate,
        time: args.time,
        listen: args.listen,
    }
}

/// Creates the topics that a cluster lacks; without `--yes`, says what would be done, and gives false.
fn prepare(settings: &KafkaSettings, catalogue: &Arc<Catalogue>, args: &Args) -> anyhow::Result<bool> {
    let missing = missing_topics(settings, catalogue).map_err(failure)?;
    for line in missing.lines() {
        output::say(&format!("{line}\n"))?;
    }
    if args.yes {
        missing.create().map_err(failure)?;
        return Ok(true);
    }
    output::say(&format!(
        "{} topics to create on {}; then sample facts are written, {} a second. `revbus dev --yes` does it\n",
        missing.lines().len(),
        settings.brokers(),
        args.rate
    ))?;
    Ok(false)
}

fn failure(error: StageError) -> anyhow::Error {
    match error {
        StageError::Trouble(trouble) | StageError::Survey(SurveyError::Trouble(trouble)) => trouble::failure(&trouble),
        StageError::Topics(_)
        | StageError::Survey(SurveyError::Missing(_) | SurveyError::Uneven { .. } | SurveyError::NotCompacted(_)) => {
            Failure::new(Exit::Unreachable, error.to_string())
        }
        StageError::Settings(_) | StageError::Unaudited => Failure::new(Exit::Usage, error.to_string()),
    }
}
