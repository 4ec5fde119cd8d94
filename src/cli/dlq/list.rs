//! `revbus dlq list`.

use super::{Common, Exit, Progress, Which, catalogue, dead_letters, line, trouble};
use crate::client::dlq::{self, Inventory};
use crate::diagnostic::shorten;

/// Count dead letters by event type and reason, with samples
///
/// Reads all of them, without a group, and leaves no trace on the cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus dlq list\n  \
    revbus dlq list --type pipeline.deal_won --reason field_missing --since 1h\n  \
    revbus dlq list --tenant tenant_001 -o json | jq '.groups[] | {event_type, reasons, dead_letters}'")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = args.common.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&args.common.catalogue)?;
    let (filter, start) = args.which.filter(&catalogue);
    let progress = Progress::start();
    let listed = dlq::list(&settings, &catalogue, (&filter, start), &mut |read, of| progress.tell(read, of));
    drop(progress);
    let inventory = listed.map_err(|t| trouble::failure(&t))?;
    args.common.output.print(|| serde_json::to_string_pretty(&inventory), || text(&inventory))?;
    Ok(Exit::Good)
}

pub(super) fn text(inventory: &Inventory) -> String {
    let mut out = String::new();
    for group in &inventory.groups {
        let sent_back = back(group.sent_back);
        let (event_type, reasons) = (line(&group.event_type), line(&group.reasons));
        out.push_str(&format!("{event_type}  {reasons}: {}{sent_back}\n", group.dead_letters));
        for sample in &group.samples {
            let tenant =
                sample.tenant.as_deref().map_or_else(|| "-".to_owned(), |tenant| shorten(&line(tenant)).into_owned());
            let replays = if sample.replays > 0 { format!("  (replays: {})", sample.replays) } else { String::new() };
            let place = sample.place.to_string();
            out.push_str(&format!("  {place:<10}  {tenant:<14}  {}{replays}\n", line(&sample.message)));
        }
    }
    out.push_str(&format!("{}{}\n", dead_letters(inventory.dead_letters), back(inventory.sent_back)));
    out
}

fn back(count: u64) -> String {
    if count == 0 { String::new() } else { format!(", {count} of them sent back") }
}
