//! An import that is done: many puts at once, and the first trouble with the cluster ends it.

use std::collections::HashMap;

use tokio::task::JoinSet;

use super::lines::Lines;
use super::{Args, Tally};
use crate::cli::state::{client, trouble};
use crate::client::state::{EntityLine, StateClient, StateError, Write, Written, object};
use crate::state::{OwnedEntityKey, UpdateBody, Version};

/// How many puts are on their way at once.
const AT_ONCE: usize = 256;

type Put = (usize, Result<Written, StateError>);

pub(super) async fn run(args: &Args, tally: &mut Tally) -> anyhow::Result<()> {
    tally.done = true;
    let mut lines = Lines::open(&args.file)?;
    let mut clients = HashMap::new();
    let mut puts = JoinSet::new();
    while let Some((number, line)) = lines.next()? {
        match EntityLine::parse(&line, &args.common.tenant) {
            Err(reason) => tally.refuse(number, reason),
            Ok((line, key)) => {
                let client = client(args, &mut clients, &key.module).await?;
                let write = if args.create_only { Write::creating() } else { Write::any() };
                puts.spawn(put(client, number, (key, line), write));
            }
        }
        if puts.len() >= AT_ONCE {
            settle(&mut puts, tally).await?;
        }
    }
    while !puts.is_empty() {
        settle(&mut puts, tally).await?;
    }
    Ok(())
}

/// The client of the module that owns what is written; one for all of them where --as names one.
async fn client(args: &Args, clients: &mut HashMap<String, StateClient>, owner: &str) -> anyhow::Result<StateClient> {
    let module = args.common.module.as_deref().unwrap_or(owner);
    if let Some(client) = clients.get(module) {
        return Ok(client.clone());
    }
    let client = client::connect(client::options(&args.common, &args.how, module)?).await?;
    clients.insert(module.to_owned(), client.clone());
    Ok(client)
}

async fn put(client: StateClient, number: usize, (key, line): (OwnedEntityKey, EntityLine), write: Write) -> Put {
    let done = match object(line.state.get(), "`state`") {
        Ok(state) => client.write(key.borrow(), UpdateBody::Put(state), write).await,
        Err(error) => Err(error),
    };
    (number, done)
}

/// Takes the next put that is done.
async fn settle(puts: &mut JoinSet<Put>, tally: &mut Tally) -> anyhow::Result<()> {
    let Some(done) = puts.join_next().await else { return Ok(()) };
    let (number, done) = done?;
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
        Err(error @ (StateError::DeadlineExceeded { .. } | StateError::Unavailable { .. } | StateError::View(_))) => {
            return Err(trouble::failure(&error));
        }
    }
    Ok(())
}
