//! The event of an update, in the Standard Event Format.

use super::error::StateError;
use crate::envelope::{push_field, push_number};
use crate::json::push_string;
use crate::state::{EntityKey, MAX_EXPECTED, ReplyTo, Update, UpdateBody, Version};
use crate::time::Timestamp;

/// An update before it is written.
#[derive(Debug, Clone)]
pub struct NewUpdate<'a> {
    /// Its id.
    pub event_id: &'a str,
    /// Which entity.
    pub entity: EntityKey<'a>,
    /// What is to be done.
    pub body: UpdateBody<'a>,
    /// Which version the entity must have.
    pub expected: Option<Version>,
    /// The module that writes, and its user.
    pub by: (&'a str, Option<&'a str>),
    /// Where the answer goes; `None`: nobody waits for one.
    pub reply_to: Option<ReplyTo<'a>>,
}

impl NewUpdate<'_> {
    /// The record's value, where it can be written at all.
    ///
    /// # Errors
    /// It would become a dead letter, or is larger than the catalogue's `max_event_bytes` ([`StateError::Malformed`]).
    pub fn sendable(&self, now: Timestamp, max_event_bytes: u64) -> Result<Vec<u8>, StateError> {
        if self.expected > Some(MAX_EXPECTED) {
            return Err(StateError::Malformed(format!("the expected version must be from 0 to {MAX_EXPECTED}")));
        }
        let value = self.to_bytes(now);
        let bytes = value.len() as u64;
        if bytes > max_event_bytes {
            let what =
                format!("the update has {bytes} bytes, and the catalogue's `max_event_bytes` is {max_event_bytes}");
            return Err(StateError::Malformed(what));
        }
        Ok(value)
    }

    /// The record's value.
    #[must_use]
    pub fn to_bytes(&self, now: Timestamp) -> Vec<u8> {
        let (module, user) = self.by;
        let operation = self.body.operation();
        let mut out = b"{\"event_id\":".to_vec();
        push_string(&mut out, self.event_id);
        push_field(&mut out, "event_type", operation.event_type());
        push_field(&mut out, "source_module", module);
        push_field(&mut out, "tenant_id", self.entity.tenant);
        if let Some(user) = user {
            push_field(&mut out, "user_id", user);
        }
        push_field(&mut out, "timestamp", &now.to_rfc3339());
        out.extend_from_slice(b",\"payload\":{\"action\":");
        push_string(&mut out, operation.name());
        out.extend_from_slice(b",\"data\":");
        self.data().push(&mut out);
        if let Some(reply_to) = &self.reply_to {
            out.extend_from_slice(b",\"metadata\":{\"client_id\":");
            push_string(&mut out, &reply_to.client_id);
            push_number(&mut out, "reply_partition", reply_to.partition);
            out.push(b'}');
        }
        out.extend_from_slice(b"}}");
        out
    }

    fn data(&self) -> Update<'_> {
        Update {
            module: self.entity.module.into(),
            entity_type: self.entity.entity_type.into(),
            entity_id: self.entity.id.into(),
            body: self.body,
            expected: self.expected,
        }
    }
}
