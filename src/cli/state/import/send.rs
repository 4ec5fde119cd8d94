//! An import that is done: many puts at once. The first trouble with the cluster ends it, but not before all that is on its
//! way has been answered or given up.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::lines::Lines;
use super::{Args, Tally};
use crate::catalogue::Catalogue;
use crate::cli::state::{client, trouble};
use crate::client::state::{EntityLine, StateClient, StateError, Write, Written, object};
use crate::state::{OwnedEntityKey, UpdateBody, Version};

/// How many puts are on their way at once.
const AT_ONCE: usize = 256;

type Put = (usize, Result<Written, StateError>);

pub(super) async fn run(
    args: &Args,
    catalogue: Arc<Catalogue>,
    lines: &mut Lines,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let mut sending = Sending { args, catalogue, clients: HashMap::new(), puts: JoinSet::new(), tally };
    let mut ended = sending.send(lines).await;
    while !sending.puts.is_empty() {
        let settled = sending.settle().await;
        ended = ended.and(settled);
    }
    ended
}

struct Sending<'a> {
    args: &'a Args,
    catalogue: Arc<Catalogue>,
    /// By the module that writes.
    clients: HashMap<String, StateClient>,
    puts: JoinSet<Put>,
    tally: &'a mut Tally,
}

impl Sending<'_> {
    async fn send(&mut self, lines: &mut Lines) -> anyhow::Result<()> {
        while let Some((number, key, line)) = self.args.next(lines, &self.catalogue, self.tally)? {
            let client = self.client(&key.module).await?;
            let write = Write { expected: self.args.expected(), ..Write::default() };
            self.puts.spawn(put(client, number, (key, line), write));
            if self.puts.len() >= AT_ONCE {
                self.settle().await?;
            }
        }
        Ok(())
    }

    /// The client of the module that owns what is written; one for all of them where --as names one.
    async fn client(&mut self, owner: &str) -> anyhow::Result<StateClient> {
        let module = self.args.writer(owner);
        if let Some(client) = self.clients.get(module) {
            return Ok(client.clone());
        }
        let options = client::options(&self.args.common, &self.args.how, Arc::clone(&self.catalogue), owner)?;
        let client = client::connect(options).await?;
        self.clients.insert(module.to_owned(), client.clone());
        Ok(client)
    }

    /// Takes the next put that is done.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let Some(done) = self.puts.join_next().await else { return Ok(()) };
        let tally = &mut *self.tally;
        let (number, done) = done.inspect_err(|_| tally.unknown += 1).context("a put was not ended")?;
        match done {
            Ok(written) if written.version == Version::ABSENT.next() => tally.created += 1,
            Ok(_) => tally.replaced += 1,
            // Only --create-only expects a version.
            Err(StateError::Conflict { .. }) => tally.kept += 1,
            Err(
                error @ (StateError::Denied { .. }
                | StateError::InvalidState { .. }
                | StateError::Failed { .. }
                | StateError::NotAState { .. }
                | StateError::Malformed(_)),
            ) => tally.refuse(number, error.to_string()),
            Err(
                error @ (StateError::DeadlineExceeded { .. } | StateError::Unavailable { .. } | StateError::View(_)),
            ) => {
                tally.unknown += 1;
                return Err(trouble::failure(&error).context(format!("line {number}")));
            }
        }
        Ok(())
    }
}

async fn put(client: StateClient, number: usize, (key, line): (OwnedEntityKey, EntityLine), write: Write) -> Put {
    let done = match object(line.state.get(), "`state`") {
        Ok(state) => client.write(key.borrow(), UpdateBody::Put(state), write).await,
        Err(error) => Err(error),
    };
    (number, done)
}
