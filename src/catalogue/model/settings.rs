//! What holds for the whole catalogue.

use std::sync::Arc;

use super::StateMode;

/// The keys at the top of the file, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whose events are accepted (decision 54).
    pub tenants: Tenants,
    /// Put in front of every topic, group and transactional id (decision 74). Default empty.
    pub topic_prefix: String,
    /// How long an event id is remembered (decision 39). Default 10 minutes.
    pub duplicate_window: std::time::Duration,
    /// How many event ids a process remembers at most (decision 39). Default 500,000.
    pub duplicate_ids: u32,
    /// How far ahead an envelope's timestamp may lie (decision 52). Default 24 hours.
    pub max_future: std::time::Duration,
    /// How many hops an event may have behind it (decision 28). Default 16.
    pub max_hops: u32,
    /// The largest value of a record that is routed, in bytes. Default 1,000,000; it also sizes fact topics.
    pub max_event_bytes: u32,
    /// Which entity types modules may write. Default: those that they declare.
    pub state_mode: StateMode,
    /// What is audited.
    pub audit: AuditSettings,
}

/// Whose events are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenants {
    /// Every tenant whose id is well formed.
    Open,
    /// These, sorted.
    Listed(Vec<Arc<str>>),
}

/// What is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSettings {
    /// Whether decisions are audited at all.
    pub mode: AuditMode,
    /// What of the payload an audit record carries.
    pub payload: AuditPayload,
    /// Names of payload fields that a full payload hides, whatever their event type.
    pub redact: Vec<Arc<str>>,
    /// How long audit records are kept.
    pub retention: AuditRetention,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            mode: AuditMode::On,
            payload: AuditPayload::Digest,
            redact: Vec::new(),
            retention: AuditRetention::AsEvents,
        }
    }
}

/// How long audit records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditRetention {
    /// As long as the event type that keeps its records longest, and not less than the duplicate window.
    AsEvents,
    /// For so long, which is no shorter; `None` is for ever.
    For(Option<std::time::Duration>),
}

/// Whether decisions are audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditMode {
    /// One record for each decision.
    On,
    /// None: no trail, and no ledger against duplicates.
    Off,
}

/// What of the payload an audit record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditPayload {
    /// Nothing.
    None,
    /// The SHA-256 of the record's value.
    Digest,
    /// Digest and payload, declared fields redacted.
    Full,
}
