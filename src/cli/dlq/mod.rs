//! `revbus dlq`.

mod list;
mod replay;
mod show;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, Failure, Format, catalogue, trouble};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::cli::exit::say_aside;
use crate::client::dlq::{Filter, Place};
use crate::config::{KafkaArgs, Since, since};
use crate::diagnostic::{did_you_mean, visible};
use crate::kafka::admin::Admin;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::Start;
use crate::kernel::Rules;
use crate::reason::ReasonCode;
use crate::router::{SurveyError, survey};
use crate::time::Timestamp;

/// How long one call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Look at dead letters, and send them back
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Args),
    Show(show::Args),
    Replay(replay::Args),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Text for people, or JSON or YAML for programs
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Only dead letters with this reason code
    #[arg(long, help_heading = "Which dead letters", value_parser = reason, value_name = "CODE")]
    reason: Option<ReasonCode>,
    /// Only those of this event type
    #[arg(long = "type", help_heading = "Which dead letters", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only those of this tenant
    #[arg(long, help_heading = "Which dead letters", value_name = "TENANT")]
    tenant: Option<String>,
    /// Only those that died since: so long ago, such as 1h, or a time as RFC 3339
    #[arg(long, help_heading = "Which dead letters", value_parser = since, value_name = "DURATION|TIME")]
    since: Option<Since>,
}

fn reason(text: &str) -> Result<ReasonCode, String> {
    ReasonCode::ALL.iter().copied().find(|known| known.code() == text).ok_or_else(|| {
        let meant = did_you_mean(text, ReasonCode::ALL.iter().map(|known| known.code()));
        format!("no such code{meant}")
    })
}

impl Which {
    /// What is meant, and where reading begins. A type that the catalogue does not have is named on stderr.
    fn filter(&self, catalogue: &Catalogue) -> (Filter, Start) {
        let topics = self.event_type.as_deref().map(|name| {
            // The name by which what died of the updates of entities is listed.
            if catalogue.resolve(name).is_none() && name != ControlTopic::StateUpdates.name() {
                let meant = did_you_mean(name, catalogue.names.keys());
                say_aside(&format!("note: the catalogue has no event type `{name}`{meant}\n"));
            }
            Filter::topics_of(catalogue, name)
        });
        let filter =
            Filter { reason: self.reason.map(|code| code.code().to_owned()), topics, tenant: self.tenant.clone() };
        let start = self.since.map_or(Start::Beginning, |since| Start::At(since.before(Timestamp::now())));
        (filter, start)
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list::run(args),
        Verb::Show(args) => show::run(args),
        Verb::Replay(args) => replay::run(args),
    }
}

/// The rules of now: the catalogue, and what the cluster's topics can take.
fn rules(settings: &KafkaSettings, catalogue: Arc<Catalogue>) -> anyhow::Result<Rules> {
    let admin = Admin::connect(settings, TIMEOUT).map_err(|t| trouble::failure(&t))?;
    let topology = survey(&admin, &catalogue).map_err(|error| match error {
        SurveyError::Trouble(trouble) => trouble::failure(&trouble),
        SurveyError::Uneven { .. } | SurveyError::NotCompacted(_) => Failure::new(Exit::Unreachable, error.to_string()),
        SurveyError::Missing(_) => {
            let message = format!("{error}; `revbus topics apply --yes` creates what the catalogue needs");
            Failure::new(Exit::Unreachable, message)
        }
    })?;
    Ok(Rules::new(catalogue, topology))
}

/// How many dead letters were read, where a person watches.
struct Progress(ProgressBar);

impl Progress {
    fn start() -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} dead letters {per_sec} {eta}");
        // It is hidden where stderr is no terminal.
        Self(ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    fn tell(&self, read: u64, of: u64) {
        if read.is_multiple_of(256) {
            self.0.set_length(of);
            self.0.set_position(read);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Where none lies.
fn no_letter(place: Place) -> anyhow::Error {
    Failure::new(Exit::Found, format!("no dead letter lies at {place}; `revbus dlq list` has places"))
}

/// `1 dead letter`, `2 dead letters`.
fn dead_letters(count: u64) -> String {
    if count == 1 { "1 dead letter".to_owned() } else { format!("{count} dead letters") }
}

/// Text of a stranger in one line of a terminal.
fn line(text: &str) -> String {
    visible(text).into_owned()
}

#[cfg(test)]
mod tests;
