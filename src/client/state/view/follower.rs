//! The thread that reads the topic into a store, and begins again whenever what it has can no longer be trusted.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::ViewError;
use super::disk::Disk;
use super::entry::Stand;
use super::kept::{Kept, KeptError};
use super::memory::Memory;
use super::options::{Store, ViewOptions};
use super::reading::Reading;
use super::shared::{Places, Shared};
use super::survey::Survey;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;

/// Between two tries to begin again.
const RETRY: Duration = Duration::from_millis(200);

/// Follows the topic.
pub(super) struct Follower {
    pub(super) shared: Arc<Shared>,
    pub(super) options: ViewOptions,
    pub(super) watermarks: Watermarks,
    pub(super) survey: Survey,
}

/// Why a reading ended.
pub(super) enum End {
    /// Nobody wants it any more.
    Stopped,
    /// What was read cannot be trusted.
    Begin(String),
    /// It cannot go on.
    Failed(ViewError),
}

impl From<ViewError> for End {
    fn from(error: ViewError) -> Self {
        Self::Failed(error)
    }
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.into())
    }
}

impl From<KeptError> for End {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::Torn(why) => Self::Begin(format!("its file is torn: {why}")),
            KeptError::Failed(error) => Self::Failed(error),
        }
    }
}

impl Follower {
    /// Asks the cluster, opens the store, and says where reading begins.
    pub(super) fn begin(options: ViewOptions) -> Result<(Self, Arc<Shared>), ViewError> {
        let watermarks = Watermarks::connect(&options.settings)?;
        let survey = Survey::take(&options, &watermarks)?;
        let (kept, stand) = match &options.store {
            Store::Memory => (Kept::Memory(Memory::default()), None),
            Store::Folder(folder) => {
                let (disk, stand) = Disk::open(folder, &survey)?;
                (Kept::Disk(disk), stand)
            }
        };
        let shared = Arc::new(Shared::new(kept, places(&survey, stand)));
        Ok((Self { shared: Arc::clone(&shared), options, watermarks, survey }, shared))
    }

    /// Reads until the view is stopped, or cannot go on; why.
    pub(super) fn run(mut self) -> ViewError {
        loop {
            let why = match self.read() {
                End::Stopped => return ViewError::Stopped,
                End::Failed(error) => return error,
                End::Begin(why) => why,
            };
            tracing::warn!(topic = self.options.topic, "the state is read again from the start: {why}");
            self.shared.begin_again();
            if let Err(error) = self.renew() {
                return error;
            }
        }
    }

    /// Empties the store, and asks the cluster once more, for as long as the topic is not there or nobody answers.
    fn renew(&mut self) -> Result<(), ViewError> {
        loop {
            if self.shared.is_stopped() {
                return Err(ViewError::Stopped);
            }
            // A new client: the old one may still know an old topic.
            let asked = Watermarks::connect(&self.options.settings)
                .and_then(|watermarks| Ok((Survey::take(&self.options, &watermarks)?, watermarks)));
            match asked {
                Ok((survey, watermarks)) => {
                    match &self.shared.kept {
                        Kept::Memory(memory) => memory.clear(),
                        Kept::Disk(disk) => disk.renew(&survey)?,
                    }
                    let places = places(&survey, None);
                    self.shared.move_places(|old| *old = Places { look: old.look, ..places });
                    (self.survey, self.watermarks) = (survey, watermarks);
                    return Ok(());
                }
                Err(trouble) if matches!(trouble.kind, TroubleKind::Unreachable | TroubleKind::TopicMissing) => {
                    tracing::debug!(%trouble, "the state cannot be read yet");
                    thread::sleep(RETRY);
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }

    fn read(&self) -> End {
        match Reading::begin(self).map(Reading::run) {
            Err(trouble) => trouble.into(),
            Ok(Err(end)) => end,
            Ok(Ok(never)) => match never {},
        }
    }
}

/// Where a view stands at the beginning: where a file says, or before everything.
fn places(survey: &Survey, stand: Option<Stand>) -> Places {
    let starts = stand.as_ref().map_or_else(|| survey.starts(), |stand| stand.positions.clone());
    // With nothing in it, it is as it was at any moment before the first record that is still there.
    let as_of = stand.map_or(Some(survey.at), |stand| stand.as_of);
    Places { at: starts.clone(), starts, goal: survey.highs(), ends: survey.highs(), as_of, look: 0 }
}
