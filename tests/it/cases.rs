//! `revbus test` as a process: where it finds cases, how it ends, what it prints where. No broker is needed.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::cluster::text;
use crate::support::router::revbus;

const CATALOGUE: &str = "\
version: 1
modules:
  sales:
    outbound:
      sales.won:
        key: id
        payload: {id: string, amount: number}
        triggers:
          - work.pay
          - {emit: work.cheer, when: 'data.amount > 100.0'}
  work:
    actions: {work.pay: , work.cheer: }
";
const PASSES: &str = "\
tests:
  - name: a small sale pays
    given: {type: sales.won, data: {id: a, amount: 1}}
    expect: work.pay
";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Runs `revbus test` with these words there; gives exit code, stdout, and everything.
fn run(dir: &Path, words: &str) -> (i32, String, String) {
    let output = revbus().arg("test").args(words.split_whitespace()).current_dir(dir).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned(), text(&output))
}

#[test]
fn cases_are_found_in_the_catalogue_and_beside_it() {
    let inline = format!("{CATALOGUE}{}", PASSES.replace("a small", "an inline"));
    let big = PASSES.replace("a small", "a big").replace("amount: 1}", "amount: 500}");
    let big = big.replace("expect: work.pay", "expect: [work.pay, work.cheer]");
    let dir = folder(&[
        ("deploy/topics.yaml", &inline),
        ("deploy/tests/a.yaml", PASSES),
        ("deploy/tests/b.yml", &big),
        ("deploy/tests/notes.txt", "no cases"),
        ("more/c.yaml", PASSES),
    ]);
    let at = "--catalogue deploy/topics.yaml";
    let (code, out, all) = run(dir.path(), at);
    assert_eq!(
        (code, out.contains("3 cases: 3 passed, 0 failed\n2 triggers: every one is exercised\n")),
        (0, true),
        "{all}"
    );
    assert!(!all.contains("RB0110"), "{all}");
    // What is named is all that runs, also a folder.
    let (code, out, _) = run(dir.path(), &format!("more {at}"));
    assert_eq!(code, 0);
    assert!(
        out.contains("1 case: 1 passed")
            && out.contains("1 trigger of 2 is never exercised\n  sales.won → work.cheer\n"),
        "{out}"
    );
    let (code, out, _) = run(dir.path(), &format!("{at} --filter big"));
    assert_eq!((code, out.contains("1 case: 1 passed"), out.contains("inline")), (0, true, false), "{out}");
    let (code, _, all) = run(dir.path(), &format!("more {at} --min-coverage 51%"));
    assert_eq!((code, all.contains("50 % of the triggers are exercised, and 51 % are asked for")), (1, true), "{all}");
    assert_eq!(run(dir.path(), &format!("more {at} --min-coverage 50%")).0, 0);
}

#[test]
fn a_case_that_fails_makes_exit_code_1_and_a_wrong_one_2() {
    let fails = PASSES.replace("expect: work.pay", "expect: [work.pay, work.cheer]");
    let dir = folder(&[
        ("topics.yaml", CATALOGUE),
        ("fails.yaml", &fails),
        ("wrong.yaml", &PASSES.replace("given", "givn")),
        ("broken.yaml", "tests: ["),
        ("none.yaml", "tests: []\n"),
    ]);
    let (code, out, _) = run(dir.path(), "fails.yaml");
    assert_eq!(code, 1);
    assert!(out.contains("FAIL  a small sale pays  fails.yaml:2"), "{out}");
    assert!(out.contains("does not: `data.amount > 100.0` is false (data.amount = 1.0)"), "{out}");
    assert!(!out.contains('\x1b'), "{out:?}");

    let (code, out, all) = run(dir.path(), "wrong.yaml broken.yaml fails.yaml");
    assert_eq!((code, out.as_str()), (2, ""), "{all}");
    for said in [
        "error[RB0103]: a case has no key `givn`",
        "wrong.yaml:3:5",
        "did you mean `given`?",
        "broken.yaml:1",
        "2 files of cases cannot be used",
    ] {
        assert!(all.contains(said), "{said} is not in\n{all}");
    }
    for words in ["nowhere.yaml", "none.yaml", "", "fails.yaml --filter nothing", "fails.yaml --min-coverage 101"] {
        assert_eq!(run(dir.path(), words).0, 2, "{words}");
    }
}

#[test]
fn a_catalogue_with_errors_ends_as_it_does_elsewhere() {
    let dir = folder(&[("topics.yaml", &CATALOGUE.replace("work.pay:", "work.pai:")), ("a.yaml", PASSES)]);
    let (code, _, all) = run(dir.path(), "a.yaml");
    assert_eq!((code, all.contains("topics.yaml does not compile")), (1, true), "{all}");
}

#[test]
fn programs_read_the_same_as_json() {
    let fails = PASSES.replace("expect: work.pay", "expect: nothing");
    let dir = folder(&[("topics.yaml", CATALOGUE), ("a.yaml", &fails)]);
    let (code, out, _) = run(dir.path(), "a.yaml -o json");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["passed"], &json["failed"]), (1, &Value::from(0), &Value::from(1)));
    assert_eq!(json["cases"][0]["line"], 2);
    assert_eq!(json["cases"][0]["differences"][0]["at"], "work.pay");
    assert_eq!(json["coverage"]["percent"], 50);
    assert_eq!(json["coverage"]["triggers"][1]["cases"], 0);
}

/// The cases that are shipped with the catalogue, as a user runs them in a clone.
#[test]
fn the_shipped_cases_pass() {
    let (code, out, all) = run(Path::new(env!("CARGO_MANIFEST_DIR")), "--min-coverage 100%");
    assert_eq!((code, out.contains("31 triggers: every one is exercised")), (0, true), "{all}");
}

/// The cases that the guide shows, on the shipped catalogue.
#[test]
fn the_cases_of_the_guide_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(root.join("docs/contract.md")).unwrap();
    let blocks = guide.split("```yaml\ntests:").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let blocks: Vec<_> = blocks.map(|yaml| format!("tests:{yaml}")).collect();
    assert_eq!(blocks.len(), 2, "cases of facts, and cases of updates");
    let dir = folder(&[("facts.yaml", &blocks[0]), ("updates.yaml", &blocks[1])]);
    let (code, out, all) = run(root, dir.path().to_str().unwrap());
    assert_eq!((code, out.contains("4 cases: 4 passed")), (0, true), "{all}");
}
