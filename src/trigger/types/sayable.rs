//! What JSON cannot say.

use super::fits::{Misfit, worst};
use super::given::{Given, Ty};
use super::kinds::{Kind, Kinds};

/// Why JSON cannot say a value.
pub(super) fn unsayable(given: &Given<'_>) -> Option<Misfit> {
    match &given.ty {
        Ty::Plain(Kind::Bytes | Kind::Duration) => Misfit::helped(
            Misfit::never(format!("{}, which JSON cannot say", given.noun())),
            "`string(…)` makes text of it",
        ),
        Ty::Optional(_) => {
            Misfit::helped(Misfit::never("an optional"), "`.orValue(…)` says what stands in for nothing")
        }
        Ty::Map(keys) if !keys.has(Kind::String) => {
            Misfit::helped(Misfit::never("a map whose keys are no strings, which JSON cannot say"), TEXT_KEYS)
        }
        Ty::Map(keys) if *keys != Kinds::of(Kind::String) && *keys != Kinds::ALL => {
            Misfit::helped(Misfit::maybe("a map with keys that are no strings, which JSON cannot say"), TEXT_KEYS)
        }
        // An empty list can be said, whatever its elements would be.
        Ty::List(element) => unsayable(element).map(|found| Misfit {
            certain: false,
            is: format!("a list, and in it {}", found.is),
            ..found
        }),
        Ty::Record(entries) => worst(entries.iter().filter_map(|(name, given)| {
            unsayable(given).map(|found| Misfit { is: format!("a map whose `{name}` is {}", found.is), ..found })
        })),
        Ty::Dyn | Ty::Never | Ty::Plain(_) | Ty::Decimal | Ty::Mixed(_) | Ty::Map(_) | Ty::Object(_) => None,
    }
}

const TEXT_KEYS: &str = "`string(…)` around a key makes text of it";
