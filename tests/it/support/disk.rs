//! A disk that can run full: one in memory, of a size of its own, which only a superuser may mount.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cluster::text;

/// A disk of its own size, until it is dropped.
pub struct Disk(tempfile::TempDir);

impl Disk {
    /// Mounts one; `None`, and a line that says why, where that may not be.
    pub fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("revbus-disk.").tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(dir.path());
        let why = match mount.output() {
            Ok(output) if output.status.success() => return Some(Self(dir)),
            Ok(output) => text(&output),
            Err(error) => error.to_string(),
        };
        println!("no disk to fill: {why}");
        None
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    /// Gives so many bytes of it back.
    pub fn leave(&self, bytes: u64) {
        let file = File::options().write(true).open(self.filler()).unwrap();
        file.set_len(file.metadata().unwrap().len().saturating_sub(bytes)).unwrap();
    }

    /// Gives all of it back.
    pub fn clear(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}
