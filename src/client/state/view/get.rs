//! Reading one entity: as it is, or behind something that is known to be written.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::shared::{Places, Shared, reached};
use super::{ViewError, key, list};
use crate::state::{Entity, EntityKey};

impl Shared {
    /// Waits until reads are answered.
    pub(super) async fn readable_within(&self, within: Duration) -> Result<(), ViewError> {
        let until = Instant::now() + within;
        let mut moves = self.moves();
        loop {
            match self.readable() {
                Ok(_) => return Ok(()),
                Err(restoring @ ViewError::Restoring(_)) => {
                    if timeout_at(until, moves.changed()).await.is_err() {
                        return Err(restoring);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn get(&self, key: EntityKey<'_>) -> Result<Option<Entity<'static>>, ViewError> {
        let value = |value: &[u8]| list::read(key, value).map(Entity::into_owned);
        self.read(|| self.answer(self.kept.get(&key::of(key)?, value))?.transpose())
    }

    /// Waits until the view has all that was committed when this was called, or an entity that is `enough`.
    pub(super) async fn get_behind(
        &self,
        key: EntityKey<'_>,
        within: Duration,
        enough: impl Fn(&Entity<'_>) -> bool,
    ) -> Result<Option<Entity<'static>>, ViewError> {
        let until = Instant::now() + within;
        let mut moves = self.moves();
        let late = || ViewError::Deadline { key: key.to_string(), within };
        timeout_at(until, self.readable_within(within)).await.map_err(|_| late())??;
        let mut wanted = Wanted::Look(None);
        loop {
            let answer = match self.get(key) {
                Ok(Some(entity)) if enough(&entity) => return Ok(Some(entity)),
                // What was read meanwhile is in the answer too.
                Ok(_) if wanted.is_read(self) => Some(self.get(key)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            };
            match answer {
                // It begins again; where the logs ended before says nothing, since it may be another topic.
                Some(Err(ViewError::Restoring(_))) => wanted = Wanted::Look(None),
                Some(answer) => return answer,
                None => {}
            }
            if timeout_at(until, moves.changed()).await.is_err() {
                return Err(late());
            }
        }
    }
}

/// What has to be read.
enum Wanted {
    /// Where the logs end is asked for, under this number.
    Look(Option<u64>),
    /// Up to these places.
    Places(Places),
}

impl Wanted {
    fn is_read(&mut self, shared: &Shared) -> bool {
        match self {
            Self::Look(None) => *self = Self::Look(Some(shared.ask())),
            Self::Look(Some(number)) => {
                let places = shared.places();
                if places.look >= *number {
                    let seen = places.clone();
                    drop(places);
                    *self = Self::Places(seen);
                    return self.is_read(shared);
                }
            }
            Self::Places(seen) => return reached(&shared.places().at, &seen.ends),
        }
        false
    }
}
