//! The client that a verb writes with.

use std::sync::Arc;

use super::{Common, WriteHow, trouble};
use crate::catalogue::Catalogue;
use crate::client::state::{StateClient, StateClientOptions};

/// What it is made of; `owner` writes where nothing else is said.
pub(super) fn options(
    common: &Common,
    how: &WriteHow,
    catalogue: Arc<Catalogue>,
    owner: &str,
) -> anyhow::Result<StateClientOptions> {
    let settings = common.kafka.settings()?;
    let module = common.module.as_deref().unwrap_or(owner);
    let options = StateClientOptions::new(settings, catalogue, &common.tenant, module);
    Ok(StateClientOptions { user: how.user.clone(), deadline: how.deadline, ..options })
}

/// Connects.
pub(super) async fn connect(options: StateClientOptions) -> anyhow::Result<StateClient> {
    StateClient::connect(options).await.map_err(|error| trouble::failure(&error))
}
