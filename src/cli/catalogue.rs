//! Reading the catalogue for the verbs that need one.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::{Exit, Failure};
use crate::catalogue::{Catalogue, compile};
use crate::diagnostic::render;

/// Reads and compiles a catalogue; gives its text too.
pub(super) fn load(path: &Path) -> anyhow::Result<(Arc<Catalogue>, String)> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{name}: failed to read the catalogue"))?;
    let (catalogue, diagnostics) = compile(&name, &text);
    match catalogue {
        Some(catalogue) => Ok((Arc::new(catalogue), text)),
        None => {
            Err(Failure::new(Exit::Found, format!("the catalogue has errors\n{}", render(&text, &diagnostics, false))))
        }
    }
}
