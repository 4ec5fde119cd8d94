//! An entity, or a change of one, as it is printed.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::state::WrittenBy;
use crate::client::state::view::WatchEvent;
use crate::diagnostic::one_line;
use crate::state::{Entity, EntityKey, Written};

/// What there is to say of an entity at one time. What is not known is left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Shown<'a> {
    /// `written`, `deleted`, `missed`, or `there` for what was there before; left out where nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<&'static str>,
    /// How many changes were missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    /// Where in the log it stands: partition/offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) module: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entity_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entity_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written_by: Option<WrittenBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event_id: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// An entity that is there.
    pub(super) fn entity(key: EntityKey<'a>, entity: &'a Entity<'_>) -> Self {
        let state = serde_json::from_str(&entity.state).ok();
        Self { state, ..Self::of(key).by(Some(&entity.written)) }
    }

    /// A change that a watcher sees.
    pub(super) fn event(event: &'a WatchEvent) -> Self {
        match event {
            WatchEvent::Changed { key, entity } => {
                Self { change: Some("written"), ..Self::entity(key.borrow(), entity) }
            }
            WatchEvent::Deleted { key, written } => {
                Self { change: Some("deleted"), ..Self::of(key.borrow()).by(written.as_ref()) }
            }
            WatchEvent::Missed(count) => Self { change: Some("missed"), count: Some(*count), ..Self::default() },
        }
    }

    /// Which entity.
    pub(super) fn of(key: EntityKey<'a>) -> Self {
        Self {
            tenant: Some(key.tenant),
            module: Some(key.module),
            entity_type: Some(key.entity_type),
            entity_id: Some(key.id),
            ..Self::default()
        }
    }

    /// With the write that made it so.
    pub(super) fn by(self, written: Option<&'a Written<'_>>) -> Self {
        let Some(written) = written else { return self };
        Self {
            version: Some(written.version.0),
            written_by: Some(WrittenBy::of(&written.by)),
            written_at: Some(written.at.to_rfc3339()),
            event_id: Some(&written.event_id),
            ..self
        }
    }

    /// Who wrote it, for people.
    pub(super) fn author(&self) -> String {
        self.written_by.as_ref().map_or_else(
            || "-".to_owned(),
            |by| match &by.user_id {
                Some(user) => format!("{} ({})", by.module, one_line(user, 40)),
                None => by.module.clone(),
            },
        )
    }
}
