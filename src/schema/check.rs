//! Whether the members of a `payload.data` keep their contract: every breach, not only the first.

use std::fmt;

use smallvec::SmallVec;

use super::{Additional, Contract, Field, Presence, Type, scalar};
use crate::diagnostic::shorten;
use crate::json::{self, Kind, Member, Value};
use crate::reason::{Reason, ReasonCode};

/// The most breaches of one record that are named.
pub const MAX_REASONS: usize = 32;

/// What a check found out on its way.
#[derive(Debug, Default)]
pub struct Checked<'a> {
    /// The value of each declared field, by its index in the contract; `None` where absent or `null`. Not in place, as
    /// [`Members`](crate::envelope::Members) are not.
    pub values: Vec<Option<Value<'a>>>,
    /// Whether a name must become canonical before the data is passed on.
    pub aliased: bool,
    /// Whether a time stood there without a zone (decision 52).
    pub zoneless: bool,
}

/// Where a value stands, written only when something is wrong with it.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Field(&'p str),
    Element(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Element(index) => write!(f, "[{index}]"),
        }
    }
}

/// Checks the members of an object against a contract and adds every breach to `reasons`.
pub fn check<'a>(contract: &Contract, members: &[Member<'a>], reasons: &mut Vec<Reason>) -> Checked<'a> {
    Check { reasons, named: |_| true }.object(contract, members, None)
}

/// As [`check`], of part of an object: only what stands there twice is a breach.
pub fn check_part<'a>(contract: &Contract, members: &[Member<'a>], reasons: &mut Vec<Reason>) -> Checked<'a> {
    let named = |code| matches!(code, ReasonCode::FieldTwice | ReasonCode::DuplicateName);
    Check { reasons, named }.object(contract, members, None)
}

struct Check<'r> {
    reasons: &'r mut Vec<Reason>,
    /// Which breaches are named.
    named: fn(ReasonCode) -> bool,
}

impl Check<'_> {
    fn breach(&mut self, code: ReasonCode, path: Path<'_>, rest: impl fmt::Display) {
        if self.reasons.len() < MAX_REASONS && (self.named)(code) {
            self.reasons.push(Reason::new(code, format!("`{path}` {rest}")));
        }
    }

    fn object<'a>(&mut self, contract: &Contract, members: &[Member<'a>], parent: Option<&Path<'_>>) -> Checked<'a> {
        let mut found = Checked::default();
        found.values.resize(contract.fields.len(), None);
        let mut seen: SmallVec<[Option<usize>; 16]> = SmallVec::from_elem(None, contract.fields.len());
        let mut guess = 0;
        for (place, member) in members.iter().enumerate() {
            let Some((index, canonical)) = contract.find(&member.name, guess) else {
                if contract.additional == Additional::Refuse {
                    let name = shorten(&member.name);
                    let path = Path { parent, step: Step::Field(&name) };
                    self.breach(
                        ReasonCode::FieldUndeclared,
                        path,
                        "is not declared, and undeclared fields are refused",
                    );
                }
                continue;
            };
            // Producers mostly write fields in the order of the contract.
            guess = index + 1;
            let field = &contract.fields[index];
            let path = Path { parent, step: Step::Field(&field.name) };
            found.aliased |= !canonical;
            let first = *seen[index].get_or_insert(place);
            if first < place {
                self.twice(field, members[first].name == member.name, path);
            } else if member.value.kind != Kind::Null {
                found.values[index] = Some(member.value);
                self.value(&field.ty, member.value, path, &mut found);
            }
        }
        for (field, value) in contract.fields.iter().zip(&found.values) {
            if value.is_none() && field.presence == Presence::Required {
                self.breach(ReasonCode::FieldMissing, Path { parent, step: Step::Field(&field.name) }, "is missing");
            }
        }
        found
    }

    fn twice(&mut self, field: &Field, under_one_name: bool, path: Path<'_>) {
        if under_one_name {
            self.breach(ReasonCode::DuplicateName, path, "stands there twice");
        } else {
            let names: Vec<_> = field.aliases.iter().map(|alias| format!("`{alias}`")).collect();
            self.breach(
                ReasonCode::FieldTwice,
                path,
                format_args!("stands there twice, under its own name or its alias {}", names.join(", ")),
            );
        }
    }

    fn value(&mut self, ty: &Type, value: Value<'_>, path: Path<'_>, found: &mut Checked<'_>) {
        match (ty, value.kind) {
            (Type::Array(None), Kind::Array) | (Type::Object(None), Kind::Object) => {}
            (Type::Array(Some(element)), Kind::Array) => {
                let mut index = 0;
                json::elements(value, |value| {
                    let path = Path { parent: Some(&path), step: Step::Element(index) };
                    self.value(element, value, path, found);
                    index += 1;
                });
            }
            (Type::Object(Some(contract)), Kind::Object) => {
                let mut members: SmallVec<[Member<'_>; 8]> = SmallVec::new();
                json::members(value, |member| members.push(member));
                let nested = self.object(contract, &members, Some(&path));
                found.aliased |= nested.aliased;
                found.zoneless |= nested.zoneless;
            }
            (Type::Array(_), _) => self.breach(ReasonCode::FieldInvalid, path, Not("an array", value)),
            (Type::Object(_), _) => self.breach(ReasonCode::FieldInvalid, path, Not("an object", value)),
            _ => match scalar::check(ty, value) {
                Ok(zone) => found.zoneless |= zone == crate::time::Zone::Assumed,
                Err(problem) => self.breach(ReasonCode::FieldInvalid, path, problem),
            },
        }
    }
}

struct Not<'v>(&'static str, Value<'v>);

impl fmt::Display for Not<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be {}, not {}", self.0, self.1.what())
    }
}
