//! Read, decide, write, and all of it again where somebody else has written meanwhile.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::client::StateClient;
use super::error::{Current, StateError};
use super::options::Write;
use super::write::Written;
use crate::state::{EntityKey, Version};

/// How often one call tries. Each conflict is somebody else's success.
pub const MAX_TRIES: u32 = 100;
/// How many calls of a client go on at once at most, by their entities.
const LANES: usize = 64;

/// One call an entity at a time: tasks of one client need not meet as conflicts.
#[derive(Default)]
pub(super) struct Lanes(Vec<Mutex<()>>);

impl Lanes {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| Mutex::default()).collect())
    }

    fn of(&self, key: EntityKey<'_>) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        &self.0[lane]
    }
}

impl StateClient {
    /// Makes a state of what an entity of this module is now, `None` where it is not there, and writes it if nobody has
    /// written meanwhile; else `change` is asked again, of what is there by then. At most [`MAX_TRIES`] times, and within
    /// the client's deadline for all of them.
    ///
    /// # Errors
    /// The last conflict, where others were always faster; else as of [`update_state`](Self::update_state). After
    /// [`StateError::DeadlineExceeded`] the last try may have been written.
    pub async fn update_with<T: Serialize + DeserializeOwned + Send + Sync>(
        &self,
        entity_type: &str,
        id: &str,
        mut change: impl FnMut(Option<T>) -> T + Send,
    ) -> Result<Written, StateError> {
        let entity = self.entity(self.module(), [entity_type, id])?;
        let within = self.deadline();
        let until = Instant::now() + within;
        let event_id = "that was not sent".to_owned();
        let late = |_| StateError::DeadlineExceeded { event_id, within };
        let _lane = timeout_at(until, self.inner.lanes.of(entity).lock()).await.map_err(late)?;
        let read = self.get_state::<Box<RawValue>>(self.module(), entity_type, id).await?;
        let mut now = read.map(|found| (found.version, found.state));
        let mut tries = 1;
        loop {
            let (version, state) = now.map_or((Version::ABSENT, None), |(version, state)| (version, Some(state)));
            let old = state.map(|state| read_as::<T>(entity, &state)).transpose()?;
            let write = Write::expecting(version).within(left_until(until));
            let conflict = match self.update_state(entity_type, id, &change(old), write).await {
                Err(StateError::Conflict { current }) if tries < MAX_TRIES => current,
                ended => return ended,
            };
            now = match conflict {
                Current::There { version, state } => Some((version, state)),
                Current::TooLarge { .. } => {
                    let read = self.latest::<Box<RawValue>>(entity, left_until(until)).await?;
                    read.map(|found| (found.version, found.state))
                }
                Current::Absent => None,
                // Only an update that was decided before is answered so, and each of these is new.
                told @ Current::NotTold => return Err(StateError::Conflict { current: told }),
            };
            tries += 1;
        }
    }
}

fn left_until(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

fn read_as<T: DeserializeOwned>(entity: EntityKey<'_>, state: &RawValue) -> Result<T, StateError> {
    serde_json::from_str(state.get())
        .map_err(|error| StateError::NotAState { entity: entity.to_string(), why: error.to_string() })
}
