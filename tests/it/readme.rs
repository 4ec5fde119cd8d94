//! Every command of the README, and of the guides that it sends its reader to, is run. A command in a block marked `sh` must be known here, with the way to run it;
//! a command that nobody knows fails the test, and so does an entry that the README no longer has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use revbus::diagnostic::Severity;

use crate::support::cluster::text;
use crate::support::router::{Router, revbus};
use crate::support::{Bus, Cluster, Follower, eventually};

/// How a command of the README is run.
enum Run {
    /// Its own words, `revbus` being the binary under test, in an empty folder that has the shipped catalogue; the
    /// environment names the tests' own broker. It must end with this exit code.
    Asis(i32),
    /// As above, with these words behind it: to make a command end that would go on for ever.
    With(&'static [&'static str], i32),
    /// Started, and left to run beside the commands behind it; at the end SIGTERM must end it well.
    Beside,
    /// Run elsewhere in the tests, or by the tests' own caller; says where.
    Elsewhere(&'static str),
}
use Run::{Asis, Beside, Elsewhere, With};

/// The README's commands by their beginnings; the longest that fits counts.
const KNOWN: &[(&str, Run)] = &[
    ("scripts/test", Elsewhere(".ci/run calls it")),
    ("scripts/dev", Elsewhere("builds and runs `revbus dev`, which dev.rs runs")),
    ("docker compose", Elsewhere(".ci/run checks the file")),
    ("cargo install", Elsewhere("cargo's own")),
    ("curl -s http://localhost:9464/readyz", Asis(0)),
    ("curl -sS --fail-with-body -X POST http://localhost:9464/-/reload", Asis(0)),
    ("revbus check", Asis(0)),
    ("revbus graph", Asis(0)),
    ("revbus explain", Asis(0)),
    ("revbus schema generate", Asis(0)),
    ("revbus schema check", Asis(0)),
    ("revbus test", Asis(0)),
    ("revbus topics plan", Asis(0)),
    ("revbus topics apply", Asis(0)),
    ("revbus router", Beside),
    ("revbus publish", Asis(0)),
    ("revbus tap", With(&[], 0)),
    ("revbus dlq list", Asis(0)),
    ("revbus dlq replay", Asis(0)),
    ("revbus state", Asis(0)),
    ("revbus verify", Asis(0)),
];

/// Where the README's router serves metrics and health.
const LISTEN: &str = "localhost:9464";

fn readme() -> String {
    let read = |file: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
    ["README.md", "docs/contract.md", "docs/operating.md"].map(read).concat()
}

/// The commands of all blocks marked `sh`: lines that end in a backslash joined, comments and empty lines left out.
fn commands(readme: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut inside = false;
    let mut open = String::new();
    for line in readme.lines() {
        let fence = line.trim_start();
        if fence.starts_with("```") {
            inside = fence == "```sh";
            continue;
        }
        let line = line.trim();
        if !inside || line.is_empty() || line.starts_with('#') {
            continue;
        }
        open.push_str(line.strip_suffix('\\').unwrap_or(line));
        if !line.ends_with('\\') {
            out.push(std::mem::take(&mut open));
        }
    }
    out
}

fn known(command: &str) -> Option<&'static (&'static str, Run)> {
    let command = command.trim_start_matches("target/release/");
    let fits = KNOWN.iter().filter(|(start, _)| command.starts_with(start));
    fits.max_by_key(|(start, _)| start.len())
}

#[test]
fn the_commands_of_the_readme_are_the_known_ones() {
    let commands = commands(&readme());
    let unknown: Vec<_> = commands.iter().filter(|command| known(command).is_none()).collect();
    assert!(unknown.is_empty(), "add these to KNOWN in tests/it/readme.rs: {unknown:#?}");
    let used: BTreeSet<_> = commands.iter().filter_map(|command| known(command)).map(|(start, _)| start).collect();
    let stale: Vec<_> = KNOWN.iter().map(|(start, _)| start).filter(|start| !used.contains(start)).collect();
    assert!(stale.is_empty(), "the README has none of these any more, so KNOWN should not: {stale:?}");
}

