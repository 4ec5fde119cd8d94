//! The client that a verb writes with.

use std::sync::Arc;

use super::{Common, WriteArgs, trouble};
use crate::cli::catalogue;
use crate::client::state::{StateClient, StateClientOptions};

/// What it is made of; `owner` writes where nothing else is said.
pub(super) fn options(common: &Common, write: &WriteArgs, owner: &str) -> anyhow::Result<StateClientOptions> {
    let settings = common.kafka.settings()?;
    let (catalogue, _) = catalogue::load(&common.catalogue)?;
    let module = common.module.as_deref().unwrap_or(owner);
    let options = StateClientOptions::new(settings, Arc::clone(&catalogue), &common.tenant, module);
    Ok(StateClientOptions { user: write.user.clone(), deadline: write.deadline, ..options })
}

/// Connects.
pub(super) async fn connect(options: StateClientOptions) -> anyhow::Result<StateClient> {
    StateClient::connect(options).await.map_err(|error| trouble::failure(&error))
}
