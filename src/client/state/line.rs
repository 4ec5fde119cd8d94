//! An entity as one line of JSON: what `export` writes and `import` reads. The state stands there byte for byte as it was
//! written, but for line breaks.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::write::object;
use crate::state::{Author, EntityKey, OwnedEntityKey, Written};

/// An entity of some tenant. The line does not say which: it is imported into the tenant that the importer names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityLine {
    /// The module that owns it.
    pub module: String,
    /// Its entity type.
    pub entity_type: String,
    /// Its id, as it is: not encoded.
    pub entity_id: String,
    /// The version that it had. An import makes versions of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Its state: an object.
    pub state: Box<RawValue>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<WrittenBy>,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<String>,
}

/// Who wrote an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBy {
    /// The module.
    pub module: String,
    /// Its user, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

impl WrittenBy {
    /// From what stands on the wire.
    #[must_use]
    pub fn of(by: &Author<'_>) -> Self {
        Self { module: by.module.to_string(), user_id: by.user.as_deref().map(str::to_owned) }
    }
}

impl EntityLine {
    /// From what stands on the wire; `None` where the state is no JSON.
    #[must_use]
    pub fn of(key: EntityKey<'_>, written: &Written<'_>, state: &str) -> Option<Self> {
        // A line break in JSON stands between tokens only.
        let state = state.replace(['\n', '\r'], " ");
        Some(Self {
            module: key.module.to_owned(),
            entity_type: key.entity_type.to_owned(),
            entity_id: key.id.to_owned(),
            version: Some(written.version.0),
            state: RawValue::from_string(state).ok()?,
            written_by: Some(WrittenBy::of(&written.by)),
            written_at: Some(written.at.to_rfc3339()),
        })
    }

    /// Reads a line, and gives the entity of a tenant that it means.
    ///
    /// # Errors
    /// A sentence: it is no such line, or no entity could have these names.
    pub fn parse(line: &str, tenant: &str) -> Result<(Self, OwnedEntityKey), String> {
        let read: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        object(read.state.get(), "`state`").map_err(|error| error.to_string())?;
        let key = EntityKey::new(tenant, &read.module, &read.entity_type, &read.entity_id);
        let key = key.map_err(|fault| fault.to_string())?.to_owned();
        Ok((read, key))
    }
}
