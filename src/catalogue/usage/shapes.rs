//! Commands that come in two shapes: what a handler can rely on is what all of them have.

use std::collections::BTreeMap;

use super::Usage;
use crate::catalogue::fields::list;
use crate::catalogue::report::Report;
use crate::catalogue::{EventType, codes};
use crate::ids::TypeId;
use crate::schema::Type;
use crate::trigger::Trigger;

/// The fields that a trigger's command carries; without a type where the field is computed.
type Shape<'a> = BTreeMap<&'a str, Option<&'a Type>>;

pub(super) fn two_shapes(usage: &Usage<'_, '_>, report: &mut Report<'_>) {
    let mut sources: BTreeMap<TypeId, Vec<(TypeId, Shape<'_>)>> = BTreeMap::new();
    for (fact, draft) in usage.drafts.iter() {
        for trigger in usage.rows(fact).filter_map(|row| row.trigger.as_ref()) {
            sources.entry(trigger.emit).or_default().push((fact, shape(&draft.event_type, trigger)));
        }
    }
    for (command, rows) in sources {
        let Some((first, shape)) = rows.first() else { continue };
        if rows.iter().all(|(fact, other)| fact == first || alike(shape, other)) {
            continue;
        }
        let names = list(rows.iter().map(|(fact, _)| usage.name(*fact)).collect::<std::collections::BTreeSet<_>>());
        let draft = &usage.drafts.types[command.index()];
        let message = format!("facts of different shapes trigger `{}`: {names}", draft.event_type.name);
        report.note(codes::TWO_SHAPES, draft.at, message).hint("only fields that all of them have can be required");
    }
}

fn shape<'a>(source: &'a EventType, trigger: &'a Trigger) -> Shape<'a> {
    let passes = |name: &str| trigger.keep.as_ref().is_none_or(|kept| kept.iter().any(|kept| **kept == *name));
    let fields = source.contract.fields.iter().filter(|field| passes(&field.name));
    let mut shape: Shape<'_> = fields.map(|field| (&*field.name, Some(&field.ty))).collect();
    shape.extend(trigger.map.iter().map(|mapping| (&*mapping.field, None)));
    shape
}

/// Whether two shapes have the same fields, as far as their types are known.
fn alike(one: &Shape<'_>, other: &Shape<'_>) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((name, ty), (other, second))| {
            name == other && ty.zip(*second).is_none_or(|(ty, second)| ty == second)
        })
}
