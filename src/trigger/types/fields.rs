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
use crate::diagnostic::nearest;
use crate::schema::{Contract, Field, Presence};

/// How a field is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// `.x` and `['x']`: it fails where the field is absent.
    Read,
    /// `has(….x)` and `'x' in …`.
    Test,
    /// `.?x`: nothing where the field is absent.
    Try,
}

/// A field that is asked for, and where.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) access: Access,
    /// What it is asked of.
    pub(super) operand: &'a IdedExpr,
    pub(super) at: Option<usize>,
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
            (Ty::Object(_) | Ty::Record(_) | Ty::Optional(_) | Ty::Map(_) | Ty::Dyn, false) => {
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
    pub(super) fn index(&mut self, node: &IdedExpr, operand: &IdedExpr, index: &IdedExpr) -> Given<'c> {
        let given = self.node(operand);
        let key = self.node(index);
        let name = guards::step(index);
        let has_fields = matches!(given.ty, Ty::Object(_) | Ty::Record(_) | Ty::Optional(_) | Ty::Map(_) | Ty::Dyn);
        if let Some(name) = &name
            && has_fields
            && !name.starts_with('[')
        {
            return self.member(&given, Asked { name, access: Access::Read, operand, at: self.place(index) });
        }
        let optional = matches!(given.ty, Ty::Optional(_));
        if !optional {
            let at = self.begin(index);
            self.unless(key.works_with(&given, indexes), at, || {
                format!("{} is no index of {}", key.noun(), given.noun())
            });
        }
        if let (Some(name), false) = (&name, optional) {
            self.place_in_list(&given, name, operand, self.place(node));
        }
        let element = Self::element(&given, name.as_deref().unwrap_or_default()).unwrap_or_else(Given::unknown);
        if optional { Given::optional(element) } else { element }
    }

    /// `x in a`, where `a` is a map: whether it has a field of this name.
    pub(super) fn key_in(&mut self, index: &IdedExpr, operand: &IdedExpr, given: &Given<'c>) -> Given<'c> {
        let Some(name) = guards::step(index).filter(|name| !name.starts_with('[')) else {
            return Given::plain(Kind::Bool);
        };
        self.member(given, Asked { name: &name, access: Access::Test, operand, at: self.place(index) })
    }

    /// What lies at an index.
    pub(super) fn element(given: &Given<'c>, step: &str) -> Option<Given<'c>> {
        let about = Facts::about(given.facts.iter(), step);
        match &given.ty {
            Ty::List(element) => Some(Given { facts: element.facts.clone().and(about), ..(**element).clone() }),
            Ty::Dyn | Ty::Map(_) => Some(Given { facts: about, ..Given::unknown() }),
            Ty::Never | Ty::Plain(_) | Ty::Decimal | Ty::Mixed(_) | Ty::Object(_) | Ty::Record(_) | Ty::Optional(_) => {
                None
            }
        }
    }

    fn member(&mut self, given: &Given<'c>, asked: Asked<'_>) -> Given<'c> {
        match &given.ty {
            Ty::Never => answer(asked.access, Given::unknown(), None),
            Ty::Dyn | Ty::Map(_) => self.open_field(&given.facts, asked),
            Ty::Object(contract) => self.declared((contract, &given.facts), asked),
            Ty::Record(entries) => match entries.iter().find(|(name, _)| name == asked.name) {
                Some((_, value)) => answer(asked.access, value.clone(), Some(true)),
                None => {
                    if asked.access == Access::Read {
                        let message = format!("the map has no key `{}`", asked.name);
                        let near = nearest(asked.name, entries.iter().map(|(name, _)| &**name));
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
            if std::ptr::eq(contract, &self.scope.event.metadata) {
                self.foreign(asked);
                return self.open_field(facts, asked);
            }
            self.undeclared(contract, asked);
            return answer(asked.access, Given::unknown(), None);
        };
        let field = &contract.fields[position];
        let required = field.presence == Presence::Required;
        let sure = required || facts.has(asked.name);
        if !sure && asked.access == Access::Read {
            match self.lacking(contract) {
                Some(side) => self.stateless(field, side, asked),
                None => self.unguarded(field, asked),
            }
        }
        let never = !required && matches!(self.lacking(contract), Some((_, Existence::Never)));
        answer(asked.access, facts.field(field), (required || never).then_some(required))
    }

    fn unguarded(&mut self, field: &Field, asked: Asked<'_>) {
        let path = asked.path();
        let help = match path.as_deref() {
            Some("metadata.hops") => "absent means 0: write `metadata.?hops.orValue(0)`".to_owned(),
            Some(path) => ask_first(path),
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
            Existence::Always | Existence::Maybe => ask_first(&path),
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
        let help = match (canonical, nearest(asked.name, names.iter().copied())) {
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

impl Asked<'_> {
    /// The field with the path to it, as it is written.
    pub(super) fn path(&self) -> Option<String> {
        let mut path = guards::path(self.operand)?;
        path.push(self.name.into());
        Some(guards::written(&path))
    }
}

/// How to make sure that a field is there.
pub(super) fn ask_first(path: &str) -> String {
    let has = presence(path);
    format!("ask first: `{has} && …`, or `{has} ? {path} : …`")
}

/// What asks whether a field is there: `has` takes no name that cannot stand behind a point.
fn presence(path: &str) -> String {
    match path.strip_suffix("']").and_then(|path| path.rsplit_once("['")) {
        Some((object, name)) => format!("'{name}' in {object}"),
        None => format!("has({path})"),
    }
}

/// What asking gives: the value, or whether it is there.
pub(super) fn answer<'c>(access: Access, value: Given<'c>, present: Option<bool>) -> Given<'c> {
    match access {
        Access::Test => Given::bool(present),
        Access::Try => Given::optional(value),
        Access::Read => value,
    }
}
