//! `revbus verify`.

mod text;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, Failure, Format, catalogue, trouble};
use crate::client::verify::{Question, Report, VerifyError, verify};
use crate::config::{KafkaArgs, Since, duration, since};
use crate::time::Timestamp;

/// Say whether a cluster still holds what exactly once promises
///
/// Reads facts, updates of state, derived events, values of entities, dead letters, audit records and the group's
/// positions, as a committed reader sees them, and reports what is lost, duplicated, torn (one part without the other), out of order, or hidden by a transaction
/// that does not end. On each fact that was decided on under this catalogue it decides again, and compares outcome,
/// reasons, derived events and their content with what the audit record and the topics have; a dead letter must be the record that it is of. It may run beside the router: facts that are not yet consumed are not lost.
///
/// State: each change has its value, each value its change, versions are 1, 2, 3 … within a life, and each fact that a
/// change emits is there once. Compaction takes an entity's older values, which is no damage. Replies are not judged.
///
/// Writes nothing to the cluster and joins no group. Its memory is bounded: what it sorts goes into temporary files in
/// TMPDIR, about 290 bytes a fact or an update, 390 a derived event or a value. Facts from before the group began (--start latest) left no
/// trace, and look lost, and so does what was decided while `audit.mode` was off: --since names a time after that.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus verify
  revbus verify --since 1h
  revbus verify --since 1h --examples all -o json | jq '.findings[].examples[]'
  revbus verify --brokers 127.0.0.1:9092 --group revbus --since 2024-01-15T00:00:00Z -o json

Exit code: 0 all is as it should be, 1 something is not, 2 wrong usage, also a group
without positions and a --since in the future, 3 the cluster is unreachable or lacks topics.")]
pub(super) struct Args {
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// The router's consumer group, behind the catalogue's prefix
    #[arg(long, env = "REVBUS_GROUP", default_value = "revbus")]
    group: String,
    /// Judge only what was written since: so long ago (1h), or a time as RFC 3339
    #[arg(long, value_parser = since, value_name = "DURATION|TIME")]
    since: Option<Since>,
    /// How long a transaction may be open before it is said to hang; a router's ends within 20 s, whatever happens to it
    #[arg(long, value_parser = duration, value_name = "DURATION", default_value = "30s")]
    patience: Duration,
    /// The most examples of each kind of damage, up to 100000; `all` is that many
    #[arg(long, value_parser = examples, value_name = "N|all", default_value = "10")]
    examples: usize,
    /// Tables for people, or one object, as JSON or YAML: `{counted, findings: [{kind, count, examples}], notes}`
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// The most examples of each kind: 200 bytes or so each.
const MOST_EXAMPLES: usize = 100_000;

fn examples(text: &str) -> Result<usize, String> {
    let most = if text == "all" { Some(MOST_EXAMPLES) } else { text.parse().ok() };
    most.filter(|most| *most <= MOST_EXAMPLES).ok_or_else(|| format!("expected `all`, or 0 to {MOST_EXAMPLES}"))
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = args.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let now = Timestamp::now();
    let since = args.since.map(|since| since.before(now));
    let group = catalogue.prefixed(&args.group);
    let question = Question {
        settings: &settings,
        catalogue: &catalogue,
        group: &group,
        since,
        now,
        patience: args.patience,
        examples: args.examples,
    };
    let bar = bar();
    let verified = verify(&question, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let report = verified.map_err(|error| failure(error, args))?;
    args.output.print(|| Ok(json(&report).to_string()), || text::text(&report))?;
    Ok(if report.findings.is_clean() { Exit::Good } else { Exit::Found })
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} records {per_sec} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn json(report: &Report) -> serde_json::Value {
    let findings: Vec<_> = report
        .findings
        .found()
        .map(|(damage, of)| serde_json::json!({ "kind": damage, "count": of.count, "examples": of.examples }))
        .collect();
    serde_json::json!({ "counted": report.counted, "findings": findings, "notes": report.notes })
}

fn failure(error: VerifyError, args: &Args) -> anyhow::Error {
    match error {
        VerifyError::Trouble(trouble) => trouble::failure(&trouble),
        VerifyError::Missing(_) => Failure::new(
            Exit::Unreachable,
            format!("{error}\ncreate them: revbus topics apply --catalogue {} --yes", args.catalogue.display()),
        ),
        VerifyError::NoPositions { .. } | VerifyError::Files(_) | VerifyError::TooManyTopics => {
            Failure::new(Exit::Usage, error.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
