//! The forms in which state is printed: a table or text for people, JSON and YAML for programs. JSON has each state byte
//! for byte as it was written.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};
use std::sync::LazyLock;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Format;
use crate::diagnostic::{visible_json, visible_lines};
use crate::json::pretty;

/// Prints a document; for people, the text that is made for them.
pub(super) fn print(format: Format, document: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let document = || {
        let document = serde_json::to_string(document)?;
        Ok(if format == Format::Json { json(&pretty(&document)).into_owned() } else { document })
    };
    format.print(document, || visible_lines(&text()).into_owned())
}

/// JSON for stdout: as it is, but on a terminal with what that would obey escaped.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    static SHOWN: LazyLock<bool> = LazyLock::new(|| io::stdout().is_terminal());
    if *SHOWN { visible_json(text) } else { Cow::Borrowed(text) }
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
