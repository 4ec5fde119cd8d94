//! What is read before the view may be read: sorted runs, merged into the file at the end. A table of scattered keys that
//! grows batch by batch has nearly each of its pages written once a batch, and leaves them half full.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, IntoInnerError, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::super::entry::Entry;

const FILE: &str = "state.run";
const WRITE_BUFFER: usize = 1 << 20;
const READ_BUFFER: usize = 256 << 10;

/// Runs, the oldest first, each in a file without a name: it is gone with the process.
pub(super) struct Runs {
    path: PathBuf,
    files: Vec<File>,
}

impl Runs {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE), files: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }

    /// One more, of records sorted by key, those of one key in their order.
    pub(super) fn push(&mut self, batch: &[Entry]) -> io::Result<()> {
        let file = File::options().create(true).truncate(true).read(true).write(true).open(&self.path)?;
        fs::remove_file(&self.path)?;
        let mut out = BufWriter::with_capacity(WRITE_BUFFER, file);
        for entry in Entry::last_of_each(batch) {
            let bytes = entry.as_bytes();
            out.write_all(&(bytes.len() as u64).to_le_bytes())?;
            out.write_all(bytes)?;
        }
        let mut file = out.into_inner().map_err(IntoInnerError::into_error)?;
        file.rewind()?;
        self.files.push(file);
        Ok(())
    }

    /// All of them as one, in which each key has its last record; afterwards there are none.
    pub(super) fn merge(&mut self) -> io::Result<Merged> {
        let runs: Vec<_> = self.files.drain(..).map(|file| BufReader::with_capacity(READ_BUFFER, file)).collect();
        let mut merged = Merged { heads: BinaryHeap::with_capacity(runs.len()), runs };
        (0..merged.runs.len()).try_for_each(|run| merged.pull(run))?;
        Ok(merged)
    }
}

/// Runs as one.
pub(super) struct Merged {
    runs: Vec<BufReader<File>>,
    /// The next record of each: the least key first, of equal ones that of the latest run.
    heads: BinaryHeap<Reverse<(Entry, Reverse<usize>)>>,
}

impl Merged {
    fn pull(&mut self, run: usize) -> io::Result<()> {
        let reader = &mut self.runs[run];
        if reader.fill_buf()?.is_empty() {
            return Ok(());
        }
        let mut len = [0; 8];
        reader.read_exact(&mut len)?;
        let len = usize::try_from(u64::from_le_bytes(len)).map_err(io::Error::other)?;
        let mut bytes = vec![0; len];
        reader.read_exact(&mut bytes)?;
        self.heads.push(Reverse((Entry::of_bytes(bytes.into_boxed_slice()), Reverse(run))));
        Ok(())
    }

    fn step(&mut self) -> io::Result<Option<Entry>> {
        let Some(Reverse((entry, Reverse(run)))) = self.heads.pop() else { return Ok(None) };
        self.pull(run)?;
        while self.heads.peek().is_some_and(|Reverse((older, _))| *older == entry) {
            if let Some(Reverse((_, Reverse(run)))) = self.heads.pop() {
                self.pull(run)?;
            }
        }
        Ok(Some(entry))
    }
}

impl Iterator for Merged {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
