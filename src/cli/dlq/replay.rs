//! `revbus dlq replay`.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::{Common, Exit, Failure, Progress, Which, catalogue, dead_letters, line, no_letter, rules, trouble};
use crate::catalogue::Catalogue;
use crate::cli::exit::say_aside;
use crate::client::dlq::{self, Edit, Group, Letter, Mode, Options, Place, Replay, ReplayError, Report, Stay};
use crate::kafka::config::KafkaSettings;
use crate::router::Stop;
use crate::telemetry::logs::{self, LogFormat};

/// The most dead letters that are named one by one: each is looked up by itself.
const MOST_PLACES: usize = 100;

/// Send dead letters back to the topics on which they stood
///
/// Without --yes it only says what would happen, and whether each would pass now, as the router would decide under this
/// catalogue. Key, headers and bytes are sent as they were, to the same partition, with a count of replays. What was
/// sent is marked on revbus.replays in the same transaction: a replay that was killed is run again, and whatever filters
/// it is run with, no dead letter is sent twice.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus dlq replay --type pipeline.deal_won --reason field_missing\n  \
    revbus dlq replay --type pipeline.deal_won --reason field_missing --only-passing --rate 100/s --yes\n  \
    revbus dlq replay 3/120 --edit 'data.final_amount = 5' --yes\n\n\
    Exit code: 0 good, 1 some of what was meant cannot go back, 4 another replay has begun.")]
pub(super) struct Args {
    /// Only these, as `dlq list` names them; all where none is named
    #[arg(help_heading = "Which dead letters", value_name = "PARTITION/OFFSET", conflicts_with = "since")]
    places: Vec<Place>,
    #[command(flatten)]
    which: Which,
    /// Only those that would pass now; the others would be dead letters again
    #[arg(long, help_heading = "Which dead letters")]
    only_passing: bool,
    /// Also those that may have gone back before, for marks of then were removed from revbus.replays: they go twice if so
    #[arg(long, help_heading = "Which dead letters")]
    unmarked: bool,
    /// Change a member of the event on its way: data.… for its data, other names for the envelope. More than once
    #[arg(long, value_name = "PATH = JSON")]
    edit: Vec<Edit>,
    /// Most a second
    #[arg(long, value_parser = rate, value_name = "N/s")]
    rate: Option<NonZeroU32>,
    /// Most at all: the first by partition and offset
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    /// What was sent back so often stays
    #[arg(long, value_name = "N", default_value_t = 5)]
    max_replays: u32,
    /// Do it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    common: Common,
}

/// Reads `100` or `100/s`.
fn rate(text: &str) -> Result<NonZeroU32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text).parse().ok();
    number.ok_or_else(|| "expected a whole number a second, such as 100/s".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    logs::init(LogFormat::Text, tracing::Level::ERROR)?;
    let settings = args.common.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.common.catalogue)?;
    let (filter, start) = args.which.filter(&catalogue);
    let rules = rules(&settings, catalogue)?;
    for owner in args.edit.iter().filter_map(Edit::gives_owner) {
        say_aside(&format!(
            "note: {owner} says whose event it is; that it was changed stands in the event's header revbus.replay.edit only, \
             and not in its audit record or commands\n"
        ));
    }
    let options = Options {
        letters: named(args, &settings, &rules.catalogue)?,
        filter,
        start,
        only_passing: args.only_passing,
        unmarked: args.unmarked,
        edits: args.edit.clone(),
        rate: args.rate,
        max: args.max,
        max_replays: args.max_replays,
        mode: if args.yes { Mode::Send } else { Mode::DryRun },
    };
    let stop = Stop::on_signals()?;
    let progress = Progress::start();
    let ended = Replay::run(&settings, &rules, &options, &stop, &mut |read, of| progress.tell(read, of));
    drop(progress);
    let report = ended.map_err(|error| match &error {
        ReplayError::Fenced(_) => Failure::new(Exit::Fenced, error.to_string()),
        ReplayError::Trouble { trouble, .. } => Failure::new(trouble::exit(trouble.kind), error.to_string()),
    })?;
    let sent = options.mode == Mode::Send && report.goes > 0;
    let json = || serde_json::to_string_pretty(&serde_json::json!({"sent": sent, "report": report}));
    args.common.output.print(json, || text(&report, options.mode))?;
    Ok(if report.stuck == 0 { Exit::Good } else { Exit::Found })
}

