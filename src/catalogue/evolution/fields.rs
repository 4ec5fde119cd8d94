//! What differs between two contracts, field by field, and on which side it is felt.

use std::sync::Arc;

use super::avro::reads;
use super::fits::fits;
use crate::schema::{Additional, Contract, Field, Presence, Type};

/// A change of a field.
pub(super) struct FieldChange<'c> {
    /// The beginning of a sentence.
    pub(super) what: String,
    /// The field's path: former names, and the present ones.
    pub(super) paths: [Vec<&'c str>; 2],
    /// What it means to expressions over the data.
    pub(super) shape: Shape,
    /// Whether something that was written may be refused.
    pub(super) writers: bool,
    /// Whether something may be read that could not come before.
    pub(super) readers: bool,
    /// The same by Avro's rules.
    pub(super) avro_writers: bool,
    /// The same by Avro's rules.
    pub(super) avro_readers: bool,
}

/// What a change of a field means to expressions that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is still there, of the same kind.
    Same,
    /// It may be absent.
    Optional,
    /// There is none of this name, or of this kind.
    Gone,
}

/// Compares two contracts of one event type.
pub(super) fn compare<'c>(about: &str, old: &'c Contract, new: &'c Contract) -> Vec<FieldChange<'c>> {
    let mut changes = Vec::new();
    Compare { about, out: &mut changes }.contracts([&[], &[]], old, new);
    changes
}

struct Compare<'a, 'c> {
    about: &'a str,
    out: &'a mut Vec<FieldChange<'c>>,
}

