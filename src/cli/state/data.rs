//! `--data JSON|@FILE|-`.

use std::fs::File;
use std::io::{self, Read};

use crate::cli::{Exit, Failure};

/// The most that is read: far beyond what any topic takes.
const MAX_DATA: u64 = 64 * 1024 * 1024;

/// The text that is meant: itself, that of a file, or stdin.
pub(super) fn read(data: &str) -> anyhow::Result<String> {
    match data.strip_prefix('@') {
        Some(path) => {
            let unreadable =
                |error: io::Error| Failure::new(Exit::Usage, format!("--data: cannot read {path}: {error}"));
            text(File::open(path).map_err(unreadable)?).map_err(unreadable)
        }
        None if data == "-" => text(io::stdin().lock())
            .map_err(|error| Failure::new(Exit::Usage, format!("--data: cannot read stdin: {error}"))),
        None => Ok(data.to_owned()),
    }
}

fn text(input: impl Read) -> io::Result<String> {
    let mut text = String::new();
    input.take(MAX_DATA).read_to_string(&mut text)?;
    Ok(text)
}