/// The dead letters that are named by their places, in their order.
fn named(args: &Args, settings: &KafkaSettings, catalogue: &Catalogue) -> anyhow::Result<Vec<Letter>> {
    let places: BTreeSet<_> = args.places.iter().copied().collect();
    if places.len() > MOST_PLACES {
        let message = format!("{} places, and at most {MOST_PLACES} can be named at once", places.len());
        return Err(Failure::new(Exit::Usage, message));
    }
    if places.len() != 1 && args.edit.iter().any(Edit::gives_id) {
        let message = "two events must not have one id: name the place of the one that is to have this one";
        return Err(Failure::new(Exit::Usage, message.to_owned()));
    }
    let find = |place| {
        let letter = dlq::find(settings, catalogue, place).map_err(|t| trouble::failure(&t))?;
        letter.ok_or_else(|| no_letter(place))
    };
    places.into_iter().map(find).collect()
}

pub(super) fn text(report: &Report, mode: Mode) -> String {
    let mut out = String::new();
    report.groups.iter().for_each(|group| push_group(group, mode, &mut out));
    for named in &report.named {
        out.push_str(&format!("cannot go back: {}: {}\n", named.place, line(&named.why)));
    }
    let unnamed = report.stuck - report.named.len() as u64;
    if unnamed > 0 {
        out.push_str(&format!("cannot go back: {unnamed} more\n"));
    }
    let (meant, goes) = (dead_letters(report.meant), report.goes);
    let stays = if report.stays.is_empty() {
        String::new()
    } else {
        let of = |(why, count): (&Stay, &u64)| format!("{count} {}", words(*why));
        format!("; {}", report.stays.iter().map(of).collect::<Vec<_>>().join(", "))
    };
    out.push_str(&match mode {
        Mode::DryRun => {
            format!("{meant}: {goes} would go back, {} of them would pass now{stays}; `--yes` does it\n", report.passes)
        }
        Mode::Send => format!("{meant}: {goes} went back{stays}\n"),
    });
    if report.stopped {
        out.push_str("stopped before the end: the same command goes on\n");
    }
    out
}

fn push_group(group: &Group, mode: Mode, out: &mut String) {
    let goes = if mode == Mode::DryRun { "would go back" } else { "went back" };
    let (event_type, reasons) = (line(&group.event_type), line(&group.reasons));
    out.push_str(&format!("{event_type}  {reasons}: {} {goes}", group.goes));
    if group.goes > 0 {
        out.push_str(&format!(", {} of them pass now", group.passes));
    }
    out.push('\n');
    for (codes, failure) in &group.fails {
        out.push_str(&format!(
            "  {} would be dead letters again, {codes}: {}\n",
            failure.count,
            line(&failure.example)
        ));
    }
    for (why, count) in &group.stays {
        out.push_str(&format!("  {count} {}\n", words(*why)));
    }
}

/// Why dead letters stay, for people.
const fn words(stay: Stay) -> &'static str {
    match stay {
        Stay::SentBack => "went back before",
        Stay::MarkGone => "stay: they may have gone back before, for revbus.replays lost marks of then (--unmarked)",
        Stay::TooOften => "stay: they were sent back too often (--max-replays)",
        Stay::Cut => "stay: only a part of them is left",
        Stay::TooLarge => "stay: larger than their topic takes",
        Stay::NoTopic => "stay: the catalogue has no fact with their topic",
        Stay::NotEditable => "stay: they cannot be edited so",
        Stay::WouldFail => "stay: they would fail again (--only-passing)",
    }
}
