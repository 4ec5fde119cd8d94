//! What a client is made of, and what may be said of one write.

use std::sync::Arc;
use std::time::Duration;

use super::view::Store;
use crate::catalogue::Catalogue;
use crate::kafka::config::KafkaSettings;
use crate::state::Version;

/// How long a write may take, where nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct StateClientOptions {
    /// How to reach the cluster.
    pub settings: KafkaSettings,
    /// The contract between all modules.
    pub catalogue: Arc<Catalogue>,
    /// The tenant. A client knows one, and nothing of it reaches another (decision 20).
    pub tenant: String,
    /// The module that writes and reads.
    pub module: String,
    /// Its user, where there is one.
    pub user: Option<String>,
    /// How long a write may take, and how long a read waits for what it must see.
    pub deadline: Duration,
    /// Where what is read is kept, once something is read.
    pub store: Store,
}

impl StateClientOptions {
    /// A module of a tenant, without a user, with 30 seconds for each call, and what is read in memory.
    #[must_use]
    pub fn new(settings: KafkaSettings, catalogue: Arc<Catalogue>, tenant: &str, module: &str) -> Self {
        let (tenant, module) = (tenant.to_owned(), module.to_owned());
        Self { settings, catalogue, tenant, module, user: None, deadline: DEADLINE, store: Store::Memory }
    }
}

/// What may be said of one write. The default says nothing: whatever version the entity has, under a new event id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Write {
    /// The version that the entity must have; [`Version::ABSENT`]: it must not be there. Up to
    /// [`MAX_EXPECTED`](crate::state::MAX_EXPECTED).
    pub expected: Option<Version>,
    /// The id of the update event, to ask again: an update that was decided before is not done twice.
    pub event_id: Option<String>,
    /// How long it may take, in place of the client's deadline.
    pub deadline: Option<Duration>,
}

impl Write {
    /// Whatever version the entity has.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Only where the entity has this version.
    #[must_use]
    pub fn expecting(version: Version) -> Self {
        Self { expected: Some(version), ..Self::default() }
    }

    /// Only where the entity is not there.
    #[must_use]
    pub fn creating() -> Self {
        Self::expecting(Version::ABSENT)
    }

    /// Under this event id.
    #[must_use]
    pub fn with_event_id(self, event_id: impl Into<String>) -> Self {
        Self { event_id: Some(event_id.into()), ..self }
    }

    /// Within this time.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }
}
