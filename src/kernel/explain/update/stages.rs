//! The stages of the decision on an update, and how each ended.

use serde::Serialize;

use super::super::Verdict;
use super::Present;
use crate::kernel::state::Deliberation;
use crate::reason::Outcome;
use crate::state::Version;

/// A stage of the decision on an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Text, envelope, tenant, time, and what the update says.
    Update,
    /// Whether the module may write the entity.
    Owner,
    /// Whether it was decided on before.
    Duplicate,
    /// Whether the entity has the expected version.
    Version,
    /// Whether the new state fits its contract.
    Contract,
    /// The facts that the change emits.
    Emits,
}

/// How a stage ended.
#[derive(Debug, Serialize)]
pub struct StageResult {
    /// Which.
    pub stage: Stage,
    /// How it ended.
    pub verdict: Verdict,
    /// What it found, or why it says nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How every stage ended, in order.
pub(super) fn results(decided: &Deliberation<'_, '_, '_>, present: Option<Present<'_>>) -> Vec<StageResult> {
    let failed = match decided.outcome {
        Outcome::Denied => Stage::Owner,
        Outcome::Conflict => Stage::Version,
        Outcome::Invalid if !decided.admitted_whole => Stage::Update,
        Outcome::Invalid => Stage::Contract,
        // Nothing failed, or the last stage did; no other outcome is an update's that was not seen before.
        Outcome::StateChanged
        | Outcome::Failed
        | Outcome::Loop
        | Outcome::Routed
        | Outcome::NoTrigger
        | Outcome::Duplicate
        | Outcome::Expired => Stage::Emits,
    };
    let all = [Stage::Update, Stage::Owner, Stage::Duplicate, Stage::Version, Stage::Contract, Stage::Emits];
    let at = all.iter().position(|stage| *stage == failed).unwrap_or(0);
    let good = decided.outcome == Outcome::StateChanged;
    let result = |(index, stage): (usize, Stage)| {
        let verdict = match index.cmp(&at) {
            _ if stage == Stage::Duplicate && (good || index < at) => Verdict::Unknown,
            std::cmp::Ordering::Less => Verdict::Passed,
            std::cmp::Ordering::Equal if good => Verdict::Passed,
            std::cmp::Ordering::Equal => Verdict::Failed,
            std::cmp::Ordering::Greater => Verdict::NotReached,
        };
        StageResult { stage, verdict, notes: notes((stage, verdict), decided, present) }
    };
    all.into_iter().enumerate().map(result).collect()
}

fn notes(
    (stage, verdict): (Stage, Verdict),
    decided: &Deliberation<'_, '_, '_>,
    present: Option<Present<'_>>,
) -> Vec<String> {
    let is =
        || present.map_or_else(|| "it is not there".to_owned(), |there| format!("it has version {}", there.version));
    let update = decided.admitted.update.as_ref();
    match (stage, verdict) {
        (Stage::Version, Verdict::Passed | Verdict::Failed) => {
            let expected = update.and_then(|update| update.expected);
            let wanted = match expected {
                Some(Version::ABSENT) => "it must not be there".to_owned(),
                Some(version) => format!("version {version} is expected"),
                None if verdict == Verdict::Failed => "there is nothing to delete".to_owned(),
                None => "no version is expected".to_owned(),
            };
            vec![format!("{wanted}, and {}", is())]
        }
        (Stage::Duplicate, Verdict::Unknown) => {
            vec!["whether this update was decided on before is not known without a broker".to_owned()]
        }
        (Stage::Contract, Verdict::Passed) if decided.admitted.entity_type.is_none() => {
            vec!["the entity type is not declared, and any object will do".to_owned()]
        }
        (_, Verdict::Failed) => {
            let of = |reason: &crate::reason::Reason| format!("{} ({})", reason.message, reason.code.code());
            decided.reasons.iter().map(of).collect()
        }
        _ => Vec::new(),
    }
}

impl Stage {
    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Owner => "owner",
            Self::Duplicate => "duplicate",
            Self::Version => "version",
            Self::Contract => "contract",
            Self::Emits => "emits",
        }
    }
}
