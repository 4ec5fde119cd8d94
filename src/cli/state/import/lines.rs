//! The lines of a file, one after the other, with a bar for long ones.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read};
use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Exit, Failure};

/// The longest line that is read.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// Reads lines that are not empty, with their numbers.
pub(super) struct Lines {
    name: String,
    input: BufReader<Box<dyn Read>>,
    bar: ProgressBar,
    number: usize,
}

impl Lines {
    pub(super) fn open(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let (input, length): (Box<dyn Read>, u64) = if file == Path::new("-") {
            (Box::new(io::stdin()), 0)
        } else {
            let opened = File::open(file).with_context(|| format!("{name}: failed to open"))?;
            let length = opened.metadata().map_or(0, |metadata| metadata.len());
            (Box::new(opened), length)
        };
        let input = BufReader::with_capacity(1 << 16, input);
        Ok(Self { name, input, bar: bar(length), number: 0 })
    }

    /// Of the last line that was read.
    pub(super) const fn number(&self) -> usize {
        self.number
    }

    pub(super) fn next(&mut self) -> anyhow::Result<Option<(usize, String)>> {
        loop {
            self.number += 1;
            let mut line = Vec::new();
            let read = self.input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
            let read = read.with_context(|| format!("{}:{}: failed to read", self.name, self.number))? as u64;
            self.bar.inc(read);
            match read {
                0 => return Ok(None),
                MAX_LINE => {
                    let what = format!("{}:{}: a line of more than 64 MiB", self.name, self.number);
                    return Err(Failure::new(Exit::Usage, what));
                }
                _ => {}
            }
            if !line.trim_ascii().is_empty() {
                // What is not UTF-8 is no JSON, and is refused as such.
                return Ok(Some((self.number, String::from_utf8_lossy(&line).into_owned())));
            }
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn bar(length: u64) -> ProgressBar {
    if length == 0 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
