//! The list of cases, and what each is made of.

use std::collections::HashMap;

use super::super::allow::Allow;
use super::super::fields::Fields;
use super::super::names::shorten;
use super::super::report::Report;
use super::super::tree::{self, MAX_FILE_BYTES, Node};
use super::super::{Catalogue, codes};
use super::given::Named;
use super::{Case, expect, given};
use crate::diagnostic::{Diagnostic, Severity};
use crate::time::Timestamp;

const CASE_KEYS: &[&str] = &["name", "at", "given", "expect"];
/// When a case is decided on that says nothing: a case must not depend on the day on which it runs.
const DEFAULT_AT: &str = "2024-01-15T10:30:00Z";

/// The catalogue that cases speak of.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) catalogue: &'c Catalogue,
    /// Whether all of it could be read: else a name that is missing says nothing about the case.
    pub(super) whole: bool,
}

/// Reads a file of cases. `file` is only named in diagnostics. There are cases exactly where no diagnostic is an error.
#[must_use]
pub fn cases(file: &str, text: &str, catalogue: &Catalogue) -> (Option<Vec<Case>>, Vec<Diagnostic>) {
    let mut report = Report::new(file, text);
    let cases = read(&mut report, text, catalogue);
    let diagnostics = report.finish(&Allow::default());
    let good = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    (cases.filter(|_| good), diagnostics)
}

fn read(report: &mut Report<'_>, text: &str, catalogue: &Catalogue) -> Option<Vec<Case>> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has more than {MAX_FILE_BYTES} bytes");
        report.error(codes::TOO_LARGE, &(0..0), message).hint("spread the cases over several files");
        return None;
    }
    let root = match tree::parse(text) {
        Ok(root) => root,
        Err(error) => {
            report.error(error.code, &error.span, error.message).help(error.help);
            return None;
        }
    };
    let top = Fields::open(report, &root, "a file of cases", &[&["tests"]]);
    let Some(node) = top.as_ref().and_then(|top| top.get("tests")) else {
        report
            .error(codes::MISSING_KEY, &root.span, "`tests` is missing")
            .hint("list the cases under `tests:`, each with `name`, `given` and `expect`");
        return None;
    };
    Some(list(report, node, Context { catalogue, whole: true }))
}

/// Reads the cases that stand in the catalogue's own file.
pub(in crate::catalogue) fn inline(report: &mut Report<'_>, node: &Node, catalogue: &Catalogue) -> Vec<Case> {
    let whole = !report.has_errors();
    list(report, node, Context { catalogue, whole })
}

fn list(report: &mut Report<'_>, node: &Node, context: Context<'_>) -> Vec<Case> {
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut cases = Vec::new();
    for item in report.items(node, "`tests`") {
        let Some(case) = case(report, item, context) else { continue };
        let line = report.line(item.span.start);
        if let Some(first) = names.insert(case.name.clone(), line) {
            let message = format!("the case in line {first} has the name `{}` too", shorten(&case.name));
            report.error(codes::DUPLICATE_CASE, &item.span, message).hint("a name tells a case from all others");
        }
        cases.push(Case { line, ..case });
    }
    cases
}

fn case(report: &mut Report<'_>, item: &Node, context: Context<'_>) -> Option<Case> {
    let fields = Fields::open(report, item, "a case", &[CASE_KEYS])?;
    let mut missing = |key: &str, help: &str| {
        let there = fields.get(key);
        if there.is_none() {
            report.error(codes::MISSING_KEY, &item.span, format!("a case needs `{key}`")).hint(help);
        }
        there
    };
    let name = missing("name", "say in a few words what it shows");
    let given_node = missing("given", "the event: `given: {type: …, data: {…}}`");
    let expect_node = missing("expect", "the commands that come of it, `dead_letter: CODE`, or `nothing`");
    let name = name.and_then(|node| report.scalar(node, "`name`"));
    let at = fields.get("at").and_then(|node| at(report, node)).or_else(|| parse(DEFAULT_AT))?;
    let given = given_node.and_then(|node| given::read(report, node, context, at));
    // What can be expected depends on what is given.
    let given = given?;
    let expected = expect_node.map(|node| expect::read(report, node, context, given.emits()));
    let (name, expected) = (name?, expected?);
    given.check_type(report, context, &expected.expect);
    match &given.named {
        Some(Named::Entity(entity)) => entity.check_emits(report, context, expected.events()),
        Some(Named::Type(..)) | None => expected.check_triggers(report, context, given.fact(context)),
    }
    let (value, subject) = (given.value, given.subject);
    Some(Case { name: name.to_owned(), line: 0, at, value, subject, expect: expected.expect })
}

fn at(report: &mut Report<'_>, node: &Node) -> Option<Timestamp> {
    let text = report.scalar(node, "`at`")?;
    let time = parse(text);
    if time.is_none() {
        let message = format!("`at` must be a time, and this is `{}`", shorten(text));
        report.error(codes::BAD_VALUE, &node.span, message).help(format!("RFC 3339, such as {DEFAULT_AT}"));
    }
    time
}

fn parse(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).map(|(time, _)| time)
}
