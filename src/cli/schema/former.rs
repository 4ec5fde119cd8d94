//! The former contract: in a folder, or in a revision of git.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::{Exit, Failure, catalogue};
use crate::catalogue::schemas::{AVRO, STATE};

/// What the present catalogue is compared with.
pub(super) enum Former {
    /// A catalogue's text, and what to call it.
    Catalogue(String, String),
    /// Generated Avro schemas, by event type.
    Schemas(BTreeMap<String, Value>),
}

impl Former {
    /// What it tells too little of to be compared.
    pub(super) const fn not_compared(&self) -> &'static [&'static str] {
        match self {
            Self::Catalogue(..) => &[],
            Self::Schemas(_) => &["state", "triggers", "subscribers", "order"],
        }
    }
}

/// Reads what `--against` names: a folder, if there is one of this name, else a revision.
pub(super) fn read(against: &str, catalogue: &Path) -> anyhow::Result<Former> {
    if Path::new(against).is_dir() { in_folder(Path::new(against), catalogue) } else { in_revision(against, catalogue) }
}

fn usage(message: impl Into<String>) -> anyhow::Error {
    Failure::new(Exit::Usage, message)
}

/// The name of the catalogue's file.
fn file_name(catalogue: &Path) -> anyhow::Result<&str> {
    let name = catalogue.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| usage(format!("{} does not name a file", catalogue.display())))
}

fn in_folder(folder: &Path, catalogue: &Path) -> anyhow::Result<Former> {
    let name = file_name(catalogue)?;
    let file = folder.join(name);
    if file.is_file() {
        return Ok(Former::Catalogue(file.display().to_string(), catalogue::read(&file)?));
    }
    let schemas = folder.join(AVRO.0);
    let former = if schemas.is_dir() { generated(&schemas)? } else { BTreeMap::new() };
    if !former.is_empty() {
        return Ok(Former::Schemas(former));
    }
    let (states, folder) = (folder.join(STATE.0), folder.display());
    Err(usage(if states.is_dir() {
        format!(
            "the folder {folder} has schemas of state alone ({}), which are not compared: name a revision of git, or a \
             folder with {name}",
            states.display()
        )
    } else {
        format!("the folder {folder} has neither {name} nor generated schemas ({})", schemas.display())
    }))
}

/// The generated Avro schemas of a folder.
fn generated(schemas: &Path) -> anyhow::Result<BTreeMap<String, Value>> {
    let unreadable = |error: io::Error| usage(format!("cannot read {}: {error}", schemas.display()));
    let mut former = BTreeMap::new();
    for entry in fs::read_dir(schemas).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(AVRO.1));
        if let Some(name) = name {
            let text = fs::read_to_string(&path).map_err(unreadable)?;
            let schema = serde_json::from_str(&text);
            let schema = schema.map_err(|error| usage(format!("{} is not JSON: {error}", path.display())))?;
            former.insert(name.to_owned(), schema);
        }
    }
    Ok(former)
}

fn in_revision(revision: &str, catalogue: &Path) -> anyhow::Result<Former> {
    let name = file_name(catalogue)?;
    let folder = catalogue.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let no_folder = format!("there is no folder {revision}");
    if revision.is_empty() || revision.starts_with('-') {
        return Err(usage(format!("{no_folder}, and `{revision}` is no revision of git")));
    }
    let found = git(folder, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")], &no_folder)?;
    if !found.status.success() {
        let said = said(&found);
        let why =
            if said.is_empty() { format!("git knows no revision `{revision}`") } else { format!("git says: {said}") };
        return Err(usage(format!("{no_folder}, and {why}; a branch of a remote must be fetched first")));
    }
    // As the file stands in the revision: no filters, relative to its folder.
    let blob = git(folder, &["cat-file", "blob", &format!("{revision}:./{name}")], &no_folder)?;
    if !blob.status.success() {
        return Err(usage(format!("the revision `{revision}` has no {}: {}", catalogue.display(), said(&blob))));
    }
    let called = format!("{revision}:{name}");
    let text = String::from_utf8(blob.stdout).map_err(|_| usage(format!("{called} is not UTF-8")))?;
    Ok(Former::Catalogue(called, text))
}

fn git(folder: &Path, words: &[&str], no_folder: &str) -> anyhow::Result<Output> {
    let output = Command::new("git").arg("-C").arg(folder).args(words).env("LC_ALL", "C").output();
    output.map_err(|error| usage(format!("{no_folder}, and git cannot be run to look for a revision: {error}")))
}

fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().trim_start_matches("fatal: ").to_owned()
}
