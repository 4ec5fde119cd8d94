//! A full file cache, as the machine of a broker has it that has run for long. Memory that nobody uses, a virtual machine's
//! host may take back, and gives it again page by page when it is touched: ten microseconds each were seen, a third of a page
//! an event. Whoever runs while there is little of it seems fast.

use std::fs::{File, read_to_string};
use std::io::{Read as _, Seek as _};
use std::thread;
use std::time::Duration;

/// What a kernel keeps free in any case is less.
const MOST_FREE: f64 = 0.02;
/// Until the files of topics that were deleted are gone: a broker of `scripts/kafka` waits for a second.
const DELETED: Duration = Duration::from_secs(2);

/// Fills the file cache.
pub struct FileCache {
    /// Nothing is written in it: it takes no room on the disk, and no page of it has to be written when another is needed.
    file: File,
    buffer: Vec<u8>,
}

impl FileCache {
    pub fn new() -> Self {
        let file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        file.set_len(memory("MemTotal:") as u64).unwrap();
        Self { file, buffer: vec![0; 1 << 20] }
    }

    /// Reads on, round and round, until nearly no memory is free; where that does not help, once through all.
    pub fn fill(&mut self) {
        thread::sleep(DELETED);
        let total = memory("MemTotal:");
        let mut left = total;
        while left > 0.0 && memory("MemFree:") > MOST_FREE * total {
            let read = self.file.read(&mut self.buffer).unwrap();
            left -= read as f64;
            if read == 0 {
                self.file.rewind().unwrap();
            }
        }
    }
}

/// Bytes of memory of this kind.
fn memory(kind: &str) -> f64 {
    let info = read_to_string("/proc/meminfo").unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix(kind)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}
