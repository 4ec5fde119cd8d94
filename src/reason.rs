//! How a decision on a record ended, and why: two closed lists that audit records, dead letters and metrics share.

/// Why a record was not routed. Its code stands in dead letters, audit records and metrics, and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What kind of breach it is.
    pub code: ReasonCode,
    /// One sentence that names the field, the value's kind, the rule. Never a whole payload.
    pub message: String,
}

impl Reason {
    /// A breach with its sentence.
    pub fn new(code: ReasonCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The longest beginning of a text that has at most so many bytes.
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $(#[doc = $doc:literal] $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $doc] $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire and in metrics.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What it means, for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc.trim_ascii_start(),)* }
            }
        }
    };
}

closed_list! {
    /// The kinds of breaches, in the order of the checks (decision 60).
    ReasonCode {
        /// A tombstone or an empty value (decision 42).
        EmptyRecord = "empty_record",
        /// More bytes than `max_event_bytes`.
        RecordTooLarge = "record_too_large",
        /// Not UTF-8.
        NotUtf8 = "not_utf8",
        /// Not JSON, or no JSON object (decision 68).
        NotJson = "not_json",
        /// Nested deeper than 64 (decision 68).
        TooDeep = "too_deep",
        /// A `\ud800`–`\udfff` without its other half (decision 50).
        LoneSurrogate = "lone_surrogate",
        /// A name twice among envelope fields, payload fields or declared data fields (decision 49).
        DuplicateName = "duplicate_name",
        /// An envelope field that must be there is not (decision 30).
        EnvelopeFieldMissing = "envelope_field_missing",
        /// An envelope field of the wrong type or form (decisions 30, 45, 50, 53).
        EnvelopeFieldInvalid = "envelope_field_invalid",
        /// `requires_response: true` on a fact (decision 17).
        ResponseOnFact = "response_on_fact",
        /// An event type that the catalogue does not have.
        UnknownType = "unknown_type",
        /// An event type that is not this topic's.
        WrongTopic = "wrong_topic",
        /// A `source_module` that does not own the event type.
        WrongOwner = "wrong_owner",
        /// A tenant that the catalogue does not list.
        UnknownTenant = "unknown_tenant",
        /// Not RFC 3339 (decision 52).
        TimestampInvalid = "timestamp_invalid",
        /// Further ahead than `max_future` (decision 52).
        TimestampInFuture = "timestamp_in_future",
        /// `payload`, `payload.data` or `payload.metadata` of the wrong form (decisions 32, 64).
        PayloadInvalid = "payload_invalid",
        /// `metadata.hops` that is no small whole number (decision 43).
        HopsInvalid = "hops_invalid",
        /// A required field is missing or `null`.
        FieldMissing = "field_missing",
        /// A field whose value is not of its declared type.
        FieldInvalid = "field_invalid",
        /// An undeclared field where they are refused (decision 31).
        FieldUndeclared = "field_undeclared",
        /// A field under two of its names (decision 59).
        FieldTwice = "field_twice",
        /// An entity type that its module does not declare.
        UnknownEntityType = "unknown_entity_type",
        /// An entity id that is empty or too long (decision 45).
        EntityInvalid = "entity_invalid",
        /// A record key that is missing or not the entity's, where it is required (decision 44).
        RecordKeyMismatch = "record_key_mismatch",
        /// More hops than the catalogue allows (decision 43).
        HopLimit = "hop_limit",
        /// A condition that failed while it ran (decision 66).
        ConditionFailed = "condition_failed",
        /// A mapping that failed while it ran.
        MappingFailed = "mapping_failed",
        /// A derived event that breaks its own contract.
        DerivedInvalid = "derived_invalid",
        /// A derived event beyond its topic's limit (decision 69).
        DerivedTooLarge = "derived_too_large",
        /// The broker refused what came of this record, alone in its batch.
        ProduceRefused = "produce_refused",
    }
}

closed_list! {
    /// How a decision ended (decision 40). Each is audited.
    Outcome {
        /// At least one trigger fired.
        Routed = "routed",
        /// Valid, and no trigger fired.
        NoTrigger = "no_trigger",
        /// Seen before (decision 39).
        Duplicate = "duplicate",
        /// An update of an entity by another module than its own. Policies are not built yet.
        Denied = "denied",
        /// Not what its contract says.
        Invalid = "invalid",
        /// Past the hop limit.
        Loop = "loop",
        /// A condition, a mapping or a derived event failed.
        Failed = "failed",
        /// Past its deadline. Not used yet.
        Expired = "expired",
        /// Changed the state of an entity.
        StateChanged = "state_changed",
        /// Expected another version of an entity.
        Conflict = "conflict",
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn table<'a>(out: &mut String, head: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) {
        _ = write!(out, "\n## {head}\n\n| code | what it means |\n|---|---|\n");
        rows.for_each(|(code, meaning)| _ = writeln!(out, "| `{code}` | {meaning} |"));
    }

    #[test]
    fn the_committed_reference_is_the_generated_one() {
        let mut text = "# Outcomes and reasons\n\nHow a decision ended, and why a record became a dead letter: the codes of audit \
                        records, of dead letters (`revbus.dead.reason`), of `revbus dlq` and of the metrics. They never change. \
                        Decisions are those of [decisions.md](decisions.md). Generated from `src/reason.rs`.\n"
            .to_owned();
        table(&mut text, "Outcomes", Outcome::ALL.iter().map(|one| (one.code(), one.meaning())));
        table(&mut text, "Reasons", ReasonCode::ALL.iter().map(|one| (one.code(), one.meaning())));
        crate::golden::check("docs/reasons.md", &text);
    }
}