/// Where the README's commands run: a folder with the shipped catalogue, the broker in the environment.
struct Shell {
    bus: Bus,
    folder: PathBuf,
    path: String,
}

impl Shell {
    fn new() -> Self {
        let bus = Bus::shipped(Cluster::shared(), "readme", 1);
        let folder = bus.dir.path().join("readme");
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(&bus.catalogue, folder.join("topics.yaml")).unwrap();
        for (source, name) in [
            (concat!(env!("CARGO_MANIFEST_DIR"), "/examples"), "examples"),
            (concat!(env!("CARGO_MANIFEST_DIR"), "/tests"), "tests"),
        ] {
            std::os::unix::fs::symlink(source, folder.join(name)).unwrap();
        }
        let bin = Path::new(env!("CARGO_BIN_EXE_revbus")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        Self { bus, folder, path }
    }

    fn command(&self, line: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", line]).current_dir(&self.folder).env("PATH", &self.path);
        shell.env("NO_COLOR", "1").env("REVBUS_BROKERS", &self.bus.broker.bootstrap);
        shell.env("REVBUS_LISTEN", "127.0.0.1:0").stdin(Stdio::null());
        shell
    }

    fn run(&self, line: &str, code: i32) -> String {
        let output = self.command(line).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "$ {line}\n{}", text(&output));
        text(&output)
    }
}

#[test]
fn every_command_of_the_readme_runs() {
    let shell = Shell::new();
    let mut beside: Option<Router> = None;
    let mut said = String::new();
    for command in commands(&readme()) {
        let Some((_, run)) = known(&command) else { continue };
        match run {
            Elsewhere(place) => println!("{command}: {place}"),
            Asis(code) => {
                let address = beside.as_mut().map_or_else(|| LISTEN.to_owned(), Router::address);
                said += &shell.run(&command.replace(LISTEN, &address), *code);
            }
            With(more, code) => said += &shell.run(&format!("{command} {}", more.join(" ")), *code),
            Beside => {
                let router = shell.command(&format!("exec {command}"));
                let audit = Follower::of(&shell.bus.broker, &[shell.bus.topic("revbus.audit")]);
                beside = Some(Router::spawn(router, &shell.bus.dir.path().join("router.log")));
                wait_until_it_routes(&shell, &audit);
            }
        }
    }
    // The reader is promised the command, and the dead letter with its sentence.
    for promised in ["compensation.calculate/", "routed → compensation.calculate", "must be a string", ": 1 went back"]
    {
        assert!(said.contains(promised), "{promised} is not in what the commands say:\n{said}");
    }
    beside.expect("the README starts a router").stop();
}

/// The commands that follow take for granted that the router has joined its group.
fn wait_until_it_routes(shell: &Shell, audit: &Follower) {
    let probe = "revbus publish pipeline.deal_won --tenant probe --no-check --data '{}'";
    shell.run(probe, 0);
    eventually("the router routes", Duration::from_secs(120), || (audit.count() > 0).then_some(()));
}

#[test]
fn the_catalogue_of_the_readme_compiles() {
    let readme = readme();
    let (_, rest) = readme.split_once("```yaml\n").expect("a block marked yaml");
    let (yaml, _) = rest.split_once("```").unwrap();
    let (catalogue, diagnostics) = revbus::catalogue::compile("README.md", yaml);
    let wrong: Vec<_> = diagnostics.iter().filter(|found| found.severity != Severity::Note).collect();
    assert!(catalogue.is_some() && wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_version_on_the_command_line_is_the_packages() {
    let output = revbus().arg("--version").output().unwrap();
    assert_eq!(text(&output).trim(), concat!("revbus ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn commands_are_found_in_blocks_marked_sh_only() {
    let text = "```sh\n# no\nrevbus tap \\\n  'a.*'\n\nls | wc\n```\n```json\n{}\n```\n  ```sh\n  cd x\n  ```\n";
    assert_eq!(commands(text), ["revbus tap 'a.*'", "ls | wc", "cd x"]);
}
