//! Troubles with the cluster as exit codes (decision 70).

use super::{Exit, Failure};
use crate::kafka::trouble::{Trouble, TroubleKind};

/// The exit code of a trouble.
pub(super) const fn exit(kind: TroubleKind) -> Exit {
    match kind {
        TroubleKind::Unreachable | TroubleKind::NotAuthorised | TroubleKind::TopicMissing => Exit::Unreachable,
        TroubleKind::Refused => Exit::Found,
        TroubleKind::Settings => Exit::Usage,
    }
}

/// An error that ends with a trouble's exit code.
pub(super) fn failure(trouble: &Trouble) -> anyhow::Error {
    Failure::new(exit(trouble.kind), trouble.sentence.clone())
}
