//! `revbus tap`.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;

use super::{Exit, Failure, catalogue, trouble};
use crate::cli::exit::say_aside;
use crate::client::tap::{Watched, json, mentions, row, select, tenant};
use crate::config::{KafkaArgs, MOMENTS, duration, moment};
use crate::ids::is_tenant_id;
use crate::kafka::reader::{ReadRecord, Reader, Start};
use crate::state::KeyFault;
use crate::telemetry::logs::{self, LogFormat};
use crate::time::Timestamp;

/// How many records of a history are kept, to show them in the order of time.
const MOST_SORTED: usize = 10_000;
/// The same, in the bytes of their values.
const MOST_SORTED_BYTES: usize = 64 << 20;
/// How long more of --until is waited for: its records may stand in transactions that are open for a while.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether to end.
const STEP: Duration = Duration::from_millis(50);

/// Watch what flows: facts, commands, dead letters, audit records
///
/// Reads what is committed, without a group, and leaves no trace on the cluster. Ends with Ctrl-C, after --max records,
/// or once nothing has come for --until-idle, or of --until. What happened to one event, command, deal or entity: --about.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus tap 'pipeline.*'\n  \
    revbus tap '*.*' dead_letters --from beginning --until-idle 2s\n  \
    revbus tap audit --tenant tenant_001 --from 2024-01-15T00:00:00Z --until 2024-01-16T00:00:00Z -o json\n  \
    revbus tap all --about deal_001 --from 30d --until-idle 2s")]
pub(super) struct Args {
    /// Event types (pipeline.deal_won, 'pipeline.*', '*.deal_won', '*.*'), control topics (dead_letters, audit, …), or all
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
    /// Where to begin: beginning, end, so long ago, such as 1h, or a time as RFC 3339
    #[arg(long, default_value = "end", value_parser = start, value_name = "beginning|end|DURATION|TIME")]
    from: Start,
    /// Only records of this time or earlier: so long ago, such as 1h, or a time as RFC 3339. Ends once that time is over and
    /// no more of it comes for --until-idle, 2s where that is not said
    #[arg(long, value_parser = until, value_name = "DURATION|TIME")]
    until: Option<Timestamp>,
    /// End once the ends of all topics are reached and nothing has come for so long, such as 2s
    #[arg(long, value_parser = duration, value_name = "DURATION")]
    until_idle: Option<Duration>,
    /// Only records of this tenant
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Only records that name this, as it is written there, in key, value or headers: the id of an event, a command, a deal;
    /// with --until or --until-idle in the order of time
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    about: Option<String>,
    /// End after so many records
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    /// A line for people, or a JSON object a line: with `value` where that is JSON, else `value_text` or `value_base64`
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
}

fn start(text: &str) -> Result<Start, String> {
    match text {
        "beginning" => Ok(Start::Beginning),
        "end" => Ok(Start::End),
        time => at(time).map(Start::At).ok_or_else(|| format!("expected beginning, end, {MOMENTS}")),
    }
}

fn until(text: &str) -> Result<Timestamp, String> {
    at(text).ok_or_else(|| format!("expected {MOMENTS}"))
}

/// A time, which may lie in the future, or so long ago.
fn at(text: &str) -> Option<Timestamp> {
    Some(moment(text)?.before(Timestamp::now()))
}

