//! `revbus explain`.

mod text;
mod update;

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use super::{Exit, Failure, Output, catalogue};
use crate::catalogue::{Catalogue, ControlTopic, TypeName};
use crate::client::dlq::Letter;
use crate::client::state::object;
use crate::client::tap::read_line;
use crate::diagnostic::{did_you_mean, visible_lines};
use crate::ids::TypeId;
use crate::kernel::explain::{Present, Standing, explain, explain_update};
use crate::kernel::{Rules, Topology};
use crate::reason::Outcome;
use crate::state::{MAX_EXPECTED, Operation, Version};
use crate::time::Timestamp;

/// The largest event that is read: far beyond what any topic takes.
const MAX_EVENT: u64 = 64 * 1024 * 1024;

/// Say what would happen to an event, and why, with no broker
///
/// Decides as the router does: every check, every trigger with the parts of its condition and the values that they saw,
/// every computed field, what comes out, or the dead letter.
///
/// An update of an entity (state.put, state.patch, state.delete) is explained too: whether the module may, whether the
/// version is the expected one, whether the state fits, and which facts the change emits. --state and --version say what
/// is there; without, the entity is not.
///
/// A line of `revbus tap -o json` is explained as the record that it tells of: on its topic, with its key; a dead letter as
/// the record that died. Of an update, key and partition are not looked at.
#[derive(Debug, clap::Args)]
// Its --version is an entity's; the program's is `revbus --version`.
#[command(disable_version_flag = true)]
#[command(after_help = "\
Examples:
  revbus explain event.json
  revbus explain event.json --topic pipeline.deal_won --now 2024-01-15T10:30:00Z
  echo '{\"event_id\":\"e1\",\"event_type\":\"pipeline.deal_won\",\"source_module\":\"pipeline\",\"tenant_id\":\"t1\",\
\"timestamp\":\"2024-01-15T10:30:00Z\",\"payload\":{\"deal_id\":\"d1\",\"amount\":5000,\"rep_id\":\"r1\"}}' | revbus explain - -o json
  revbus explain update.json --state old.json --version 3
  revbus tap pipeline.deal_won --about evt_1 --from 7d --max 1 -o json | revbus explain -

Exit code: 0 it would be routed, or has no trigger; an update would be done; 1 it would be a dead letter, a conflict or
denied, or the catalogue has errors; 2 an unreadable file.")]
pub(super) struct Args {
    /// The event, or a line of `tap -o json`: a file with one JSON object, or - for stdin
    #[arg(value_name = "EVENT.json")]
    event: PathBuf,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// The topic on which the event would stand [default: that of its type]
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// When it would be decided on, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Of an update: the state that the entity has, a file with a JSON object
    #[arg(long, value_name = "FILE", requires = "version")]
    state: Option<PathBuf>,
    /// Of an update: the version that the entity has
    #[arg(long, value_name = "N", requires = "state", value_parser = clap::value_parser!(u64).range(1..MAX_EXPECTED.0))]
    version: Option<u64>,
    /// Text for people, or JSON
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let now = match &args.now {
        None => Timestamp::now(),
        Some(text) => Timestamp::parse(text).map(|(time, _)| time).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--now: `{text}` is not RFC 3339, such as 2024-01-15T10:30:00Z"))
        })?,
    };
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let Given { value, key, topic } = given(&catalogue, read(&args.event, "the event")?, args.topic.clone())?;
    let updates = catalogue.prefixed(ControlTopic::StateUpdates.name());
    let is_update = topic.as_ref().map_or_else(|| Operation::of_value(&value).is_some(), |name| *name == updates);
    let topic = topic.filter(|_| !is_update).map(|name| resolve(&catalogue, &name)).transpose()?;
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    if is_update {
        return explain_state(args, &rules, &value, now);
    }
    if args.state.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            "--state and --version are of updates: state.put, state.patch, state.delete",
        ));
    }
    let standing = Standing { topic, key: key.as_deref() };
    let explanation = explain(&rules, &value, standing, now);
    print(args.output, &explanation, || text::render(&explanation))?;
    Ok(if explanation.dead_letter.is_some() { Exit::Found } else { Exit::Good })
}

/// Explains an update, over the entity that the flags describe.
fn explain_state(args: &Args, rules: &Rules, value: &[u8], now: Timestamp) -> anyhow::Result<Exit> {
    let state = args.state.as_deref().map(|path| -> anyhow::Result<String> {
        let bytes = read(path, "the state")?;
        let text = String::from_utf8_lossy(&bytes);
        let wrong = |error| Failure::new(Exit::Usage, format!("{}: {error}", path.display()));
        Ok(object(&text, "a state").map_err(wrong)?.raw.to_owned())
    });
    let state = state.transpose()?;
    let present = state.as_deref().zip(args.version);
    let present = present.map(|(state, version)| Present { state, version: Version(version) });
    let explanation = explain_update(rules, value, present, now);
    print(args.output, &explanation, || update::render(&explanation))?;
    Ok(if explanation.outcome == Outcome::StateChanged.code() { Exit::Good } else { Exit::Found })
}

/// What is to be explained.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    value: Vec<u8>,
    key: Option<Vec<u8>>,
    /// The name of the topic on which it stands, where that is known.
    topic: Option<String>,
}

/// The event by itself, or the record that a line of `tap -o json` tells of; of a dead letter, the one that died.
fn given(catalogue: &Catalogue, value: Vec<u8>, topic: Option<String>) -> anyhow::Result<Given> {
    let Some(record) = read_line(&value) else { return Ok(Given { value, key: None, topic }) };
    let (record, stood) = if record.topic == catalogue.prefixed(ControlTopic::DeadLetters.name()) {
        let letter = Letter::from(record);
        if letter.is_cut() {
            let what = "the dead letter has only a part of its record, so nothing can be said of it";
            return Err(Failure::new(Exit::Usage, format!("{what}: {}", letter.message())));
        }
        (letter.record, letter.topic)
    } else {
        (record, None)
    };
    Ok(Given {
        value: record.value.unwrap_or_default(),
        // To have no key is to have another than the one that it should have.
        key: Some(record.key.unwrap_or_default()),
        topic: topic.or(stood).or(Some(record.topic)),
    })
}

fn print(output: Output, document: &impl serde::Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match output {
        Output::Text => out.write_all(visible_lines(&text()).as_bytes())?,
        Output::Json => {
            serde_json::to_writer_pretty(&mut out, document)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The event type of a topic's name, with or without the catalogue's prefix.
fn resolve(catalogue: &Catalogue, name: &str) -> anyhow::Result<TypeId> {
    let by_topic = || catalogue.iter().find(|(_, event_type)| *event_type.topic.name == *name).map(|(id, _)| id);
    by_topic().or_else(|| catalogue.resolve(name).map(TypeName::id)).ok_or_else(|| {
        let meant = did_you_mean(name, catalogue.types.iter().map(|event_type| &event_type.topic.name));
        Failure::new(Exit::Usage, format!("no event type of the catalogue has the topic `{name}`{meant}"))
    })
}

fn read(path: &Path, what: &str) -> anyhow::Result<Vec<u8>> {
    let unreadable =
        |error: io::Error| Failure::new(Exit::Usage, format!("cannot read {what} from {}: {error}", path.display()));
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let mut value = Vec::new();
    input.take(MAX_EVENT).read_to_end(&mut value).map_err(unreadable)?;
    Ok(value)
}

#[cfg(test)]
mod tests;
