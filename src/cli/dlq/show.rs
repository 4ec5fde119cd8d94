//! `revbus dlq show`.

use serde_json::json;
use serde_json::value::RawValue;

use super::{Common, Exit, catalogue, line, no_letter, rules, trouble};
use crate::client::dlq::{self, Now, Place, Shown};
use crate::client::tap;
use crate::diagnostic::visible_lines;
use crate::json::pretty;
use crate::reason::Outcome;
use crate::time::Timestamp;

/// Show everything of one dead letter, and whether it would pass now
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus dlq show 3/120\n  \
    revbus dlq show 3/120 -o json | jq .record.value\n\n\
    Exit code: 0 shown, 1 there is no such dead letter.")]
pub(super) struct Args {
    /// Where it lies in revbus.dead_letters, as `dlq list` says
    #[arg(value_name = "PARTITION/OFFSET")]
    place: Place,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = args.common.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.common.catalogue)?;
    let rules = rules(&settings, catalogue)?;
    let shown = dlq::show(&settings, &rules, args.place)
        .map_err(|t| trouble::failure(&t))?
        .ok_or_else(|| no_letter(args.place))?;
    args.common.output.print(|| document(&shown), || text(&shown))?;
    Ok(Exit::Good)
}

/// Put together as text: the value stands there byte for byte.
fn document(shown: &Shown) -> serde_json::Result<String> {
    let record = serde_json::from_slice::<Box<RawValue>>(&tap::json(&shown.letter.record))?;
    let rest = json!({
        "replays": shown.letter.replays,
        "sent_back": shown.sent_back,
        "now": shown.now.as_ref().ok(),
        "cannot_go_back": shown.now.as_ref().err(),
    });
    Ok(format!("{{\"record\":{},{}", record.get(), &rest.to_string()[1..]))
}

pub(super) fn text(shown: &Shown) -> String {
    let letter = &shown.letter;
    let header = |name: &str| letter.record.header(&format!("revbus.dead.{name}")).unwrap_or_else(|| "-".to_owned());
    let died = letter.record.timestamp.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339);
    let bytes = |bytes: Option<&[u8]>| bytes.map_or_else(|| "-".to_owned(), |b| line(&String::from_utf8_lossy(b)));
    let stood = format!("{}/{}@{}, {}", header("topic"), header("partition"), header("offset"), header("timestamp"));
    let sent_back = if shown.sent_back { ", and sent back since" } else { "" };
    let mut out = String::new();
    for (name, value) in [
        ("dead letter", format!("{}, {died}", letter.place())),
        ("stood at", line(&stood)),
        ("key", bytes(letter.record.key.as_deref())),
        ("tenant", letter.tenant().map_or_else(|| "-".to_owned(), |tenant| line(&tenant))),
        ("reasons", line(&letter.reasons)),
        ("message", line(&letter.message())),
        ("catalogue", line(&header("catalogue"))),
        ("replays", format!("{}{sent_back}", letter.replays)),
        ("now", now(shown.now.as_ref())),
    ] {
        out.push_str(&format!("{name:<12} {value}\n"));
    }
    for (name, value) in letter.own_headers() {
        out.push_str(&format!("header       {}: {}\n", bytes(Some(name)), bytes(value)));
    }
    match letter.record.value.as_deref() {
        None => out.push_str("no value: a tombstone\n"),
        Some(value) => {
            let text = pretty(&String::from_utf8_lossy(value));
            out.push_str(&visible_lines(&text));
            out.push('\n');
        }
    }
    out
}

fn now(now: Result<&Now, &String>) -> String {
    match now {
        Err(why) => format!("it cannot go back: {}", line(why)),
        Ok(now) if now.passes() => format!("it would pass: {}", now.outcome),
        Ok(now) => {
            let again = if now.outcome == Outcome::Denied.code() {
                "nothing would come of it"
            } else {
                "it would be a dead letter again"
            };
            format!("{again}, {}: {} ({})", now.outcome, line(&now.message), now.reasons.join(","))
        }
    }
}
