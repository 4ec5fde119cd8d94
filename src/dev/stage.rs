//! Where everything takes place: the embedded broker, or a real cluster that has the topics.

use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::{AuditMode, Catalogue};
use crate::client::topics::{self, Allowed, Change, Overrides};
use crate::kafka::admin::Admin;
use crate::kafka::config::{KafkaSettings, SettingErrors};
use crate::kafka::embedded::EmbeddedBroker;
use crate::kafka::trouble::Trouble;
use crate::kernel::{StateTopics, TopicFacts, Topology};
use crate::router::{SurveyError, survey};

/// How long one call to a real cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Room beside the largest event, for what the router adds to it.
const MARGIN: usize = 64 * 1024;

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The broker, or the cluster.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// A cluster's topics.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// Topics that could not be created.
    #[error("not every topic was created: {}", .0.iter().map(|t| t.sentence.as_str()).collect::<Vec<_>>().join("; "))]
    Topics(Vec<Trouble>),
    /// Settings of the embedded broker.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// There is nothing to see without an audit trail.
    #[error("the catalogue says `audit: mode: off`, and what dev shows is the audit trail")]
    Unaudited,
}

/// Where everything takes place.
pub struct Stage {
    /// How to reach it.
    pub settings: KafkaSettings,
    /// What its topics can take.
    pub topology: Topology,
    /// The broker, where it is ours.
    pub embedded: Option<EmbeddedBroker>,
}

impl Stage {
    /// A broker of our own, with all topics of the catalogue.
    ///
    /// # Errors
    /// No broker.
    pub fn embedded(catalogue: &Catalogue) -> Result<Self, StageError> {
        audited(catalogue)?;
        let desired = topics::desired(catalogue, Overrides::default());
        let broker = EmbeddedBroker::start(desired.iter().map(|topic| topic.name.as_str()))?;
        // The broker does not tell what its topics take; it takes anything.
        let largest = catalogue.settings.max_event_bytes as usize + MARGIN;
        let facts = TopicFacts { partitions: 1, max_message_bytes: largest };
        let types = vec![facts; catalogue.types.len()];
        let state = StateTopics { updates: facts, entities: facts, replies: facts };
        let topology = Topology { types, dead_letters: facts, audit: facts, state };
        Ok(Self { settings: broker.settings()?, topology, embedded: Some(broker) })
    }

    /// A cluster that has the topics.
    ///
    /// # Errors
    /// It cannot be reached, or lacks some.
    pub fn cluster(settings: KafkaSettings, catalogue: &Arc<Catalogue>) -> Result<Self, StageError> {
        audited(catalogue)?;
        let admin = Admin::connect(&settings, TIMEOUT)?;
        Ok(Self { topology: survey(&admin, catalogue)?, settings, embedded: None })
    }
}

fn audited(catalogue: &Catalogue) -> Result<(), StageError> {
    match catalogue.settings.audit.mode {
        AuditMode::On => Ok(()),
        AuditMode::Off => Err(StageError::Unaudited),
    }
}

/// The topics that a cluster lacks. Those that it has are left as they are.
///
/// # Errors
/// It cannot be reached.
pub fn missing_topics(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<MissingTopics, StageError> {
    let admin = Admin::connect(settings, TIMEOUT)?;
    let desired = topics::desired(catalogue, Overrides::default());
    let names: Vec<_> = desired.iter().map(|topic| topic.name.as_str()).collect();
    let mut plan = topics::plan(&desired, &admin.describe(&names)?, Allowed::default());
    plan.changes.retain(|change| matches!(change, Change::Create { .. }));
    Ok(MissingTopics { admin, plan })
}

/// Topics that a cluster lacks.
pub struct MissingTopics {
    admin: Admin,
    plan: topics::Plan,
}

impl MissingTopics {
    /// Which, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.plan.changes.iter().map(ToString::to_string).collect()
    }

    /// Creates them.
    ///
    /// # Errors
    /// Those that were not created.
    pub fn create(&self) -> Result<(), StageError> {
        topics::apply(&self.admin, &self.plan).map_err(StageError::Topics)
    }
}
