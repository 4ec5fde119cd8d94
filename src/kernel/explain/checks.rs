//! The checks in their order (decision 60), and which breach belongs to which.

use serde::Serialize;

use super::super::Rules;
use super::super::decide::Deliberation;
use crate::catalogue::Tenants;
use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};

/// A check, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Text, JSON, fields of the envelope.
    Envelope,
    /// A type of the catalogue, on its own topic.
    Type,
    /// The module that may publish it.
    Owner,
    /// A tenant that may take part.
    Tenant,
    /// A time that is one, and not too far ahead.
    Time,
    /// The type's contract.
    Payload,
    /// What policies say.
    Policy,
    /// Whether it was decided on before.
    Duplicate,
    /// The limit against loops.
    Hops,
    /// Conditions, mappings, commands.
    Triggers,
}

impl Check {
    const ALL: [Self; 10] = [
        Self::Envelope,
        Self::Type,
        Self::Owner,
        Self::Tenant,
        Self::Time,
        Self::Payload,
        Self::Policy,
        Self::Duplicate,
        Self::Hops,
        Self::Triggers,
    ];

    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::Type => "type and topic",
            Self::Owner => "owner",
            Self::Tenant => "tenant",
            Self::Time => "time",
            Self::Payload => "payload",
            Self::Policy => "policy",
            Self::Duplicate => "duplicate",
            Self::Hops => "hops",
            Self::Triggers => "triggers",
        }
    }

    /// The check that finds a breach.
    const fn of(code: ReasonCode) -> Self {
        use ReasonCode as R;
        match code {
            R::EmptyRecord
            | R::RecordTooLarge
            | R::NotUtf8
            | R::NotJson
            | R::TooDeep
            | R::LoneSurrogate
            | R::EnvelopeFieldMissing
            | R::EnvelopeFieldInvalid
            | R::DuplicateName
            | R::ResponseOnFact
            | R::PayloadInvalid => Self::Envelope,
            R::UnknownType | R::WrongTopic => Self::Type,
            R::WrongOwner => Self::Owner,
            R::UnknownTenant => Self::Tenant,
            R::TimestampInvalid | R::TimestampInFuture => Self::Time,
            R::FieldMissing
            | R::FieldInvalid
            | R::FieldUndeclared
            | R::FieldTwice
            | R::UnknownEntityType
            | R::EntityInvalid
            | R::RecordKeyMismatch => Self::Payload,
            R::HopsInvalid | R::HopLimit => Self::Hops,
            R::ConditionFailed | R::MappingFailed | R::DerivedInvalid | R::DerivedTooLarge | R::ProduceRefused => {
                Self::Triggers
            }
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was found.
    Passed,
    /// Something was.
    Failed,
    /// Nothing can be said here.
    Unknown,
    /// It did not run.
    NotReached,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct CheckResult {
    /// Which.
    pub check: Check,
    /// How it ended.
    pub verdict: Verdict,
    /// What it found, or why it says nothing: sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// All checks of a record on a topic.
pub(super) fn results(rules: &Rules, topic: TypeId, decided: &Deliberation<'_, '_>) -> Vec<CheckResult> {
    let fact = rules.catalogue.event_type(topic);
    let has_triggers = matches!(&fact.kind, crate::catalogue::Kind::Fact(fact) if !fact.triggers.is_empty());
    let mut results = without_topic(rules, decided);
    if let Some(last) = results.last_mut().filter(|last| last.verdict == Verdict::Passed) {
        let fired = decided.routed.fired.len();
        last.notes.push(match (has_triggers, fired) {
            (false, _) => format!("`{}` has none", fact.name),
            (true, fired) => format!("{fired} of {} fire", fired + decided.routed.not_fired.len()),
        });
    }
    results
}

/// All checks, as far as they say something without a topic.
pub(super) fn without_topic(rules: &Rules, decided: &Deliberation<'_, '_>) -> Vec<CheckResult> {
    Check::ALL.into_iter().map(|check| result(rules, check, decided)).collect()
}

fn result(rules: &Rules, check: Check, decided: &Deliberation<'_, '_>) -> CheckResult {
    let found = decided.reasons.iter().filter(|reason| Check::of(reason.code) == check);
    let notes: Vec<_> = found.map(|reason| format!("{} ({})", reason.message, reason.code.code())).collect();
    if !notes.is_empty() {
        return CheckResult { check, verdict: Verdict::Failed, notes };
    }
    let verdict = if reached(check, decided) { Verdict::Passed } else { Verdict::NotReached };
    let (verdict, note) = match (check, verdict) {
        (Check::Policy, Verdict::Passed) => (Verdict::Unknown, Some("there are no policies yet".to_owned())),
        (Check::Duplicate, Verdict::Passed) => (
            Verdict::Unknown,
            Some("whether this event was decided on before is not known without a broker".to_owned()),
        ),
        (_, Verdict::Passed) => (verdict, note(rules, check, decided)),
        _ => (verdict, None),
    };
    CheckResult { check, verdict, notes: note.into_iter().collect() }
}

/// Whether a check had what it looks at, and ran.
fn reached(check: Check, decided: &Deliberation<'_, '_>) -> bool {
    let envelope = &decided.admitted.envelope;
    match check {
        Check::Envelope => true,
        Check::Type => envelope.event_type.is_some(),
        Check::Owner => decided.admitted.event_type.is_some() && envelope.source_module.is_some(),
        Check::Tenant => envelope.tenant_id.is_some(),
        Check::Time => envelope.timestamp.is_some(),
        Check::Payload => decided.admitted.event_type.is_some() && envelope.data.is_some(),
        Check::Policy | Check::Duplicate | Check::Hops => decided.outcome != Outcome::Invalid,
        Check::Triggers => !matches!(decided.outcome, Outcome::Invalid | Outcome::Loop),
    }
}

/// What is worth knowing although nothing is wrong.
fn note(rules: &Rules, check: Check, decided: &Deliberation<'_, '_>) -> Option<String> {
    let settings = &rules.catalogue.settings;
    let admitted = &decided.admitted;
    match check {
        Check::Type => {
            let name = &rules.catalogue.event_type(admitted.event_type?).name;
            let written = admitted.envelope.event_type.as_deref()?;
            (written != &**name).then(|| format!("`{written}` is a deprecated name of `{name}`"))
        }
        Check::Tenant => match settings.tenants {
            Tenants::Open => Some("the catalogue is open to every tenant".to_owned()),
            Tenants::Listed(_) => None,
        },
        Check::Payload => {
            admitted.checked.aliased.then(|| "a field goes by an alias, which becomes its canonical name".to_owned())
        }
        Check::Hops => {
            Some(format!("{} behind it, and the limit is {}", admitted.envelope.metadata.hops, settings.max_hops))
        }
        Check::Envelope | Check::Owner | Check::Time | Check::Policy | Check::Duplicate | Check::Triggers => None,
    }
}
