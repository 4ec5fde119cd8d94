//! Fields: which are declared, which may be absent.

use cel::common::ast::{IdedExpr, SelectExpr};

use super::change::{Existence, Side};
use super::facts::Facts;
use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::kinds::Kind;
use super::known::Known;
use super::signatures::indexes;
use super::walk::Walk;
use crate::schema::{Contract, Field, Presence};
use crate::trigger::sentence::closest;

/// How a field is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// `.x`: it fails where the field is absent.
    Read,
    /// `has(….x)`.
    Test,
    /// `.?x`: nothing where the field is absent.
    Try,
    /// `['x']`: as the first, and the way to a field that is not declared.
    Index,
}

/// A field that is asked for, and where.
#[derive(Clone, Copy)]
struct Asked<'a> {
    name: &'a str,
    access: Access,
    /// What it is asked of.
    operand: &'a IdedExpr,
    at: Option<usize>,
}

impl<'c> Walk<'c, '_> {
    pub(super) fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Given<'c> {
        let given = self.node(&select.operand);
        let (access, before) = if select.test { (Access::Test, &*select.operand) } else { (Access::Read, node) };
        let at = self.field_place(before, &select.field);
        self.member(&given, Asked { name: &select.field, access, operand: &select.operand, at })
    }

    /// `a.?x` and `a[?x]`.
    pub(super) fn optional(&mut self, operand: &IdedExpr, index: &IdedExpr) -> Given<'c> {
        let given = self.node(operand);
        self.node(index);
        let Some(name) = guards::step(index) else { return Given::optional(Given::unknown()) };
        let inner = match (&given.ty, name.starts_with('[')) {
            (Ty::Object(_) | Ty::Record(_) | Ty::Optional(_), false) => {
                let at = self.place(index);
                return match self.member(&given, Asked { name: &name, access: Access::Try, operand, at }) {
                    optional @ Given { ty: Ty::Optional(_), .. } => optional,
                    given => Given::optional(given),
                };
            }
            _ => Self::element(&given, &name),
        };
        Given::optional(inner.unwrap_or_else(Given::unknown))
    }

    /// `a[x]`.
    pub(super) fn index(&mut self, operand: &IdedExpr, index: &IdedExpr) -> Given<'c> {
        let given = self.node(operand);
        let key = self.node(index);
        let name = guards::step(index);
        if let (Some(name), Ty::Object(_) | Ty::Record(_) | Ty::Optional(_)) = (&name, &given.ty)
            && !name.starts_with('[')
        {
            return self.member(&given, Asked { name, access: Access::Index, operand, at: self.place(index) });
        }
        let optional = matches!(given.ty, Ty::Optional(_));
        if !optional {
            let at = self.begin(index);
            self.unless(key.works_with(&given, indexes), at, || {
                format!("{} is no index of {}", key.noun(), given.noun())
            });
        }
        let element = Self::element(&given, name.as_deref().unwrap_or_default()).unwrap_or_else(Given::unknown);
        if optional { Given::optional(element) } else { element }
    }

    /// What lies at an index.
    fn element(given: &Given<'c>, step: &str) -> Option<Given<'c>> {
        let Ty::List(element) = &given.ty else { return None };
        let about = Facts::about(given.facts.iter(), step);
        Some(Given { facts: element.facts.clone().and(about), ..(**element).clone() })
    }

    fn member(&mut self, given: &Given<'c>, asked: Asked<'_>) -> Given<'c> {
        match &given.ty {
            Ty::Dyn | Ty::Never | Ty::Map => answer(asked.access, Given::unknown(), None),
            Ty::Object(contract) => self.declared((contract, &given.facts), asked),
            Ty::Record(entries) => match entries.iter().find(|(name, _)| name == asked.name) {
                Some((_, value)) => answer(asked.access, value.clone(), Some(true)),
                None => {
                    if matches!(asked.access, Access::Read | Access::Index) {
                        let message = format!("the map has no key `{}`", asked.name);
                        let near = closest(asked.name, &entries.iter().map(|(name, _)| &**name).collect::<Vec<_>>());
                        let help = near.map(|near| format!("did you mean `{near}`?"));
                        if let Some(found) = self.find(FindingKind::UnknownField, asked.at, message) {
                            found.help(help);
                        }
                    }
                    answer(asked.access, Given::unknown(), Some(false))
                }
            },
            // A field of an optional is one itself.
            Ty::Optional(inner) => {
                let access = if asked.access == Access::Test { Access::Test } else { Access::Try };
                match self.member(inner, Asked { access, ..asked }) {
                    test if access == Access::Test => Given { known: Known::Nothing, ..test },
                    optional @ Given { ty: Ty::Optional(_), .. } => optional,
                    value => Given::optional(value),
                }
            }
            Ty::Plain(_) | Ty::Decimal | Ty::List(_) | Ty::Mixed(_) => {
                let has_fields = |kind| matches!(kind, Kind::Map | Kind::Optional);
                self.unless(given.works(has_fields), asked.at, || format!("{} has no fields", given.noun()));
                answer(asked.access, Given::unknown(), None)
            }
        }
    }

    fn declared(&mut self, (contract, facts): (&'c Contract, &Facts), asked: Asked<'_>) -> Given<'c> {
        let Some(position) = contract.position(asked.name) else {
            if asked.access != Access::Index {
                self.undeclared(contract, asked);
            }
            return answer(asked.access, Given::unknown(), None);
        };
        let field = &contract.fields[position];
        let required = field.presence == Presence::Required;
        let sure = required || facts.has(asked.name);
        if !sure && matches!(asked.access, Access::Read | Access::Index) {
            match self.lacking(contract) {
                Some(side) => self.stateless(field, side, asked),
                None => self.unguarded(field, asked),
            }
        }
        let declared = Given::declared(&field.ty);
        let known = facts.narrow(asked.name, declared.known);
        let value = Given { known, facts: Facts::about(facts.iter(), asked.name), ..declared };
        let never = !required && matches!(self.lacking(contract), Some((_, Existence::Never)));
        answer(asked.access, value, (required || never).then_some(required))
    }

    fn unguarded(&mut self, field: &Field, asked: Asked<'_>) {
        let path = guards::path(asked.operand).map(|path| format!("{}.{}", guards::written(&path), field.name));
        let help = match &path {
            Some(path) => format!("ask first: `has({path}) && …`, or `has({path}) ? {path} : …`"),
            None => "ask first: `has(…) && …`, or `has(…) ? … : …`".to_owned(),
        };
        let name = path.unwrap_or_else(|| field.name.to_string());
        let message = format!("`{name}` is optional, and where it is absent this fails");
        if let Some(found) = self.find(FindingKind::Unguarded, asked.at, message) {
            found.help(help);
        }
    }

    /// A field of a state where there may be none.
    fn stateless(&mut self, field: &Field, (side, there): (Side, Existence), asked: Asked<'_>) {
        let path = format!("{}.{}", side.name(), field.name);
        let help = match there {
            Existence::Never => format!("take `{path}` out, or let `on` name other changes too"),
            Existence::Always | Existence::Maybe => {
                format!("ask first: `has({path}) && …`, or `has({path}) ? {path} : …`")
            }
        };
        let message = format!("{}, and there `{path}` fails", side.lacking());
        if let Some(found) = self.find(FindingKind::Lacking, asked.at, message) {
            found.help(help);
        }
    }

    fn undeclared(&mut self, contract: &Contract, asked: Asked<'_>) {
        let canonical = contract.fields.iter().find(|field| field.aliases.iter().any(|alias| &**alias == asked.name));
        let of = guards::path(asked.operand)
            .map_or_else(|| "the object".to_owned(), |path| format!("`{}`", guards::written(&path)));
        let message = format!("{of} has no field `{}`", asked.name);
        let names: Vec<&str> = contract.fields.iter().map(|field| &*field.name).collect();
        let help = match (canonical, closest(asked.name, &names)) {
            (Some(field), _) => format!("`{}` is an alias: write `{}`", asked.name, field.name),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if names.is_empty() => "it declares none".to_owned(),
            (None, None) => format!("it declares {}", super::words::list(&names)),
        };
        if let Some(found) = self.find(FindingKind::UnknownField, asked.at, message) {
            found.help(help);
        }
    }
}

/// What asking gives: the value, or whether it is there.
fn answer<'c>(access: Access, value: Given<'c>, present: Option<bool>) -> Given<'c> {
    match access {
        Access::Test => Given::bool(present),
        Access::Try => Given::optional(value),
        Access::Read | Access::Index => value,
    }
}