impl<'c> Compare<'_, 'c> {
    fn contracts(&mut self, at: [&[&'c str]; 2], old: &'c Contract, new: &'c Contract) {
        let pairs = pairs(old, new);
        for field in &new.fields {
            let paths = |was: &'c Field| [joined(at[0], &was.name), joined(at[1], &field.name)];
            match pairs.iter().find(|(_, is)| std::ptr::eq(*is, field)) {
                Some((was, _)) => self.both(paths(was), was, field, new.additional),
                None => self.added(paths(field), field),
            }
        }
        for field in old.fields.iter().filter(|field| !pairs.iter().any(|(was, _)| std::ptr::eq(*was, *field))) {
            self.removed([joined(at[0], &field.name), joined(at[1], &field.name)], field, new.additional);
        }
    }

    fn added(&mut self, paths: [Vec<&'c str>; 2], field: &Field) {
        let required = field.presence == Presence::Required;
        let how = if required { "required" } else { "optional" };
        self.out.push(FieldChange {
            what: format!("`{}` added to `{}`, {how}", paths[1].join("."), self.about),
            paths,
            shape: Shape::Same,
            writers: required,
            readers: false,
            avro_writers: !reads(None, Some(field)),
            avro_readers: !reads(Some(field), None),
        });
    }

    fn removed(&mut self, paths: [Vec<&'c str>; 2], field: &Field, additional: Additional) {
        self.out.push(FieldChange {
            what: format!("`{}` removed from `{}`", paths[0].join("."), self.about),
            paths,
            shape: Shape::Gone,
            writers: additional == Additional::Refuse,
            readers: field.presence == Presence::Required,
            avro_writers: !reads(Some(field), None),
            avro_readers: !reads(None, Some(field)),
        });
    }

    fn both(&mut self, paths: [Vec<&'c str>; 2], old: &'c Field, new: &'c Field, additional: Additional) {
        if old.name != new.name {
            self.renamed(paths.clone(), old, new, additional);
        }
        self.aliases(&paths, old, new);
        if let (Type::Object(Some(was)), Type::Object(Some(is))) = (&old.ty, &new.ty) {
            if old.presence != new.presence {
                self.retyped(paths.clone(), old, new);
            }
            self.contracts([&paths[0], &paths[1]], was, is);
        } else if (&old.ty, old.presence) != (&new.ty, new.presence) {
            self.retyped(paths, old, new);
        }
    }

    fn renamed(&mut self, paths: [Vec<&'c str>; 2], old: &Field, new: &Field, additional: Additional) {
        let required = old.presence == Presence::Required;
        let alias = new.aliases.contains(&old.name);
        let how = if alias { "and keeps the name as an alias" } else { "without the name as an alias" };
        // Only the names differ.
        let as_before = Field { name: new.name.clone(), aliases: new.aliases.clone(), ..old.clone() };
        self.out.push(FieldChange {
            what: format!("`{}` of `{}` renamed to `{}`, {how}", paths[0].join("."), self.about, new.name),
            paths,
            shape: Shape::Gone,
            writers: !alias && (required || additional == Additional::Refuse),
            readers: required,
            avro_writers: !reads(Some(old), Some(&as_before)),
            avro_readers: !reads(Some(&as_before), Some(old)),
        });
    }

    fn retyped(&mut self, paths: [Vec<&'c str>; 2], old: &Field, new: &Field) {
        // Only the types differ.
        let before = Field { name: new.name.clone(), aliases: new.aliases.clone(), ..old.clone() };
        let objects = matches!((&old.ty, &new.ty), (Type::Object(Some(_)), Type::Object(Some(_))));
        let fits = |from: &Field, to: &Field| {
            let there = to.presence == Presence::Optional || from.presence == Presence::Required;
            there && (objects || fits(&from.ty, &to.ty))
        };
        let path = paths[1].join(".");
        let what = if old.ty == new.ty || objects {
            let now = if new.presence == Presence::Optional { "optional" } else { "required" };
            format!("`{path}` of `{}` became {now}", self.about)
        } else {
            format!("`{path}` of `{}` changed from `{}` to `{}`", self.about, written(old), written(new))
        };
        self.out.push(FieldChange {
            what,
            paths,
            shape: shape(old, new),
            writers: !fits(old, new),
            readers: !fits(new, old),
            avro_writers: !reads(Some(&before), Some(new)),
            avro_readers: !reads(Some(new), Some(&before)),
        });
    }

    fn aliases(&mut self, paths: &[Vec<&'c str>; 2], old: &'c Field, new: &'c Field) {
        let without = |from: &'c Field, other: &'c Field| -> Vec<&'c Arc<str>> {
            let known = |alias: &Arc<str>| other.aliases.contains(alias) || other.name == *alias;
            from.aliases.iter().filter(|alias| !known(alias) && **alias != new.name).collect()
        };
        for (list, verb, writers) in [(without(new, old), "added to", false), (without(old, new), "removed from", true)]
        {
            for alias in list {
                self.out.push(FieldChange {
                    what: format!("the alias `{alias}` {verb} `{}` of `{}`", paths[1].join("."), self.about),
                    paths: paths.clone(),
                    shape: Shape::Same,
                    writers,
                    readers: false,
                    avro_writers: false,
                    avro_readers: false,
                });
            }
        }
    }
}

/// A field is the same where it has the same name, or where one's name is the other's alias.
fn pairs<'c>(old: &'c Contract, new: &'c Contract) -> Vec<(&'c Field, &'c Field)> {
    let mut pairs: Vec<(&Field, &Field)> = Vec::new();
    let exact = |was: &Field, is: &Field| was.name == is.name;
    let renamed = |was: &Field, is: &Field| is.aliases.contains(&was.name) || was.aliases.contains(&is.name);
    // Names count before aliases, wherever they stand.
    for same in [exact, renamed] {
        for is in &new.fields {
            let free = |was: &Field| !pairs.iter().any(|(old, new)| std::ptr::eq(*old, was) || std::ptr::eq(*new, is));
            if let Some(was) = old.fields.iter().find(|was| same(was, is) && free(was)) {
                pairs.push((was, is));
            }
        }
    }
    pairs
}

fn joined<'c>(path: &[&'c str], name: &'c str) -> Vec<&'c str> {
    path.iter().copied().chain([name]).collect()
}

fn written(field: &Field) -> String {
    let fields = if matches!(field.ty, Type::Object(Some(_))) { " with fields" } else { "" };
    let ty = format!("{}{fields}", field.ty.expression());
    if field.presence == Presence::Optional { format!("{ty}?") } else { ty }
}

fn shape(old: &Field, new: &Field) -> Shape {
    if kind(&old.ty) != kind(&new.ty) {
        Shape::Gone
    } else if (old.presence, new.presence) == (Presence::Required, Presence::Optional) {
        Shape::Optional
    } else {
        Shape::Same
    }
}

/// What expressions tell apart: the type without its ranges, digits and words.
fn kind(ty: &Type) -> Type {
    match ty {
        Type::Number(_) => Type::Number(crate::schema::Bounds::default()),
        Type::Integer(_) => Type::Integer(crate::schema::Bounds::default()),
        Type::Decimal { .. } => Type::Decimal { precision: 1, scale: 0 },
        Type::Enum(_) => Type::String,
        Type::Array(Some(element)) => Type::Array(Some(Box::new(kind(element)))),
        Type::Object(_) => Type::Object(None),
        Type::String | Type::Boolean | Type::DateTime | Type::Date | Type::Period | Type::Array(None) => ty.clone(),
    }
}
