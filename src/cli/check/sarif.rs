//! What was found, as SARIF 2.1.0: what code scanning and editors read.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde_json::{Value, json};

use crate::catalogue::codes;
use crate::diagnostic::{Diagnostic, Severity};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Where the pages of a published version can be read.
const PAGES: &str = concat!("https://docs.rs/crate/revbus/", env!("CARGO_PKG_VERSION"), "/source/docs/errors");

/// The log of one run over one file.
pub(super) fn log(file: &Path, diagnostics: &[Diagnostic]) -> Value {
    let mut rules = Vec::new();
    let mut indices = BTreeMap::new();
    let mut results = Vec::new();
    let artifact = artifact(file);
    for diagnostic in diagnostics {
        let index = *indices.entry(diagnostic.code).or_insert_with(|| {
            rules.push(rule(diagnostic));
            rules.len() - 1
        });
        results.push(json!({
            "ruleId": diagnostic.code,
            "ruleIndex": index,
            "level": level(diagnostic.severity),
            "message": { "text": message(diagnostic) },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": region(diagnostic) } }],
        }));
    }
    let driver = json!({
        "name": "revbus",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": "https://docs.rs/crate/revbus",
        "rules": rules,
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}

/// The code of a finding as a rule, told by its page.
fn rule(diagnostic: &Diagnostic) -> Value {
    let id = diagnostic.code;
    let (means, page) = codes::find(id).map_or(("", ""), |code| (code.means, code.page));
    let prose = page.split("\n## ").next().unwrap_or(page);
    let full = prose.split_once('\n').map_or("", |(_, text)| text.trim());
    let paragraphs: Vec<String> = full.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
    json!({
        "id": id,
        "shortDescription": { "text": means },
        "fullDescription": { "text": paragraphs.join("\n\n") },
        "help": { "text": page, "markdown": page },
        "helpUri": format!("{PAGES}/{id}.md"),
        "defaultConfiguration": { "level": level(diagnostic.severity) },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn message(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}; help: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// The file as it is known from the folder that the verb runs in, which is how code scanning finds it.
fn artifact(file: &Path) -> Value {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| file.strip_prefix(here).ok().map(Path::to_path_buf));
    let file = inside.as_deref().unwrap_or(file);
    let parts = file.components().filter_map(|part| match part {
        Component::Normal(name) => Some(encoded(&name.to_string_lossy())),
        Component::ParentDir => Some("..".to_owned()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    });
    let path = parts.collect::<Vec<_>>().join("/");
    if file.is_absolute() {
        json!({ "uri": format!("file:///{path}") })
    } else {
        json!({ "uri": path, "uriBaseId": "%SRCROOT%" })
    }
}

/// A part of a path as a URI has it.
fn encoded(part: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@".contains(&byte);
    part.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn region(diagnostic: &Diagnostic) -> Value {
    json!({
        "startLine": diagnostic.line,
        "startColumn": diagnostic.column,
        "endLine": diagnostic.end_line,
        "endColumn": diagnostic.end_column,
    })
}

#[cfg(test)]
mod tests;
