//! The process under test.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::wait::eventually;

/// A running `revbus router`. Dropping it kills it; when the test is failing, its last lines are shown.
pub struct Router {
    child: Child,
    log: PathBuf,
    /// How many bytes earlier processes left in the log.
    inherited: usize,
}

/// The binary under test.
pub fn revbus() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revbus"));
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

impl Router {
    /// Starts a command; what it prints goes into `log`, behind what earlier processes left there.
    pub fn spawn(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let inherited = usize::try_from(file.metadata().unwrap().len()).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().expect("the router starts");
        Self { child, log: log.to_owned(), inherited }
    }

    /// All that it printed so far, behind what earlier processes printed.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    /// The most memory that it had resident so far, in KiB; `None` once it is gone.
    pub fn most_resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
    }

    /// Where it serves metrics and health, once it says so: `listening on http://ADDRESS`.
    pub fn address(&mut self) -> String {
        const SAYS: &str = "listening on http://";
        eventually("the router listens", Duration::from_secs(120), || {
            assert!(self.child.try_wait().unwrap().is_none(), "the router ended: {}", self.output());
            let log = std::fs::read(&self.log).unwrap();
            let output = String::from_utf8_lossy(&log[self.inherited..]);
            let (_, rest) = output.rsplit_once(SAYS)?;
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".:[]".contains(c)))?;
            Some(rest[..end].to_owned())
        })
    }

    /// SIGKILL: it cannot clean up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal such as `TERM`.
    pub fn signal(&self, name: &str) {
        // The shell's own `kill`: not every machine has the program.
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status().unwrap();
        assert!(sent.success(), "the router is gone: {}", self.output());
    }

    /// Waits for the end that a fail point makes: SIGKILL, sent by itself.
    pub fn killed_within(&mut self, within: Duration) {
        let status = eventually("the router comes to its fail point", within, || self.child.try_wait().unwrap());
        assert_eq!(status.signal(), Some(9), "ended by {status}: {}", self.output());
    }

    /// Whether it is stopped, as by SIGSTOP.
    pub fn is_stopped(&self) -> bool {
        self.status("State:").is_some_and(|state| state.starts_with('T'))
    }

    /// The most memory that it ever had resident, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let peak = self.status("VmHWM:").expect("a running process");
        1024 * peak.trim_end_matches("kB").trim().parse::<u64>().unwrap()
    }

    fn status(&self, key: &str) -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned())
    }

    /// Its exit code, if it has ended.
    pub fn ended(&mut self) -> Option<i32> {
        let status = self.child.try_wait().unwrap()?;
        Some(status.code().unwrap_or_else(|| panic!("ended by {status}: {}", self.output())))
    }

    /// Its exit code, which must come in time.
    pub fn exit_within(&mut self, within: Duration) -> i32 {
        eventually("the router exits", within, || self.ended())
    }

    /// SIGTERM, and exit code 0 within ten seconds.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.exit_within(Duration::from_secs(10)), 0, "{}", self.output());
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            let output = self.output();
            // Dead letters are what a test sends on purpose; other lines say what went wrong.
            let lines: Vec<_> = output.lines().filter(|line| !line.contains(" dead letter ")).collect();
            eprintln!("--- {} ---\n{}", self.log.display(), lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}
