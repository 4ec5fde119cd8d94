//! Whether something works on the types that stand there.

use super::finding::{Finding, FindingKind};
use super::given::{Given, Ty};
use super::kinds::{Kind, Works};
use super::walk::Walk;

impl<'c> Given<'c> {
    /// Whether something works on this.
    pub(super) fn works(&self, on: impl Fn(Kind) -> bool) -> Works {
        let kinds = self.ty.kinds();
        if !kinds.iter().any(&on) {
            Works::No
        } else if self.ty.is_mixed() && !kinds.iter().all(on) {
            Works::Maybe
        } else {
            Works::Yes
        }
    }

    /// Whether something works on this and another.
    pub(super) fn works_with(&self, other: &Self, on: impl Fn(Kind, Kind) -> bool) -> Works {
        let (left, right) = (self.ty.kinds(), other.ty.kinds());
        let pairs = || left.iter().flat_map(|one| right.iter().map(move |two| (one, two)));
        if !pairs().any(|(one, two)| on(one, two)) {
            return Works::No;
        }
        let served = match (self.is_open(), other.is_open()) {
            (false, false) => pairs().all(|(one, two)| on(one, two)),
            (false, true) => left.iter().all(|one| right.iter().any(|two| on(one, two))),
            (true, false) => right.iter().all(|two| left.iter().any(|one| on(one, two))),
            (true, true) => true,
        };
        if served { Works::Yes } else { Works::Maybe }
    }

    /// Whether nothing is known of its kind.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.ty, Ty::Dyn | Ty::Never)
    }
}

impl Walk<'_, '_> {
    /// Says that something does not work, or not always.
    pub(super) fn unless(
        &mut self,
        works: Works,
        at: Option<usize>,
        message: impl FnOnce() -> String,
    ) -> Option<&mut Finding> {
        match works {
            Works::Yes => None,
            Works::No => self.find(FindingKind::Operands, at, message()),
            Works::Maybe => self.find(FindingKind::Loose, at, format!("this fails on some events: {}", message())),
        }
    }
}
