//! Where cases are found, and reading them.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Exit, Failure, catalogue};
use super::plural;
use crate::catalogue::{Case, Catalogue, cases};
use crate::diagnostic::Severity;

/// The folder beside the catalogue in which cases are looked for.
const FOLDER: &str = "tests";
/// How many files of cases are read.
const MAX_FILES: usize = 1000;

/// The cases of one file.
#[derive(Debug)]
pub(super) struct CaseFile {
    /// As the user named it.
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
}

/// Reads the files that are named, or else the catalogue's own cases and those beside it. What is wrong with them goes
/// to stderr, of all files at once.
pub(super) fn read(named: &[PathBuf], catalogue_file: &Path, catalogue: &Catalogue) -> anyhow::Result<Vec<CaseFile>> {
    let mut files = Vec::new();
    let mut paths = Vec::new();
    if named.is_empty() {
        files.push(CaseFile { name: catalogue_file.display().to_string(), cases: catalogue.tests.clone() });
        let folder = catalogue_file.parent().unwrap_or_else(|| Path::new("")).join(FOLDER);
        if folder.is_dir() {
            paths.extend(inside(&folder)?);
        }
    }
    for path in named {
        if path.is_dir() {
            paths.extend(inside(path)?);
        } else {
            paths.push(path.clone());
        }
    }
    if paths.len() > MAX_FILES {
        return Err(Failure::new(Exit::Usage, format!("more than {MAX_FILES} files of cases: name fewer of them")));
    }
    let mut wrong = 0;
    for path in &paths {
        let name = path.display().to_string();
        let text = catalogue::read_text(path, "name a file of cases, or a folder with such files")?;
        let (cases, mut diagnostics) = cases(&name, &text, catalogue);
        diagnostics.retain(|diagnostic| diagnostic.severity > Severity::Note);
        catalogue::print(&text, &diagnostics);
        match cases {
            Some(cases) => files.push(CaseFile { name, cases }),
            None => wrong += 1,
        }
    }
    match wrong {
        0 => Ok(files),
        wrong => Err(Failure::new(Exit::Usage, format!("{} of cases cannot be used", plural(wrong, "file")))),
    }
}

/// The YAML files of a folder, by name.
fn inside(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable =
        |error: std::io::Error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", folder.display()));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if yaml && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
