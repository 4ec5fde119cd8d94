//! Triggers that came, went, or changed what they do.

use super::passing::{Row, Rows};
use super::{Change, Comparison, Pair, Party};
use crate::catalogue::Kind;
use crate::trigger::{Expression, Mapping};

pub(super) fn compare(comparison: &Comparison<'_>, pair: Pair<'_>, out: &mut Vec<Change>) {
    let (Kind::Fact(former), Kind::Fact(present)) = (&pair.old.kind, &pair.new.kind) else { return };
    let rows = comparison.rows_of(pair.new);
    let name = &pair.new.name;
    for trigger in &present.triggers {
        match rows.iter().find(|rows| std::ptr::eq(rows.new.trigger, trigger)) {
            Some(rows) => both(comparison, *rows, out),
            None => {
                let row = Row { catalogue: comparison.new, fact: pair.new, trigger };
                out.push(Change::of(name, format!("{} added to `{name}`", told(row))));
            }
        }
    }
    for trigger in former.triggers.iter().filter(|old| !rows.iter().any(|rows| std::ptr::eq(rows.old.trigger, *old))) {
        let row = Row { catalogue: comparison.old, fact: pair.old, trigger };
        let handler = comparison.old.module(row.target().module).name.to_string();
        let change = Change::of(name, format!("{} removed from `{name}`", told(row)));
        out.push(change.breaking([Party::Handler(handler)]));
    }
}

fn both(comparison: &Comparison<'_>, rows: Rows<'_>, out: &mut Vec<Change>) {
    let (was, is) = (rows.old.trigger, rows.new.trigger);
    let name = &rows.new.fact.name;
    let told = told(rows.new);
    let command_renamed = rows.old.target().name != rows.new.target().name;
    if was.id != is.id && !command_renamed {
        let what = format!(
            "{told} of `{name}` has the id `{}`, and had `{}`: what it derives has other event ids, so the command of a \
             fact that comes again is not recognised by its id",
            is.id, was.id
        );
        out.push(Change::of(name, what));
    }
    let mut differs: Vec<String> = Vec::new();
    let condition = Condition::compare(was.when.as_ref(), is.when.as_ref());
    if let Some(condition) = &condition {
        differs.push(format!("{}, so that {} lead to the command", condition.what, condition.which("facts")));
    }
    let mapped = remapped(&was.map, &is.map);
    if !mapped.is_empty() {
        differs.push(format!("the mapping of {}", mapped.join(", ")));
    }
    if was.keep != is.keep {
        differs.push("what it keeps".to_owned());
    }
    if !differs.is_empty() {
        let change = Change::of(name, format!("{told} of `{name}` changed {}", differs.join(", ")));
        let broken = rows.broke() || condition.is_some_and(|condition| condition.sense == Sense::Fewer);
        let handler = || Party::Handler(comparison.new.module(rows.new.target().module).name.to_string());
        out.push(change.breaking(broken.then(handler)));
    }
}

/// A condition that came, went, or changed.
pub(super) struct Condition {
    /// Such as "the condition from none to `x`".
    pub(super) what: String,
    pub(super) sense: Sense,
}

/// How often it holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Less often than before.
    Fewer,
    /// Always.
    All,
    /// Nobody can say, but not for the same events.
    Other,
}

impl Condition {
    pub(super) fn compare(was: Option<&Expression>, is: Option<&Expression>) -> Option<Self> {
        let text = |when: Option<&Expression>| when.map(|when| format!("`{}`", when.text()));
        let (was, is) = (text(was), text(is));
        let sense = match (&was, &is) {
            _ if was == is => return None,
            (None, _) => Sense::Fewer,
            (_, None) => Sense::All,
            (Some(_), Some(_)) => Sense::Other,
        };
        let told = |when: Option<String>| when.unwrap_or_else(|| "none".to_owned());
        Some(Self { what: format!("the condition from {} to {}", told(was), told(is)), sense })
    }

    /// "fewer facts".
    pub(super) fn which(&self, of: &str) -> String {
        let word = match self.sense {
            Sense::Fewer => "fewer",
            Sense::All => "all",
            Sense::Other => "other",
        };
        format!("{word} {of}")
    }
}

fn told(row: Row<'_>) -> String {
    let (id, command) = (&row.trigger.id, &row.target().name);
    if id == command { format!("trigger → `{command}`") } else { format!("trigger → `{command}` (`{id}`)") }
}

/// The fields that are computed otherwise than before.
pub(super) fn remapped(was: &[Mapping], is: &[Mapping]) -> Vec<String> {
    let of = |map: &[Mapping], field: &str| {
        let found = map.iter().find(|mapping| *mapping.field == *field);
        found.map(|mapping| mapping.value.text().to_owned())
    };
    let mut fields: Vec<&str> = is.iter().chain(was).map(|mapping| &*mapping.field).collect();
    fields.dedup();
    let mut changed: Vec<String> = Vec::new();
    for field in fields {
        let told = format!("`{field}`");
        if of(was, field) != of(is, field) && !changed.contains(&told) {
            changed.push(told);
        }
    }
    changed
}
