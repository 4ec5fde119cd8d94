//! Watches a process from outside: how far its group is committed, what CPU time and memory it takes.

use std::fs::{File, read_to_string};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::broker::{Broker, Positions};

const BETWEEN_SAMPLES: Duration = Duration::from_millis(20);
const LONGEST_RUN: Duration = Duration::from_secs(600);
/// Linux counts CPU time in hundredths of a second, wherever it shows it.
const TICKS_PER_SECOND: f64 = 100.0;
const PAGE_BYTES: f64 = 4096.0;

/// A process at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub at: Instant,
    /// Facts whose effects are committed.
    pub done: usize,
    /// CPU seconds of the process and of the broker.
    pub cpu: f64,
    pub broker: f64,
    pub resident_mb: f64,
}

/// A process that routes. Dropping it kills it.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a command; what it prints goes to `log`.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let file = File::create(log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Self { child: command.spawn().unwrap() }
    }

    /// Samples the process until all facts are committed.
    pub fn watch(&mut self, broker: &Broker, positions: &Positions, facts: usize) -> Vec<Sample> {
        let begun = Instant::now();
        let mut samples: Vec<Sample> = Vec::new();
        loop {
            assert!(self.child.try_wait().unwrap().is_none(), "the process ended by itself");
            let done = positions.committed();
            let resident_mb = resident_pages(self.child.id()) * PAGE_BYTES / 1e6;
            let (cpu, broker) = (cpu_seconds(self.child.id()), cpu_seconds(broker.pid));
            samples.push(Sample { at: Instant::now(), done, cpu, broker, resident_mb });
            if done >= facts {
                return samples;
            }
            assert!(begun.elapsed() < LONGEST_RUN, "{done} of {facts} facts after {LONGEST_RUN:?}");
            std::thread::sleep(BETWEEN_SAMPLES);
        }
    }

    /// The most memory that it ever had.
    pub fn peak_mb(&self) -> f64 {
        let status = read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0 / 1e6
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(mut self) {
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The CPU time of all threads of a process, user and system; 0 for a process that is not given.
fn cpu_seconds(pid: u32) -> f64 {
    if pid == 0 {
        return 0.0;
    }
    let stat = read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold anything: state is the first field, utime the 12th, stime the 13th.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / TICKS_PER_SECOND
}

fn resident_pages(pid: u32) -> f64 {
    let statm = read_to_string(format!("/proc/{pid}/statm")).unwrap();
    statm.split(' ').nth(1).unwrap().parse().unwrap()
}
