//! From the text of `topics.yaml` to a catalogue, or to everything that is wrong with it.
//!
//! Three passes over the tree: first everything that can be named, then what refers to names, then what it all adds up
//! to. Each reports what it finds and goes on.

use super::allow::Allow;
use super::drafts::Drafts;
use super::events::Rules;
use super::fields::Fields;
use super::graph::Graph;
use super::report::Report;
use super::settings::{self, TOP_KEYS};
use super::topics::{TOPIC_KEYS, TopicKeys};
use super::tree::{self, MAX_FILE_BYTES, Node, Value};
use super::usage::Usage;
use super::{
    Catalogue, Kind, Module, ModuleNames, Settings, TopicSpec, cases, codes, index, modules, state, subscriptions,
    triggers,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::ids::{CatalogueDigest, ModuleId};
use crate::trigger::on_parser_stack;

/// Compiles the text of a catalogue. `file` is only named in diagnostics, which come in the order of the file. There
/// is a catalogue exactly where no diagnostic is an error.
#[must_use]
pub fn compile(file: &str, text: &str) -> (Option<Catalogue>, Vec<Diagnostic>) {
    let (catalogue, diagnostics) = sketch(file, text);
    let good = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    (catalogue.filter(|_| good), diagnostics)
}

/// As [`compile`], with the catalogue as far as it can be read also where there are errors: to compare it with another,
/// never to route by it.
#[must_use]
pub fn sketch(file: &str, text: &str) -> (Option<Catalogue>, Vec<Diagnostic>) {
    let (built, diagnostics) = run(file, text);
    (built.map(|(catalogue, _)| catalogue), diagnostics)
}

/// As [`compile`], for the graph of the catalogue, which is there with errors too, as far as the file can be read.
#[must_use]
pub fn graph(file: &str, text: &str) -> (Option<Graph>, Vec<Diagnostic>) {
    let (built, diagnostics) = run(file, text);
    (built.map(|(_, graph)| graph), diagnostics)
}

type Built = (Option<(Catalogue, Graph)>, Vec<Diagnostic>);

/// What was built, errors or not, and everything that was found.
fn run(file: &str, text: &str) -> Built {
    // Where the thread for all expressions cannot be had, each takes one of its own.
    on_parser_stack(|| run_here(file, text)).unwrap_or_else(|| run_here(file, text))
}

fn run_here(file: &str, text: &str) -> Built {
    let mut report = Report::new(file, text);
    let mut allow = Allow::default();
    let built = read(&mut report, text).and_then(|root| build(&mut report, &root, &mut allow));
    (built, report.finish(&allow))
}

/// Reads the text into a tree.
fn read(report: &mut Report<'_>, text: &str) -> Option<Node> {
    if text.len() > MAX_FILE_BYTES {
        // Whoever read the file may have stopped there.
        let message = format!("the file has more than {MAX_FILE_BYTES} bytes");
        report.error(codes::TOO_LARGE, &(0..0), message);
        return None;
    }
    match tree::parse(text) {
        Ok(root) => Some(root),
        Err(error) => {
            report.error(error.code, &error.span, error.message).help(error.help);
            None
        }
    }
}

fn build(report: &mut Report<'_>, root: &Node, allow: &mut Allow) -> Option<(Catalogue, Graph)> {
    if matches!(root.value, Value::Null) {
        report.error(codes::MISSING_KEY, &root.span, "the file is empty").hint("begin with `version: 1` and `modules`");
        return None;
    }
    let top = Fields::open(report, root, "the file", &[TOP_KEYS])?;
    settings::check_version(report, &top, root);
    *allow = Allow::read(report, &top);
    let settings = settings::settings(report, &top);
    let defaults = top.get("defaults").and_then(|node| Fields::open(report, node, "`defaults`", &[TOPIC_KEYS]));
    let defaults = TopicKeys::default().with(report, &defaults.unwrap_or_default());
    let Some(node) = top.get("modules") else {
        report
            .error(codes::MISSING_KEY, &root.span, "`modules` is missing")
            .hint("declare the modules under `modules`");
        return None;
    };
    let spec = defaults.spec(String::new());
    let rules = Rules { defaults, topic_prefix: settings.topic_prefix.clone() };
    let mut drafts = modules::modules(report, &rules, node);
    index::index(report, &mut drafts);
    settings::check_redact(report, &top, &drafts);
    let (mut catalogue, graph) = resolve(report, drafts, settings, spec);
    settings::check_audit_retention(report, &top, &catalogue);
    catalogue.tests = top.get("tests").map(|node| cases::inline(report, node, &catalogue)).unwrap_or_default();
    Some((catalogue, graph))
}

/// Reads everything that refers to names.
fn resolve(
    report: &mut Report<'_>,
    mut drafts: Drafts<'_>,
    settings: Settings,
    defaults: TopicSpec,
) -> (Catalogue, Graph) {
    let triggers: Vec<_> = drafts.iter().map(|(id, _)| triggers::triggers(report, &drafts, id)).collect();
    let emitted: Vec<_> = drafts
        .types
        .iter()
        .map(|draft| (draft.event_type.module, draft.may_emit))
        .map(|(owner, node)| node.map(|node| subscriptions::may_emit(report, &drafts, owner, node)).unwrap_or_default())
        .collect();
    let owners = || (0..).map(ModuleId).zip(&drafts.modules);
    let inbound: Vec<_> = owners().map(|(id, _)| subscriptions::subscriptions(report, &drafts, id)).collect();
    let entity_types = owners().flat_map(|(id, _)| state::entity_types(report, &drafts, id)).collect::<Vec<_>>();
    let usage = Usage {
        drafts: &drafts,
        triggers: &triggers,
        inbound: &inbound,
        emitted: &emitted,
        entity_types: &entity_types,
    };
    let graph = usage.note(report);

    for ((draft, rows), emitted) in drafts.types.iter_mut().zip(triggers).zip(emitted) {
        match &mut draft.event_type.kind {
            Kind::Fact(fact) => fact.triggers = rows.into_iter().filter_map(|row| row.trigger).collect(),
            Kind::Command(command) => command.may_emit = emitted.iter().map(|emitted| emitted.fact).collect(),
        }
    }
    for (draft, rows) in drafts.modules.iter_mut().zip(inbound) {
        draft.module.inbound = rows.into_iter().map(|row| row.subscription).collect();
    }
    let modules: Vec<Module> = drafts.modules.into_iter().map(|draft| draft.module).collect();
    let catalogue = Catalogue {
        digest: CatalogueDigest::of(report.text()),
        settings,
        defaults,
        module_names: ModuleNames::of(&modules, &entity_types),
        entity_types,
        modules,
        types: drafts.types.into_iter().map(|draft| draft.event_type).collect(),
        names: drafts.names,
        tests: Vec::new(),
    };
    (catalogue, graph)
}
