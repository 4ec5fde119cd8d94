//! The forms in which verbs print what they have to say.

use std::io::{self, Write as _};

use super::yaml;

/// Text for people, or JSON for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    #[default]
    Text,
    Json,
}

/// Text for people, or JSON or YAML for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    #[default]
    #[value(alias = "text")]
    Table,
    Json,
    Yaml,
}

impl Format {
    /// Prints a JSON document, as it is or as YAML; for people, the text that is made for them. Only what is printed is made.
    pub(super) fn print(
        self,
        json: impl FnOnce() -> serde_json::Result<String>,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let mut out = match self {
            Self::Table => text(),
            Self::Json => json()?,
            Self::Yaml => yaml::of(&json()?),
        };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        Ok(say(&out)?)
    }
}

/// Prints a text. Where whoever reads has gone away (`| head`), there is nobody to say it to, and the verb ends as it would
/// have ended.
///
/// # Errors
/// It cannot be written: a disk that is full.
pub(super) fn say(text: &str) -> io::Result<()> {
    let said = io::stdout().lock().write_all(text.as_bytes());
    said.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
