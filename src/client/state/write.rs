//! Writing: the client's own module's entities, typed; any entity, as JSON text.

use serde::Serialize;

use super::client::StateClient;
use super::error::StateError;
use super::options::Write;
use crate::json::{Fault, Kind, MAX_DEPTH, Scanner, Value};
use crate::state::{EntityKey, LEVELS_ABOVE, OwnedEntityKey, UpdateBody, Version};

/// A write that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Of which entity.
    pub entity: OwnedEntityKey,
    /// The version that it made; of a delete, the version of the tombstone.
    pub version: Version,
    /// Whether the update was done before, under the same event id, and not again.
    pub repeated: bool,
    /// The id of the update event.
    pub event_id: String,
}

impl StateClient {
    /// Replaces the state of an entity of this module, or creates it.
    ///
    /// # Errors
    /// It was not written, or that is not known: see [`StateError`].
    pub async fn update_state<T: Serialize + Sync>(
        &self,
        entity_type: &str,
        id: &str,
        state: &T,
        write: Write,
    ) -> Result<Written, StateError> {
        let entity = self.entity(self.module(), [entity_type, id])?;
        let text = to_json(state)?;
        self.write(entity, UpdateBody::Put(object(&text, "a state")?), write).await
    }

    /// Merges a patch into the state of an entity of this module (RFC 7386: `null` removes a member, what is not named
    /// stays as it is). An entity that is not there begins as an empty object.
    ///
    /// # Errors
    /// It was not written, or that is not known: see [`StateError`].
    pub async fn patch_state<T: Serialize + Sync>(
        &self,
        entity_type: &str,
        id: &str,
        patch: &T,
        write: Write,
    ) -> Result<Written, StateError> {
        let entity = self.entity(self.module(), [entity_type, id])?;
        let text = to_json(patch)?;
        self.write(entity, UpdateBody::Patch(object(&text, "a patch")?), write).await
    }

    /// Deletes an entity of this module.
    ///
    /// # Errors
    /// It was not written, or that is not known: see [`StateError`].
    pub async fn delete_state(&self, entity_type: &str, id: &str, write: Write) -> Result<Written, StateError> {
        let entity = self.entity(self.module(), [entity_type, id])?;
        self.write(entity, UpdateBody::Delete, write).await
    }

    /// Writes any entity of the tenant, with a body as text: what a module does not own, the router denies.
    ///
    /// # Errors
    /// It was not written, or that is not known: see [`StateError`].
    pub async fn write(
        &self,
        entity: EntityKey<'_>,
        body: UpdateBody<'_>,
        write: Write,
    ) -> Result<Written, StateError> {
        if entity.tenant != self.tenant() {
            let (own, other) = (self.tenant(), entity.tenant);
            return Err(StateError::Malformed(format!("this client is bound to tenant {own}, and not to {other}")));
        }
        let (done, event_id) = self.inner.writer.write(entity, body, &write).await?;
        Ok(Written { entity: entity.to_owned(), version: done.version, repeated: done.repeated, event_id })
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<String, StateError> {
    serde_json::to_string(value)
        .map_err(|error| StateError::Malformed(format!("it cannot be written as JSON: {error}")))
}

/// The object that a text is.
///
/// # Errors
/// It is no JSON, something else than an object (decision 55), or deeper than an event that brings it may be.
pub fn object<'t>(text: &'t str, what: &str) -> Result<Value<'t>, StateError> {
    let mut scanner = Scanner::inside(text, LEVELS_ABOVE);
    let read = scanner.value().and_then(|value| scanner.end().map(|()| value));
    let value = read.map_err(|fault| {
        StateError::Malformed(match fault {
            Fault::TooDeep => format!("{what} is nested deeper than {}", MAX_DEPTH - LEVELS_ABOVE),
            Fault::Syntax { .. } => format!("{what} must be a JSON object: {fault}"),
        })
    })?;
    if value.kind == Kind::Object {
        Ok(value)
    } else {
        Err(StateError::Malformed(format!("{what} must be a JSON object, not {}", value.what())))
    }
}
