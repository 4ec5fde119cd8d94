//! What an import would do: each line is decided on as the router would, over what is there now and what the lines before
//! it would have written.

use std::collections::HashMap;
use std::sync::Arc;

use super::lines::Lines;
use super::{Args, Tally};
use crate::catalogue::Catalogue;
use crate::cli::state::ReadArgs;
use crate::cli::state::reads::Reads;
use crate::cli::state::view::Source;
use crate::client::state::{EntityLine, NewUpdate, object};
use crate::ids::new_event_id;
use crate::kernel::explain::{Present, UpdateExplanation, Verdict, explain_update};
use crate::kernel::{Rules, Topology};
use crate::reason::Outcome;
use crate::state::{OwnedEntityKey, ReplyTo, UpdateBody, Version};
use crate::time::Timestamp;

/// A client id as long as a client's, so that an update has the size that it would have.
const CLIENT: &str = "client_00000000000000000000";

pub(super) async fn run(
    args: &Args,
    catalogue: Arc<Catalogue>,
    lines: &mut Lines,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let source = Source::any(&args.common, Arc::clone(&catalogue))?;
    let view = source.open(&ReadArgs { kept: args.kept.clone(), deadline: args.how.deadline }).await?;
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    let mut judge = Judge { args, view, rules, written: HashMap::new() };
    while let Some((number, key, line)) = args.next(lines, &judge.rules.catalogue, tally)? {
        judge.line(number, key, &line, tally).await?;
    }
    Ok(())
}

struct Judge<'a> {
    args: &'a Args,
    view: Reads<'a>,
    rules: Rules,
    /// What the lines so far would have written.
    written: HashMap<OwnedEntityKey, (String, Version)>,
}

impl Judge<'_> {
    async fn line(
        &mut self,
        number: usize,
        key: OwnedEntityKey,
        line: &EntityLine,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let there = self.there(&key).await?;
        let explained = match self.decide(&key, line, there.as_ref()) {
            Ok(explained) => explained,
            Err(reason) => {
                tally.refuse(number, reason);
                return Ok(());
            }
        };
        if explained.outcome == Outcome::Conflict.code() {
            tally.kept += 1;
        } else if explained.outcome != Outcome::StateChanged.code() {
            tally.refuse(number, format!("{}: {}", explained.outcome, why(&explained)));
        } else {
            let state = line.state.get();
            match &there {
                None => tally.created += 1,
                Some((old, _)) => {
                    tally.replaced += 1;
                    tally.same += u64::from(old == state);
                }
            }
            let version = Version(explained.version.unwrap_or_default());
            self.written.insert(key, (state.to_owned(), version));
        }
        Ok(())
    }

    /// What is there when a line's turn comes. Of what is another's to write, nothing is looked at.
    async fn there(&self, key: &OwnedEntityKey) -> anyhow::Result<Option<(String, Version)>> {
        if self.args.writer(&key.module) != key.module {
            return Ok(None);
        }
        if let Some(written) = self.written.get(key) {
            return Ok(Some(written.clone()));
        }
        let entity = self.view.get(key.borrow()).await?;
        Ok(entity.map(|entity| (entity.state.into_owned(), entity.written.version)))
    }

    fn decide(
        &self,
        key: &OwnedEntityKey,
        line: &EntityLine,
        there: Option<&(String, Version)>,
    ) -> Result<UpdateExplanation, String> {
        let now = Timestamp::now();
        let state = object(line.state.get(), "`state`").map_err(|error| error.to_string())?;
        let update = NewUpdate {
            event_id: &new_event_id(now, &[0; 10]),
            entity: key.borrow(),
            body: UpdateBody::Put(state),
            expected: self.args.expected(),
            by: (self.args.writer(&key.module), self.args.how.user.as_deref()),
            reply_to: Some(ReplyTo { client_id: CLIENT.into(), partition: 0 }),
        };
        let most = self.rules.catalogue.settings.max_event_bytes.into();
        let value = update.sendable(now, most).map_err(|error| error.to_string())?;
        let present = there.map(|(state, version)| Present { state, version: *version });
        Ok(explain_update(&self.rules, &value, present, now))
    }
}

/// Why an update would not be done.
fn why(explained: &UpdateExplanation) -> String {
    let failed = explained.stages.iter().filter(|stage| stage.verdict == Verdict::Failed);
    let notes: Vec<_> = failed.flat_map(|stage| &stage.notes).map(String::as_str).collect();
    explained.dead_letter.as_ref().map_or_else(|| notes.join("; "), |letter| letter.message.clone())
}
