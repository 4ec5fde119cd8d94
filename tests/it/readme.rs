//! Every command of the README is run. A command in a block marked `sh` must be known here, with the way to run it;
//! a command that nobody knows fails the test, and so does an entry that the README no longer has.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::cluster::text;
use crate::support::router::revbus;
use crate::support::{Bus, Cluster};

/// How a command of the README is run.
enum Run {
    /// Its own words, `revbus` being the binary under test, in an empty folder that has the shipped catalogue; a
    /// broker's address is replaced by the tests' own. It must end with this exit code.
    Asis(i32),
    /// As above, with these words behind it: to make a command end that would go on for ever.
    With(&'static [&'static str], i32),
    /// Run elsewhere in the tests, or by the tests' own caller; says where.
    Elsewhere(&'static str),
}
use Run::{Asis, Elsewhere, With};

/// The README's commands by their beginnings; the longest that fits counts.
const KNOWN: &[(&str, Run)] = &[
    ("git clone", Elsewhere("whoever reads this has done it")),
    ("cd ", Elsewhere("whoever reads this has done it")),
    ("scripts/test", Elsewhere(".ci/run calls it")),
    ("scripts/dev", Elsewhere("builds and runs `revbus dev`, which has an entry of its own")),
    ("scripts/kafka", Elsewhere("support/cluster.rs runs it for every test")),
    ("docker compose", Elsewhere(".ci/run checks the file")),
    ("cargo install", Elsewhere("cargo's own")),
    ("revbus check", Asis(0)),
    ("revbus explain", Asis(0)),
    ("revbus topics plan", Asis(0)),
    ("revbus topics apply", Asis(0)),
    ("revbus router", Elsewhere("exactly_once.rs, shutdown.rs and the others")),
    ("revbus publish", Asis(0)),
    ("revbus tap", With(&["--until-idle", "2s"], 0)),
    ("revbus dev", With(&["--for", "5s"], 0)),
];

fn readme() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    std::fs::read_to_string(file).expect(file)
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
fn every_command_of_the_readme_is_known() {
    let unknown: Vec<_> = commands(&readme()).into_iter().filter(|command| known(command).is_none()).collect();
    assert!(unknown.is_empty(), "add these to KNOWN in tests/it/readme.rs: {unknown:#?}");
}

#[test]
fn every_command_of_the_readme_runs() {
    let bus = Bus::shipped(Cluster::shared(), "readme", 1);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = bus.dir.path().join("readme");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(&bus.catalogue, folder.join("topics.yaml")).unwrap();
    // What the README's commands read beside the catalogue stands in the repository's own folders.
    for name in ["examples", "schemas", "scripts"] {
        if root.join(name).exists() {
            std::os::unix::fs::symlink(root.join(name), folder.join(name)).unwrap();
        }
    }
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_revbus")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut run = BTreeSet::new();
    for command in commands(&readme()) {
        let (more, code): (&[&str], _) = match known(&command) {
            Some((_, Asis(code))) => (&[], *code),
            Some((_, With(more, code))) => (more, *code),
            Some((_, Elsewhere(place))) => {
                println!("{command}: {place}");
                continue;
            }
            None => continue,
        };
        let line = command.trim_start_matches("target/release/").replace("127.0.0.1:9092", &bus.broker.bootstrap);
        let line = format!("{} {}", line.replace("localhost:9092", &bus.broker.bootstrap), more.join(" "));
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", &line]).current_dir(&folder).env("PATH", &path).env("NO_COLOR", "1");
        let output = shell.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "$ {line}\n{}", text(&output));
        run.insert(command);
    }
    assert!(!run.is_empty(), "the README has no command of revbus in a block marked sh");
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
