//! The broker's disk is full: it ends, and comes back when there is room. The disk is one in memory, which only a
//! superuser may mount; `REVBUS_FAULTS=full`.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::cluster::{audited, settled};
use crate::seed::{full, schedule};
use crate::support::cluster::{Kind, text};
use crate::support::{Bus, Cluster, Follower, while_flowing};

const PATIENCE: Duration = Duration::from_secs(180);

/// A disk of its own size, until it is dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(size: &str) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("revbus-disk.").tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(dir.path());
        match mount.output() {
            Ok(output) if output.status.success() => Ok(Self(dir)),
            Ok(output) => Err(text(&output)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Takes all the room that is left.
    fn fill(&self) -> File {
        let mut file = File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        file
    }

    fn clear(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.0.path().join("filler")
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}

#[test]
fn a_full_disk_of_the_broker_loses_nothing_and_doubles_nothing() {
    if !full() {
        println!("a disk that runs full is for REVBUS_FAULTS=full");
        return;
    }
    let disk = match Disk::mount("512m") {
        Ok(disk) => disk,
        Err(why) => {
            println!("no disk to fill: {why}");
            return;
        }
    };
    let rounds = schedule("a_full_disk", |random| (0..3).map(|_| random.between(100, 2000)).collect::<Vec<_>>());
    let folder = disk.folder().join("broker");
    let mut cluster = Some(Cluster::start(Kind::Plain, Some(&folder)));
    let bus = Bus::lean(&cluster.as_ref().unwrap().broker, "disk", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let sent = while_flowing(&bus, 20, 10, || {
        for more in rounds {
            audited(&audit, audit.count() + more, PATIENCE);
            drop(disk.fill());
            cluster.take().unwrap().ends_within(PATIENCE);
            disk.clear();
            cluster = Some(Cluster::start(Kind::Plain, Some(&folder)));
            assert_eq!(router.ended(), None, "the router waits for the broker: {}", router.output());
        }
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
