//! The view that a verb reads from: opened, and waited for with a progress bar where a person watches.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Common, ReadArgs, trouble};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::cli::{Exit, Failure, catalogue, trouble as cluster};
use crate::client::state::may_read;
use crate::client::state::view::{StateView, Store, ViewError, ViewOptions};
use crate::kafka::config::KafkaSettings;
use crate::kafka::watermarks::Watermarks;
use crate::kernel::partition_of;
use crate::state::EntityKey;

/// How long one call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often the bar moves.
const STEP: Duration = Duration::from_millis(100);

/// Where state is read.
pub(super) struct Source {
    pub(super) settings: KafkaSettings,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) topic: String,
}

impl Source {
    /// Where the catalogue says; entity types that may not be read, or are not declared, are spoken of.
    pub(super) fn of(common: &Common, module: &str, entity_type: Option<&str>) -> anyhow::Result<Self> {
        let settings = common.kafka.settings()?;
        let (catalogue, _) = catalogue::load(&common.catalogue)?;
        if let Some(entity_type) = entity_type {
            let reader = common.module.as_deref().unwrap_or(module);
            may_read(&catalogue, reader, [module, entity_type]).map_err(|error| trouble::failure(&error))?;
            if catalogue.entity_type(module, entity_type).is_none() {
                eprintln!("note: {}", undeclared(&catalogue, module, entity_type));
            }
        }
        let topic = catalogue.prefixed(ControlTopic::State.name());
        Ok(Self { settings, catalogue, topic })
    }

    /// A view of all partitions, which has read what is there.
    pub(super) async fn open(&self, read: &ReadArgs) -> anyhow::Result<StateView> {
        self.view(read, None).await
    }

    /// A view that knows one entity. Where nothing is kept, only its partition is read.
    pub(super) async fn open_for(&self, read: &ReadArgs, key: EntityKey<'_>) -> anyhow::Result<StateView> {
        if read.state_dir.is_some() {
            return self.open(read).await;
        }
        let watermarks = Watermarks::connect(&self.settings).map_err(|t| cluster::failure(&t))?;
        let count = watermarks.partitions(&self.topic, TIMEOUT).map_err(|t| cluster::failure(&t))?;
        // Without a topic there is no partition, and opening the view says so.
        let partitions = (count > 0).then(|| vec![partition_of(&key.to_bytes(), count)]);
        self.view(read, partitions).await
    }

    async fn view(&self, read: &ReadArgs, partitions: Option<Vec<i32>>) -> anyhow::Result<StateView> {
        let store = read.state_dir.clone().map_or(Store::Memory, Store::Folder);
        let (settings, topic) = (self.settings.clone(), self.topic.clone());
        let options = ViewOptions { settings, topic, partitions, store };
        let view = StateView::open(options).map_err(failure)?;
        let bar = bar("records of state");
        {
            let ready = view.ready(read.deadline);
            tokio::pin!(ready);
            loop {
                tokio::select! {
                    read = &mut ready => break read.map_err(failure)?,
                    () = tokio::time::sleep(STEP) => {
                        let progress = view.progress();
                        bar.set_length(progress.of);
                        bar.set_position(progress.read);
                    }
                }
            }
        }
        bar.finish_and_clear();
        Ok(view)
    }
}

/// A progress bar; it is hidden where stderr is no terminal.
pub(super) fn bar(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}} of {{len}} {what} {{per_sec}} {{eta}}"));
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// What a view says, with its exit code.
pub(super) fn failure(error: ViewError) -> anyhow::Error {
    trouble::failure(&error.into())
}

/// An entity that is not there.
pub(super) fn not_found(key: EntityKey<'_>) -> anyhow::Error {
    Failure::new(Exit::Found, format!("tenant {} has no {key}", key.tenant))
}

/// That an entity type is not declared, and which one may be meant.
pub(super) fn undeclared(catalogue: &Catalogue, module: &str, entity_type: &str) -> String {
    let name = format!("{module}/{entity_type}");
    let declared =
        catalogue.entity_types.iter().map(|one| format!("{}/{}", catalogue.module(one.module).name, one.name));
    let similar = declared.max_by(|a, b| strsim::jaro_winkler(&name, a).total_cmp(&strsim::jaro_winkler(&name, b)));
    let meant = similar.map_or_else(String::new, |known| format!(": did you mean `{known}`?"));
    format!("the catalogue declares no entity type `{name}`{meant}")
}
