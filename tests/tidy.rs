//! Rules of the house that no compiler checks: which layer may use which, who may name `rdkafka` or be `unsafe`, how
//! long a file may be, and how tests wait. Each finding names its file, so that it can be put right at once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]

use std::path::{Path, PathBuf};

/// The layers from the bottom up, with their modules; a module may use its own layer and those before it.
const LAYERS: &[(&str, &[&str])] = &[
    ("words", &["diagnostic", "ids", "json", "swar", "time"]),
    (
        "domain",
        &["audit", "catalogue", "envelope", "policy", "reason", "schema", "state", "tenant", "trigger", "workflow"],
    ),
    ("kernel", &["kernel", "verify"]),
    ("kafka", &["kafka"]),
    ("runtime", &["client", "router", "telemetry"]),
    ("surfaces", &["cli", "config", "dev", "http", "main"]),
];
const LONGEST_SOURCE: usize = 300;
const LONGEST_FFI: usize = 150;
const LONGEST_ARCHITECTURE: usize = 250;
/// The one file of the tests that sleeps: between two looks at a condition that has a deadline.
const MAY_SLEEP: &str = "tests/it/support/wait.rs";
/// The files that may be unsafe: the seam to librdkafka, and that of the tests' own clients.
const MAY_BE_UNSAFE: &[&str] = &[
    "src/kafka/ffi.rs",
    "src/kafka/ffi/alter.rs",
    "src/kafka/ffi/describe.rs",
    "src/kafka/ffi/discard.rs",
    "src/kafka/ffi/memory.rs",
    "src/kafka/ffi/produce.rs",
    "tests/it/support/native.rs",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below some folders of the repository, with their path in it and their text.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let mut open: Vec<PathBuf> =
        folders.iter().map(|folder| root().join(folder)).filter(|path| path.exists()).collect();
    let mut out = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                out.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    assert!(!out.is_empty());
    out
}

fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

/// Code without comments: what stands behind `//` is prose. (A `//` in a string hides the rest of its line: fine here.)
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(|line| line.split("//").next().unwrap_or("")))
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}

/// The modules of this crate that a file names: `crate::x…`, `crate::{x, y::…}`, and `revbus::x` in the binary.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let code: Vec<_> = code(text).collect();
    for (index, (number, line)) in code.iter().enumerate() {
        for (at, _) in line.match_indices("crate::").chain(line.match_indices("revbus::")) {
            let rest = &line[line[at..].find("::").unwrap() + at + 2..];
            let Some(list) = rest.strip_prefix('{') else {
                out.push((*number, word(rest)));
                continue;
            };
            let more = code[index + 1..].iter().map(|(_, line)| *line);
            let list: String = std::iter::once(list).chain(more).collect::<Vec<_>>().join(" ");
            out.extend(members(&list).into_iter().map(|member| (*number, member)));
        }
    }
    out.retain(|(_, module)| module.chars().next().is_some_and(char::is_lowercase));
    out
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of a list `a, b::{c, d}, e}`.
fn members(list: &str) -> Vec<String> {
    let (mut depth, mut start, mut out) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                out.push(word(&list[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    out
}

#[test]
fn arrows_point_down_only() {
    let mut findings = Vec::new();
    for (file, text) in files(&["src"]) {
        let module = file.strip_prefix("src/").unwrap().split(['/', '.']).next().unwrap();
        if ["lib", "golden"].contains(&module) {
            continue; // the list of modules, and a helper of tests
        }
        let Some(own) = layer(module) else {
            findings.push(format!("{file}: the module {module} is in no layer; add it to LAYERS in tests/tidy.rs"));
            continue;
        };
        for (line, other) in named(&text) {
            if layer(&other).is_some_and(|other| other > own) {
                let (own, other_layer) = (LAYERS[own].0, LAYERS[layer(&other).unwrap()].0);
                findings.push(format!("{file}:{line}: {own} uses {other}, of the layer {other_layer} above it"));
            }
        }
    }
    none("a layer uses one above it", &findings);
}

/// Reports each line of some files that has one of these words, outside the files that may.
fn banned(folders: &[&str], words: &[&str], may: impl Fn(&str) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for (file, text) in files(folders).into_iter().filter(|(file, _)| !may(file) && file != "tests/tidy.rs") {
        for (number, line) in code(&text) {
            findings.extend(
                words.iter().filter(|word| line.contains(*word)).map(|word| format!("{file}:{number}: {word}")),
            );
        }
    }
    findings
}

#[test]
fn only_the_kafka_layer_names_rdkafka() {
    none(
        "rdkafka outside src/kafka",
        &banned(&["src"], &["rdkafka::", "rdkafka_sys"], |file| file.starts_with("src/kafka/")),
    );
}

#[test]
fn unsafe_code_has_its_places() {
    let may = |file: &str| MAY_BE_UNSAFE.contains(&file);
    none(
        "unsafe code",
        &banned(&["src", "tests"], &["unsafe {", "unsafe fn", "unsafe impl", "allow(unsafe_code"], may),
    );
}

#[test]
fn the_pure_layers_know_no_clock_and_no_files() {
    let pure = |file: &str| {
        let module = file.strip_prefix("src/").and_then(|file| file.split(['/', '.']).next()).unwrap_or("");
        layer(module).is_some_and(|layer| layer <= 2) && file != "src/time.rs" && !file.contains("tests")
    };
    let words = ["std::fs", "Instant::now", "SystemTime", "tokio::", "std::net", "std::env"];
    none("a pure layer that is not", &banned(&["src"], &words, |file| !pure(file)));
}

#[test]
fn tests_wait_for_conditions() {
    let sleeps = ["thread::sleep", "time::sleep", "sleep("];
    none(
        "a test that sleeps; use `eventually`",
        &banned(&["tests", "src"], &sleeps, |file| {
            file == MAY_SLEEP || (file.starts_with("src/") && !file.contains("tests"))
        }),
    );
    none("a test that is never run", &banned(&["tests", "src"], &["#[ignore"], |_| false));
}

#[test]
fn files_have_a_length_that_can_be_read() {
    let mut findings = Vec::new();
    for (file, text) in files(&["src", "tests", "benches"]) {
        let limit = if file.starts_with("src/kafka/ffi") { LONGEST_FFI } else { LONGEST_SOURCE };
        let lines = text.lines().count();
        if lines > limit {
            findings.push(format!("{file}: {lines} lines, {limit} allowed"));
        }
    }
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    if architecture.lines().count() > LONGEST_ARCHITECTURE {
        findings.push(format!("ARCHITECTURE.md: more than {LONGEST_ARCHITECTURE} lines"));
    }
    none("too long", &findings);
}

#[test]
fn lists_of_modules_are_read_in_every_form() {
    let text = "use crate::ids::TypeId;\nuse crate::{\n  kafka::{self, ffi},\n  http,\n};\nlet x = crate::cli::main(); // crate::no\n";
    let named: Vec<_> = named(text).into_iter().map(|(line, module)| format!("{line} {module}")).collect();
    assert_eq!(named, ["1 ids", "2 kafka", "2 http", "6 cli"]);
}
