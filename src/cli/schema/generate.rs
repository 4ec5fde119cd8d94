//! `revbus schema generate`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{Exit, Failure, catalogue};
use crate::catalogue::schemas::{FOLDERS, SchemaFile, files, is_generated};
use crate::cli::output;

/// Write the schemas of all event types, and of topics.yaml itself
///
/// For each fact, command and reply an Avro schema (avro/TYPE.avsc) and a JSON Schema of the whole event
/// (json/TYPE.json); for each entity type a JSON Schema of its state (json/state/MODULE.TYPE.json);
/// integration_event_schema.json for any event; topics.schema.json for the completion of editors.
/// Files that it wrote for event types that are gone are removed. Doing it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus schema generate
  revbus schema generate --catalogue deploy/topics.yaml --out deploy/schemas
  revbus schema generate --check

Exit code: 0 good; 1 with --check, files that differ, are missing or stale; or errors in the catalogue;
2 an unreadable catalogue, or a folder that cannot be read or written.")]
pub(super) struct Args {
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// The folder of the schemas
    #[arg(long, default_value = "schemas", value_name = "FOLDER")]
    out: PathBuf,
    /// Write nothing, and name what differs
    #[arg(long)]
    check: bool,
}

/// What is to be done with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    /// There is none yet.
    Add(SchemaFile),
    /// It has another text.
    Change(SchemaFile),
    /// It is one of ours, and no event type has it any more.
    Remove(String),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let files = files(&catalogue);
    let tasks = tasks(&args.out, &files).map_err(|(path, error)| cannot("read", &path, &error))?;
    if !args.check {
        for task in &tasks {
            carry_out(&args.out, task).map_err(|(path, error)| cannot("write", &path, &error))?;
        }
    }
    output::say(&text(&args.out, &tasks, files.len(), args.check))?;
    Ok(if args.check && !tasks.is_empty() { Exit::Found } else { Exit::Good })
}

type Unusable = (PathBuf, io::Error);

fn cannot(verb: &str, path: &Path, error: &io::Error) -> anyhow::Error {
    Failure::new(
        Exit::Usage,
        format!("cannot {verb} {}: {error}; --out names the folder of the schemas", path.display()),
    )
}

fn tasks(out: &Path, files: &[SchemaFile]) -> Result<Vec<Task>, Unusable> {
    let mut tasks = Vec::new();
    for file in files {
        match read(&out.join(&file.path))? {
            None => tasks.push(Task::Add(file.clone())),
            Some(text) if text != file.text.as_bytes() => tasks.push(Task::Change(file.clone())),
            Some(_) => {}
        }
    }
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for (folder, _) in FOLDERS {
        for path in names(&out.join(folder))?.into_iter().map(|name| format!("{folder}/{name}")) {
            if !known.contains(path.as_str()) {
                let text = read(&out.join(&path))?.unwrap_or_default();
                if is_generated(&path, &String::from_utf8_lossy(&text)) {
                    tasks.push(Task::Remove(path));
                }
            }
        }
    }
    Ok(tasks)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Unusable> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err((path.to_owned(), error)),
    }
}

/// The names of the files of a folder, sorted; none where it does not exist.
fn names(folder: &Path) -> Result<Vec<String>, Unusable> {
    let unusable = |error| (folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unusable(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unusable)?;
        if entry.file_type().map_err(unusable)?.is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    Ok(names)
}

fn carry_out(out: &Path, task: &Task) -> Result<(), Unusable> {
    let (path, done) = match task {
        Task::Add(file) | Task::Change(file) => {
            let path = out.join(&file.path);
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            let done = folder.and_then(|()| fs::write(&path, &file.text));
            (path, done)
        }
        Task::Remove(path) => {
            let path = out.join(path);
            let done = fs::remove_file(&path);
            (path, done)
        }
    };
    done.map_err(|error| (path, error))
}

fn text(out: &Path, tasks: &[Task], files: usize, check: bool) -> String {
    let mut text = String::new();
    let (mut written, mut removed) = (0, 0);
    for task in tasks {
        let (words, path) = match task {
            Task::Add(file) => (["written", "missing"], &file.path),
            Task::Change(file) => (["written", "differs"], &file.path),
            Task::Remove(path) => (["removed", "stale"], path),
        };
        *(if matches!(task, Task::Remove(_)) { &mut removed } else { &mut written }) += 1;
        _ = writeln!(text, "{:<8} {}", words[usize::from(check)], out.join(path).display());
    }
    let same = files - written;
    _ = match (check, tasks.is_empty()) {
        (_, true) => writeln!(text, "{files} files, all as they should be"),
        (false, false) => writeln!(text, "{files} files: {written} written, {same} unchanged; {removed} removed"),
        (true, false) => writeln!(
            text,
            "{files} files: {written} to write, {same} as they should be; {removed} stale; `revbus schema generate` does it"
        ),
    };
    text
}
