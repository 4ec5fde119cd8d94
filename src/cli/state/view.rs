//! Where a verb reads: the cluster's state, or what was kept of it, waited for with a progress bar where a person watches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::reads::Reads;
use super::{Common, ReadArgs, trouble};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::cli::exit::say_aside;
use crate::cli::{Exit, Failure, catalogue, trouble as cluster};
use crate::client::state::may_read;
use crate::client::state::view::{Change, Progress, StateView, Store, ViewError, ViewOptions, history};
use crate::diagnostic::did_you_mean;
use crate::kafka::config::KafkaSettings;
use crate::kafka::watermarks::Watermarks;
use crate::kernel::partition_of;
use crate::state::EntityKey;

/// How long one call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often the bar moves.
const STEP: Duration = Duration::from_millis(100);

/// Where state is read, and in whose name. What a verb sees of entities comes through this and [`Reads`], which ask
/// [`Source::allow`] first; nothing else here opens a view.
pub(super) struct Source {
    pub(super) catalogue: Arc<Catalogue>,
    settings: KafkaSettings,
    topic: String,
    /// The module that --as names; else each entity is read by its owner.
    reader: Option<String>,
}

impl Source {
    /// Where the catalogue says, for entities of a module, or of one type: what may not be read is refused before anything
    /// is connected, and a type that is not declared is spoken of.
    pub(super) fn of(common: &Common, module: &str, entity_type: Option<&str>) -> anyhow::Result<Self> {
        let (catalogue, _) = catalogue::load(&common.catalogue)?;
        let source = Self::any(common, catalogue)?;
        source.allow(module, entity_type)?;
        if let Some(entity_type) = entity_type
            && source.catalogue.entity_type(module, entity_type).is_none()
        {
            say_aside(&format!("note: {}\n", undeclared(&source.catalogue, module, entity_type)));
        }
        Ok(source)
    }

    /// Where the catalogue says, for entities that are not known yet.
    pub(super) fn any(common: &Common, catalogue: Arc<Catalogue>) -> anyhow::Result<Self> {
        let settings = common.kafka.settings()?;
        let topic = catalogue.prefixed(ControlTopic::State.name());
        Ok(Self { catalogue, settings, topic, reader: common.module.clone() })
    }

    /// Refuses what the catalogue's `readers` keep from whoever reads: a type, or a module of which one type is. To leave
    /// that one out would look as if there were nothing.
    pub(super) fn allow(&self, module: &str, entity_type: Option<&str>) -> anyhow::Result<()> {
        let reader = self.reader.as_deref().unwrap_or(module);
        for name in self.types(module, entity_type) {
            may_read(&self.catalogue, reader, [module, name]).map_err(|error| match entity_type {
                Some(_) => trouble::failure(&error),
                None => Failure::new(Exit::Found, format!("{error}; name one that it reads, as {module}/TYPE")),
            })?;
        }
        Ok(())
    }

    /// The entity type that is meant, or all that a module declares.
    pub(super) fn types<'a>(&'a self, module: &str, entity_type: Option<&'a str>) -> Vec<&'a str> {
        let of_module = |one: &&crate::catalogue::EntityType| *self.catalogue.module(one.module).name == *module;
        match entity_type {
            Some(entity_type) => vec![entity_type],
            None => self.catalogue.entity_types.iter().filter(of_module).map(|one| &*one.name).collect(),
        }
    }

    /// A view of all partitions, which has read what is there.
    pub(super) async fn open(&self, read: &ReadArgs) -> anyhow::Result<Reads<'_>> {
        self.view(read, None).await
    }

    /// A view that knows one entity. Where nothing is kept, only its partition is read.
    pub(super) async fn open_for(&self, read: &ReadArgs, key: EntityKey<'_>) -> anyhow::Result<Reads<'_>> {
        if read.kept.state_dir.is_some() {
            return self.open(read).await;
        }
        let watermarks = Watermarks::connect(&self.settings).map_err(|t| cluster::failure(&t))?;
        let count = watermarks.partitions(&self.topic, TIMEOUT).map_err(|t| cluster::failure(&t))?;
        // Without a topic there is no partition, and opening the view says so.
        let partitions = (count > 0).then(|| vec![partition_of(&key.to_bytes(), count)]);
        self.view(read, partitions).await
    }

    /// What the log still holds of an entity.
    pub(super) fn history(&self, key: EntityKey<'_>, within: Duration) -> anyhow::Result<Vec<Change>> {
        self.allow(key.module, Some(key.entity_type))?;
        history(&self.settings, &self.topic, key, within).map_err(failure)
    }

    async fn view(&self, read: &ReadArgs, partitions: Option<Vec<i32>>) -> anyhow::Result<Reads<'_>> {
        let store = read.kept.state_dir.clone().map_or(Store::Memory, Store::Folder);
        let (settings, topic) = (self.settings.clone(), self.topic.clone());
        let options = ViewOptions { settings, topic, partitions, store };
        let view = StateView::open(options).map_err(failure)?;
        restored(&view, read.deadline).await?;
        Ok(Reads::new(view, self, read.deadline))
    }
}

/// Waits until a view has read what is there.
pub(super) async fn restored(view: &StateView, deadline: Duration) -> anyhow::Result<()> {
    let bar = bar("records of state");
    let mut patience = Patience { deadline, read: 0, since: Instant::now() };
    loop {
        match view.ready(STEP).await {
            Ok(()) => break,
            Err(ViewError::Restoring(progress)) if patience.lasts(progress, Instant::now()) => {
                bar.set_length(progress.of);
                bar.set_position(progress.read);
            }
            Err(error) => return Err(failure(error)),
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Waits as long as more is read, however much there is.
pub(super) struct Patience {
    pub(super) deadline: Duration,
    pub(super) read: u64,
    /// When that much was read first.
    pub(super) since: Instant,
}

impl Patience {
    /// Whether to wait on. Once all is read, what is left is to put it in order.
    pub(super) fn lasts(&mut self, progress: Progress, now: Instant) -> bool {
        if progress.read != self.read || progress.read >= progress.of {
            (self.read, self.since) = (progress.read, now);
        }
        now.duration_since(self.since) < self.deadline
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
fn undeclared(catalogue: &Catalogue, module: &str, entity_type: &str) -> String {
    let name = format!("{module}/{entity_type}");
    let declared =
        catalogue.entity_types.iter().map(|one| format!("{}/{}", catalogue.module(one.module).name, one.name));
    let meant = did_you_mean(&name, declared);
    format!("the catalogue declares no entity type `{name}`{meant}")
}
