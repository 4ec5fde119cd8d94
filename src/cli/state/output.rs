//! The forms in which state is printed: a table or text for people, JSON and YAML for programs. JSON has each state byte
//! for byte as it was written.

use std::io::{self, Write as _};

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Format;

/// Prints a document; for people, the text that is made for them.
pub(super) fn print(format: Format, document: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let mut out = match format {
        Format::Table => text(),
        Format::Json => crate::json::pretty(&serde_json::to_string(document)?),
        Format::Yaml => yaml(document)?,
    };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    Ok(io::stdout().lock().write_all(out.as_bytes())?)
}

/// A document as YAML.
pub(super) fn yaml(document: &impl Serialize) -> anyhow::Result<String> {
    // By way of JSON: a raw JSON text is a tree only there.
    let tree: serde_json::Value = serde_json::from_str(&serde_json::to_string(document)?)?;
    serde_saphyr::to_string(&tree).context("failed to write YAML")
}

/// A table without frames.
pub(super) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let lines = table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// What a stranger wrote, on one line, its end cut off where it is long.
pub(super) fn short(text: &str, most: usize) -> String {
    let mut out: String = text.chars().take(most).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    out.push_str(if text.chars().nth(most).is_some() { "…" } else { "" });
    out
}
