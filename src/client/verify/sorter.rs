//! Sorting more entries than memory holds: sorted runs in temporary files that have no name, merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _};

use crate::verify::{ENTRY_BYTES, Entry};

/// How many entries are sorted in memory: 16 MiB of them.
const RUN_ENTRIES: usize = 1 << 18;
/// How many files a pile has at most; then they become one.
const MOST_RUNS: usize = 128;

type Bytes = [u8; ENTRY_BYTES];

/// A pile of entries that grows.
#[derive(Debug)]
pub(super) struct Sorter {
    buffer: Vec<Bytes>,
    runs: Vec<File>,
    run_entries: usize,
}

impl Sorter {
    /// An empty pile.
    pub(super) fn new() -> Self {
        Self::with_runs_of(RUN_ENTRIES)
    }

    pub(super) const fn with_runs_of(run_entries: usize) -> Self {
        Self { buffer: Vec::new(), runs: Vec::new(), run_entries }
    }

    /// Puts an entry on it.
    pub(super) fn push(&mut self, entry: &Entry) -> io::Result<()> {
        self.buffer.push(entry.encode());
        if self.buffer.len() < self.run_entries {
            return Ok(());
        }
        self.buffer.sort_unstable();
        self.runs.push(write(self.buffer.drain(..).map(Ok))?);
        if self.runs.len() >= MOST_RUNS {
            let merged = write(Merge::of(std::mem::take(&mut self.runs))?)?;
            self.runs.push(merged);
        }
        Ok(())
    }

    /// All entries, in order.
    pub(super) fn sorted(mut self) -> io::Result<impl Iterator<Item = io::Result<Entry>>> {
        self.buffer.sort_unstable();
        let (buffer, files) = if self.runs.is_empty() {
            (self.buffer, Vec::new())
        } else {
            self.runs.push(write(self.buffer.into_iter().map(Ok))?);
            (Vec::new(), self.runs)
        };
        let merged = Merge::of(files)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a temporary file was changed");
        Ok(buffer.into_iter().map(Ok).chain(merged).map(move |bytes| Entry::decode(&bytes?).ok_or_else(damaged)))
    }
}

/// Writes a run.
fn write(entries: impl Iterator<Item = io::Result<Bytes>>) -> io::Result<File> {
    let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
    for entry in entries {
        out.write_all(&entry?)?;
    }
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// Sorted runs as one.
struct Merge {
    runs: Vec<BufReader<File>>,
    heads: BinaryHeap<Reverse<(Bytes, usize)>>,
}

impl Merge {
    fn of(files: Vec<File>) -> io::Result<Self> {
        let mut runs: Vec<_> = files.into_iter().map(|file| BufReader::with_capacity(1 << 16, file)).collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            heads.extend(next(run)?.map(|bytes| Reverse((bytes, index))));
        }
        Ok(Self { runs, heads })
    }
}

impl Iterator for Merge {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut head = self.heads.peek_mut()?;
        let Reverse((bytes, index)) = *head;
        match self.runs.get_mut(index).map_or(Ok(None), next) {
            Ok(Some(next)) => *head = Reverse((next, index)),
            Ok(None) => _ = PeekMut::pop(head),
            Err(error) => return Some(Err(error)),
        }
        Some(Ok(bytes))
    }
}

fn next(run: &mut BufReader<File>) -> io::Result<Option<Bytes>> {
    let mut bytes = [0; ENTRY_BYTES];
    match run.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
