//! `revbus publish`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, Failure, Output, catalogue, output, trouble};
use crate::catalogue::{Catalogue, TypeName};
use crate::cli::exit::say_aside;
use crate::client::publish::{Checks, NewEvent, Publisher, Summary, write_event};
use crate::config::KafkaArgs;
use crate::diagnostic::did_you_mean;
use crate::ids::{TypeId, new_event_id};
use crate::time::Timestamp;

/// The longest line that is read.
const MAX_LINE: u64 = 64 * 1024 * 1024;
/// Files from this size on are worth a progress bar.
const LONG: u64 = 1024 * 1024;

/// Publish events: one made of flags, or JSON lines of whole events from a file or stdin
///
/// Each is checked against its contract first, keyed by its tenant and entity, and placed as the Java clients place it.
/// Exit code 1 if any was refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus publish pipeline.deal_won --tenant tenant_001 --data '{\"deal_id\":\"d1\",\"final_amount\":5000,\
    \"close_date\":\"2024-01-15\",\"rep_id\":\"r1\"}'\n  \
    revbus publish --file events.jsonl\n  \
    revbus publish - < events.jsonl\n  \
    printf 'not json' | revbus publish - --no-check --topic pipeline.deal_won")]
pub(super) struct Args {
    /// The event's type, or - to read whole events from stdin, one JSON object a line
    #[arg(value_name = "TYPE", required_unless_present = "file")]
    event_type: Option<String>,
    /// Read whole events from this file, one JSON object a line; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "event_type")]
    file: Option<PathBuf>,
    #[command(flatten)]
    flags: EventFlags,
    /// Send the bytes of each line, or the event, as they are, unchecked
    #[arg(long)]
    no_check: bool,
    /// The topic for --no-check; by default that of TYPE
    #[arg(long, requires = "no_check", value_name = "TOPIC")]
    topic: Option<String>,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// How the summary is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, clap::Args)]
struct EventFlags {
    /// Whose event it is
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "TENANT")]
    tenant: Option<String>,
    /// Its data: a JSON object
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "JSON")]
    data: Option<String>,
    /// Who publishes it [default: the module that owns TYPE]
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "MODULE")]
    source_module: Option<String>,
    /// Its id [default: evt_ and a new UUIDv7]
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "ID")]
    event_id: Option<String>,
    /// What it belongs to
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "ID")]
    correlation_id: Option<String>,
    /// Who caused it
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "USER")]
    user_id: Option<String>,
    /// When it happened, RFC 3339 [default: now]
    #[arg(long, help_heading = "The event", conflicts_with = "file", value_name = "TIME")]
    timestamp: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = args.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let file = args.file.as_deref().or_else(|| (args.event_type.as_deref() == Some("-")).then(|| Path::new("-")));
    let named = match (&args.event_type, file) {
        (Some(name), None) => Some(resolve(&catalogue, name)?),
        (Some(_) | None, _) => None,
    };
    let topic = args.topic.as_deref().or_else(|| named.map(|id| &*catalogue.event_type(id).topic.name));
    let checks = match (args.no_check, topic) {
        (false, _) => Checks::Contract,
        (true, Some(topic)) => Checks::None { topic },
        (true, None) => {
            return Err(Failure::new(Exit::Usage, "--no-check reads nothing of the lines: say --topic TOPIC"));
        }
    };
    let mut publisher = Publisher::connect(&settings, &catalogue, checks).map_err(|t| trouble::failure(&t))?;
    let read = match (named, file) {
        (Some(id), _) => {
            publisher.publish(1, &single(&catalogue, id, &args.flags)?, Timestamp::now());
            Ok(())
        }
        (None, Some(file)) => lines(file, &mut publisher),
        (None, None) => Err(Failure::new(Exit::Usage, "name a TYPE, or a --file of events")),
    };
    // What was read is delivered and reported also where the rest cannot be read.
    let exit = report(&publisher.finish(), args.output)?;
    read.map(|()| exit)
}

fn resolve(catalogue: &Catalogue, name: &str) -> anyhow::Result<TypeId> {
    catalogue.resolve(name).map(TypeName::id).ok_or_else(|| {
        let meant = did_you_mean(name, catalogue.names.keys());
        Failure::new(Exit::Usage, format!("the catalogue has no event type `{name}`{meant}"))
    })
}

/// The event that the flags describe.
fn single(catalogue: &Catalogue, event_type: TypeId, flags: &EventFlags) -> anyhow::Result<Vec<u8>> {
    let missing = |flag| Failure::new(Exit::Usage, format!("an event made of flags needs {flag}"));
    let tenant = flags.tenant.as_deref().ok_or_else(|| missing("--tenant"))?;
    let data = flags.data.as_deref().ok_or_else(|| missing("--data"))?;
    serde_json::from_str::<serde_json::Map<_, _>>(data).context("--data: expected a JSON object")?;
    let now = Timestamp::now();
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("failed to get random bytes: {error}"))?;
    let id = flags.event_id.clone().unwrap_or_else(|| new_event_id(now, &random));
    let event = NewEvent {
        event_type,
        event_id: &id,
        source_module: flags.source_module.as_deref(),
        tenant,
        user: flags.user_id.as_deref(),
        timestamp: flags.timestamp.as_deref(),
        correlation: flags.correlation_id.as_deref(),
        data,
    };
    Ok(write_event(catalogue, &event, now))
}

/// Publishes every line that is not empty.
fn lines(file: &Path, publisher: &mut Publisher<'_>) -> anyhow::Result<()> {
    let name = file.display();
    let (input, length): (Box<dyn Read>, u64) = if file == Path::new("-") {
        (Box::new(io::stdin().lock()), 0)
    } else {
        let file = File::open(file).with_context(|| format!("{name}: failed to open"))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        (Box::new(file), length)
    };
    let bar = progress(length);
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let read = read.with_context(|| format!("{name}:{number}: failed to read"))? as u64;
        match read {
            0 => break,
            MAX_LINE => return Err(Failure::new(Exit::Usage, format!("{name}:{number}: a line of more than 64 MiB"))),
            _ => bar.inc(read),
        }
        let value = line.strip_suffix(b"\n").unwrap_or(&line);
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        if !value.is_empty() {
            publisher.publish(number, value, Timestamp::now());
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn progress(length: u64) -> ProgressBar {
    if length < LONG || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn report(summary: &Summary, output: Output) -> anyhow::Result<Exit> {
    let Summary { refused, unnamed, .. } = *summary;
    for reason in &summary.reasons {
        say_aside(&format!("{reason}\n"));
    }
    if unnamed > 0 {
        say_aside(&format!("and {unnamed} more\n"));
    }
    match output {
        Output::Text => output::say(&format!("published {}, refused {refused}\n", summary.published)),
        Output::Json => output::say(&(serde_json::to_string(summary)? + "\n")),
    }?;
    let troubles = summary.reasons.iter().filter_map(|refused| refused.trouble).map(trouble::exit);
    let worst = troubles.max_by_key(|exit| exit.code());
    Ok(if refused == 0 { Exit::Good } else { worst.unwrap_or(Exit::Found) })
}
