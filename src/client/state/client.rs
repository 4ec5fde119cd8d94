//! The client.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::error::StateError;
use super::options::StateClientOptions;
use super::update_with::Lanes;
use super::view::StateView;
use super::writer::Writer;
use crate::catalogue::Catalogue;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::state::EntityKey;

/// Writes and reads the state of a tenant in the name of a module. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct StateClient {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) options: StateClientOptions,
    pub(super) writer: Writer,
    /// Opened by the first read.
    pub(super) view: OnceCell<StateView>,
    pub(super) lanes: Lanes,
}

impl StateClient {
    /// Connects, and waits until the cluster has answered.
    ///
    /// # Errors
    /// A module that the catalogue does not have, and a cluster that does not answer, does not let us in, or lacks the
    /// topics.
    pub async fn connect(options: StateClientOptions) -> Result<Self, StateError> {
        // A tenant that is none is found here and not with the first call.
        EntityKey::new(&options.tenant, &options.module, "any", "any")?;
        known_module(&options.catalogue, &options.module)?;
        let connecting = options.clone();
        let writer = blocking(move || Writer::connect(&connecting)).await?;
        Ok(Self { inner: Arc::new(Inner { options, writer, view: OnceCell::new(), lanes: Lanes::new() }) })
    }

    /// The tenant that it is bound to.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.inner.options.tenant
    }

    /// The module in whose name it writes and reads.
    #[must_use]
    pub fn module(&self) -> &str {
        &self.inner.options.module
    }

    /// An entity of the tenant.
    pub(super) fn entity<'a>(&'a self, module: &'a str, names: [&'a str; 2]) -> Result<EntityKey<'a>, StateError> {
        let [entity_type, id] = names;
        Ok(EntityKey::new(self.tenant(), module, entity_type, id)?)
    }
}

/// Whether a module is one of the catalogue's, so that it can write.
///
/// # Errors
/// It is not ([`StateError::Malformed`]).
pub fn known_module(catalogue: &Catalogue, module: &str) -> Result<(), StateError> {
    if catalogue.module_named(module).is_some() {
        return Ok(());
    }
    let names = catalogue.modules.iter().map(|module| &*module.name).collect::<Vec<_>>().join(", ");
    Err(StateError::Malformed(format!("the catalogue has no module `{module}`; it has {names}")))
}

/// Does what blocks on a thread for such work.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let sentence = format!("a thread of the client ended: {error}");
        Err(Trouble { kind: TroubleKind::Refused, sentence }.into())
    })
}