/// The time from which on records are read.
fn begins(from: Start) -> Timestamp {
    match from {
        Start::Beginning => Timestamp::from_millis(0),
        Start::End => Timestamp::now(),
        Start::At(time) => time,
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    // What is waited for is told there.
    logs::init(LogFormat::Text, tracing::Level::WARN)?;
    if args.tenant.as_deref().is_some_and(|tenant| !is_tenant_id(tenant)) {
        return Err(Failure::new(Exit::Usage, format!("--tenant: {}", KeyFault::Tenant)));
    }
    if matches!(args.from, Start::At(time) if time > Timestamp::now()) {
        return Err(Failure::new(
            Exit::Usage,
            "--from: that is in the future; `--from end` shows what comes from now on",
        ));
    }
    if args.until.is_some_and(|until| until < begins(args.from)) {
        return Err(Failure::new(
            Exit::Usage,
            "--until: that is before --from, which is `end`, now, where it is not said",
        ));
    }
    let settings = args.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let selected = select(&catalogue, &args.patterns).map_err(|error| Failure::new(Exit::Usage, error))?;
    let names: Vec<_> = selected.iter().map(|selected| selected.topic.as_str()).collect();
    let (reader, missing) = Reader::open(&settings, &names, args.from).map_err(|t| trouble::failure(&t))?;
    if !missing.is_empty() {
        let missing_topics = format!("not on the cluster, or not to be seen: {}", missing.join(", "));
        if missing.len() == names.len() {
            let message = format!("{missing_topics}; `revbus topics apply --yes` creates them");
            return Err(Failure::new(Exit::Unreachable, message));
        }
        say_aside(&format!("note: {missing_topics}\n"));
    }
    let holds = selected.iter().map(|selected| (selected.topic.clone(), selected.holds)).collect();
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    watch(args, reader, &holds, &stop)?;
    Ok(Exit::Good)
}

fn watch(args: &Args, reader: Reader, holds: &HashMap<String, Watched>, stop: &AtomicBool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    // A history is told from its beginning, whichever topic is read first.
    let ends = args.until_idle.is_some() || args.until.is_some();
    let mut history = (args.about.is_some() && ends).then(Vec::new);
    let ended = follow(args, (reader, holds, stop), &mut out, &mut history);
    tell(&mut out, &mut history, holds, args.output)?;
    out.flush()?;
    ended
}

fn follow(
    args: &Args,
    (mut reader, holds, stop): (Reader, &HashMap<String, Watched>, &AtomicBool),
    out: &mut impl Write,
    history: &mut Option<Vec<ReadRecord>>,
) -> anyhow::Result<()> {
    let (mut last, mut shown, mut bytes) = (Instant::now(), 0, 0);
    // The end of a topic that is written to all the time may never be told: what comes behind --until tells enough.
    let mut behind = BTreeSet::new();
    while !stop.load(Ordering::Relaxed) && args.max.is_none_or(|max| shown < max) {
        let Some(record) = reader.poll(STEP).map_err(|t| trouble::failure(&t))? else {
            out.flush()?;
            if is_over(args, last) && reader.caught_up_but_for(&behind) {
                break;
            }
            continue;
        };
        if args.until.is_some_and(|until| record.timestamp.is_some_and(|time| time > until)) {
            behind.insert((record.topic, record.partition));
            if is_over(args, last) && reader.caught_up_but_for(&behind) {
                break;
            }
            continue;
        }
        last = Instant::now();
        let ours = args.tenant.is_none() || tenant(&record) == args.tenant;
        if !ours || args.about.as_deref().is_some_and(|text| !mentions(&record, text)) {
            continue;
        }
        shown += 1;
        let Some(collected) = history else {
            show(out, &record, holds, args.output)?;
            continue;
        };
        bytes += record.value.as_ref().map_or(0, Vec::len);
        collected.push(record);
        if collected.len() == MOST_SORTED || bytes >= MOST_SORTED_BYTES {
            let count = collected.len();
            say_aside(&format!("note: more than {count} records: only these are in the order of time\n"));
            tell(out, history, holds, args.output)?;
        }
    }
    Ok(())
}

/// Whether nothing more is waited for, where the last record that counts came then.
fn is_over(args: &Args, last: Instant) -> bool {
    let idle = args.until_idle.or_else(|| args.until.map(|_| PATIENCE));
    args.until.is_none_or(|until| until < Timestamp::now()) && idle.is_some_and(|idle| last.elapsed() >= idle)
}

/// Shows what was collected, in the order of time; what comes after it is shown as it comes.
fn tell(
    out: &mut impl Write,
    history: &mut Option<Vec<ReadRecord>>,
    holds: &HashMap<String, Watched>,
    output: Output,
) -> io::Result<()> {
    let mut history = history.take().unwrap_or_default();
    // Of one moment, the cause before what came of it: of control topics it is never the cause.
    let control = |record: &ReadRecord| matches!(holds.get(&record.topic), Some(Watched::Control(_)));
    history.sort_by_key(|record| (record.timestamp, control(record)));
    history.iter().try_for_each(|record| show(out, record, holds, output))
}

fn show(out: &mut impl Write, record: &ReadRecord, holds: &HashMap<String, Watched>, output: Output) -> io::Result<()> {
    match (output, holds.get(&record.topic)) {
        (Output::Table, Some(holds)) => {
            let row = row(record, *holds);
            writeln!(out, "{}  {:<40}  {:<14}  {:<28}  {}", row.time, row.place, row.tenant, row.key, row.text)
        }
        (Output::Table, None) | (Output::Json, _) => {
            out.write_all(&json(record))?;
            out.write_all(b"\n")
        }
    }
}

#[cfg(test)]
mod tests;
