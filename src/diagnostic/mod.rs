//! What a check has to say about a file: stable code, severity, place, sentence and a way out.

mod render;
mod tally;
mod visible;
mod words;

pub use render::render;
use serde::Serialize;
pub use tally::{plural, tally};
pub use visible::{is_hidden, one_line, visible, visible_json, visible_lines};
pub use words::shorten;
pub(crate) use words::{did_you_mean, nearest};

/// How bad it is (decision 78). `--deny-warnings` ignores notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, nothing to do.
    Note,
    /// Works, but is probably not what was meant.
    Warning,
    /// The file cannot be used.
    Error,
}

/// One finding about a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The stable code, such as `RB0104`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// The file as the user named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The line in which it ends, from 1.
    pub end_line: u32,
    /// The column behind its last character, from 1.
    pub end_column: u32,
    /// What to do about it, where there is something to say.
    pub help: Option<String>,
    /// The bytes of the file that it is about, for the snippet.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}
