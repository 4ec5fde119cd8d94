//! Every name of every event type, and what clashes among them.

use std::collections::HashMap;
use std::sync::Arc;

use super::drafts::Drafts;
use super::names::split;
use super::report::Report;
use super::{Kind, TypeName, codes};

/// Fills the names of the drafts.
pub(super) fn index(report: &mut Report<'_>, drafts: &mut Drafts<'_>) {
    let mut names: HashMap<Arc<str>, TypeName> = HashMap::new();
    for (id, draft) in drafts.iter() {
        let name = draft.event_type.name.clone();
        if let Some(first) = names.get(&name) {
            let line = report.line(drafts.types[first.id().index()].at.start);
            let message = format!("`{name}` is declared already, in line {line}");
            report.error(codes::DUPLICATE_TYPE, draft.at, message).hint("an event type is a fact or a command, once");
        } else {
            names.insert(name, TypeName::Canonical(id));
        }
    }
    aliases(report, drafts, &mut names);
    topics(report, drafts);
    drafts.names = names;
}

fn aliases(report: &mut Report<'_>, drafts: &Drafts<'_>, names: &mut HashMap<Arc<str>, TypeName>) {
    for (id, draft) in drafts.iter() {
        for (alias, node) in &draft.aliases {
            let owner = drafts.module_name(draft.event_type.module);
            let Some((module, _)) = split(report, owner, alias, &node.span) else { continue };
            // A request may once have been named after its caller (decision 4); a fact is always its emitter's.
            if module != owner && matches!(draft.event_type.kind, Kind::Fact(_)) {
                let message = format!("the alias `{alias}` of a fact of `{owner}` is a name of the module `{module}`");
                report.error(codes::WRONG_OWNER, &node.span, message).hint("an alias stays within its fact's module");
            }
            if let Some(first) = names.get(*alias) {
                let other = &drafts.types[first.id().index()];
                let line = report.line(other.at.start);
                let message = format!("`{alias}` already names `{}`, in line {line}", other.event_type.name);
                report.error(codes::ALIAS_CLASH, &node.span, message).hint("a name means one event type");
            } else {
                names.insert(Arc::from(*alias), TypeName::Alias(id));
            }
        }
    }
}

/// Kafka writes `.` and `_` alike in the names of its metrics, and refuses a topic that would collide there.
fn topics(report: &mut Report<'_>, drafts: &Drafts<'_>) {
    let mut seen: HashMap<String, &Arc<str>> = HashMap::new();
    for (_, draft) in drafts.iter() {
        let name = &draft.event_type.name;
        if let Some(first) = seen.insert(name.replace('.', "_"), name)
            && first != name
        {
            let message = format!("Kafka does not create the topics `{first}` and `{name}` side by side");
            report.error(codes::TOPIC_CLASH, draft.at, message).hint("it takes `.` and `_` for the same: rename one");
        }
    }
}
