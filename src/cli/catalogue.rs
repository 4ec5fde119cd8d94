//! Reading a catalogue, for every verb that needs one.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;
use std::sync::Arc;

use super::exit::say_aside;
use super::{Exit, Failure};
use crate::catalogue::{self, Catalogue};
use crate::diagnostic::{Diagnostic, Severity, render};

/// Reads and compiles the catalogue of a file, and gives its text too. Errors go to stderr; warnings are for
/// `revbus check`: they would stand before every answer of every verb.
///
/// # Errors
/// An unreadable file (exit code 2), and a catalogue with errors (exit code 1).
pub fn load(path: &Path) -> anyhow::Result<(Arc<Catalogue>, String)> {
    load_from(path, Severity::Error)
}

/// The same, with everything on stderr that is at least so bad.
pub(super) fn load_from(path: &Path, least: Severity) -> anyhow::Result<(Arc<Catalogue>, String)> {
    let text = read(path)?;
    Ok((compile(&path.display().to_string(), &text, least)?, text))
}

/// Compiles a catalogue's text, with everything on stderr that is at least so bad.
pub(super) fn compile(name: &str, text: &str, least: Severity) -> anyhow::Result<Arc<Catalogue>> {
    let (catalogue, mut diagnostics) = catalogue::compile(name, text);
    diagnostics.retain(|diagnostic| diagnostic.severity >= least);
    print(text, &diagnostics);
    match catalogue {
        Some(catalogue) => Ok(Arc::new(catalogue)),
        None => Err(Failure::new(Exit::Found, format!("{name} does not compile"))),
    }
}

/// Reads the text of a catalogue, as far as the compiler would take it.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    read_text(path, "name the catalogue's file, such as topics.yaml")
}

/// As [`read`], from stdin where the path is `-`.
pub(super) fn read_or_stdin(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") { text_of(std::io::stdin().lock(), path, "pipe the catalogue in") } else { read(path) }
}

/// Reads the text of a YAML file, as far as a compiler would take it; `help` says what to do where it cannot be read.
pub(super) fn read_text(path: &Path, help: &str) -> anyhow::Result<String> {
    text_of(File::open(path).map_err(|error| unreadable(path, &error, help))?, path, help)
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display, help: &str) -> anyhow::Error {
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    Failure::new(Exit::Usage, format!("cannot read {name}: {why}; {help}"))
}

fn text_of(input: impl Read, path: &Path, help: &str) -> anyhow::Result<String> {
    let unreadable = |why: &dyn std::fmt::Display| unreadable(path, why, help);
    let mut bytes = Vec::new();
    // One byte more than the limit, so that the compiler sees that the file is too large.
    let limit = catalogue::MAX_FILE_BYTES as u64 + 1;
    input.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        unreadable(&format!("byte {at}, in line {line}, is not UTF-8"))
    })
}

/// Prints diagnostics to stderr, with colour where a person reads them and `NO_COLOR` is not set; behind them, once,
/// where to read more.
pub(super) fn print(text: &str, diagnostics: &[Diagnostic]) {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = !no_colour && std::io::stderr().is_terminal();
    say_aside(&render(text, diagnostics, colour));
    if let Some(worst) = diagnostics.iter().max_by_key(|diagnostic| diagnostic.severity) {
        say_aside(&format!("for more about a code: revbus check --explain {}\n\n", worst.code));
    }
}

#[cfg(test)]
mod tests;
