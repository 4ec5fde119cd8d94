//! `revbus schema`: the files that it writes and finds wanting, and what it says of a change, against a revision of git
//! and against folders. No broker.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::text;
use crate::support::router::revbus;

const SHIPPED: &str = include_str!("../../topics.yaml");

/// What follows every answer about generated schemas.
const NOT_COMPARED: &str = "not compared: state, triggers, subscribers, order; generated schemas do not tell enough of \
    them, a revision or a folder with topics.yaml does\n";

/// A folder with the shipped catalogue.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("topics.yaml"), SHIPPED).unwrap();
    folder
}

/// The shipped catalogue without `rep_id` of `pipeline.deal_won`.
fn without_rep() -> String {
    let (before, deal_won) = SHIPPED.split_once("      pipeline.deal_won:\n        description").unwrap();
    assert!(deal_won.contains("          rep_id: string\n"));
    format!(
        "{before}      pipeline.deal_won:\n        description{}",
        deal_won.replacen("          rep_id: string\n", "", 1)
    )
}

/// Runs `revbus schema WORDS` in a folder; it must end with this exit code. Gives stdout, and what stands on stderr.
#[track_caller]
fn schema(folder: &Path, words: &str, code: i32) -> (String, String) {
    let output = revbus().current_dir(folder).arg("schema").args(words.split(' ')).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "revbus schema {words}\n{}", text(&output));
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn git(folder: &Path, words: &[&str]) -> Output {
    let mut git = Command::new("git");
    for (name, value) in [("CONFIG_GLOBAL", "/dev/null"), ("CONFIG_SYSTEM", "/dev/null")] {
        git.env(format!("GIT_{name}"), value);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.org");
    }
    let output = git.current_dir(folder).args(words).output().unwrap();
    assert!(output.status.success(), "git {words:?}\n{}", text(&output));
    output
}

fn committed() -> TempDir {
    let folder = folder();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    folder
}

#[test]
fn generated_files_are_written_once_and_found_when_they_differ() {
    let folder = folder();
    let path = folder.path();
    let (said, _) = schema(path, "generate --check", 1);
    assert!(said.contains("missing  schemas/avro/pipeline.deal_won.avsc\n"), "{said}");
    let (said, _) = schema(path, "generate", 0);
    assert!(said.contains("written  schemas/json/pipeline.get_pipeline_summary.completed.json\n"), "{said}");
    assert!(said.ends_with("139 files: 139 written, 0 unchanged; 0 removed\n"), "{said}");
    for words in ["generate", "generate --check"] {
        assert_eq!(schema(path, words, 0).0, "139 files, all as they should be\n");
    }
    // A type that is gone, an edit by hand, and a file that is none of ours.
    let schemas = path.join("schemas");
    let deal_won = fs::read_to_string(schemas.join("avro/pipeline.deal_won.avsc")).unwrap();
    fs::write(schemas.join("avro/pipeline.gone.avsc"), deal_won.replace("\"pipeline.deal_won\"", "\"pipeline.gone\""))
        .unwrap();
    fs::write(schemas.join("avro/README.avsc"), "mine").unwrap();
    fs::write(schemas.join("topics.schema.json"), "{}").unwrap();
    let expect = "differs  schemas/topics.schema.json\nstale    schemas/avro/pipeline.gone.avsc\n139 files: 1 to write, 138 as \
        they should be; 1 stale; `revbus schema generate` does it\n";
    assert_eq!(schema(path, "generate --check", 1).0, expect);
    let (said, _) = schema(path, "generate", 0);
    assert!(
        said.ends_with("removed  schemas/avro/pipeline.gone.avsc\n139 files: 1 written, 138 unchanged; 1 removed\n"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(schemas.join("avro/README.avsc")).unwrap(), "mine");
    assert_eq!(schema(path, "generate --check", 0).0, "139 files, all as they should be\n");
}

#[test]
fn what_cannot_be_generated_is_said() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("file"), "").unwrap();
    let (_, said) = schema(path, "generate --out file", 2);
    assert!(said.contains("--out names the folder"), "{said}");
    let (_, said) = schema(path, "generate --catalogue nowhere.yaml", 2);
    assert!(said.contains("cannot read nowhere.yaml"), "{said}");
    fs::write(path.join("topics.yaml"), "version: 2").unwrap();
    schema(path, "generate", 1);
    assert!(!path.join("schemas").exists());
}

#[test]
fn a_change_is_held_against_a_revision() {
    let folder = committed();
    let path = folder.path();
    let nothing = "topics.yaml against main: nothing changed for anybody\n";
    assert_eq!(schema(path, "check --against main", 0).0, nothing);
    fs::write(path.join("topics.yaml"), without_rep()).unwrap();
    let (said, _) = schema(path, "check --against main", 1);
    let (line, rest) = said.split_once('\n').unwrap();
    let begins = "breaking    `rep_id` removed from `pipeline.deal_won`: breaks trigger → `compensation.calculate`";
    assert!(line.starts_with(begins) && line.ends_with("subscriber `dashboard`"), "{said}");
    assert_eq!(rest, "topics.yaml against main: 1 breaking, 0 compatible\n");
    let (said, _) = schema(path, "check --against main -o json", 1);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["against"], &json["breaking"]), (&"main".into(), &1.into()));
    assert_eq!(json["changes"][0]["breaks"][0]["name"], "compensation.calculate");
    // Once it is committed, it is what the next change is held against.
    git(path, &["commit", "-q", "-a", "-m", "second"]);
    // What cannot be compiled any more is compared all the same, and is no good result.
    assert_eq!(schema(path, "check --against HEAD", 1).0, "topics.yaml against HEAD: nothing changed for anybody\n");
    schema(path, "check --against HEAD~1", 1);
    fs::write(path.join("topics.yaml"), SHIPPED).unwrap();
    let (said, _) = schema(path, "check --against HEAD", 1);
    assert!(
        said.starts_with("breaking    `rep_id` added to `pipeline.deal_won`, required: breaks producer `pipeline`\n"),
        "{said}"
    );
}

#[test]
fn the_catalogue_may_lie_anywhere_in_the_repository() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("deploy")).unwrap();
    fs::rename(path.join("topics.yaml"), path.join("deploy/contract.yaml")).unwrap();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "first"]);
    schema(path, "check --against main --catalogue deploy/contract.yaml", 0);
    schema(&path.join("deploy"), "check --against main --catalogue contract.yaml", 0);
    fs::copy(path.join("deploy/contract.yaml"), path.join("new.yaml")).unwrap();
    let (_, said) = schema(path, "check --against main --catalogue new.yaml", 2);
    assert!(
        said.contains("the revision `main` has no new.yaml: path 'new.yaml' exists on disk, but not in 'main'"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_compared_with_is_said() {
    let folder = committed();
    let path = folder.path();
    let (_, said) = schema(path, "check --against nowhere", 2);
    assert!(said.contains("no folder nowhere, and git knows no revision `nowhere`"), "{said}");
    let (_, said) = schema(path, "check --against=--help", 2);
    assert!(said.contains("`--help` is no revision"), "{said}");
    let alone = self::folder();
    let (_, said) = schema(alone.path(), "check --against main", 2);
    assert!(said.contains("git says: not a git repository"), "{said}");
    let output =
        revbus().current_dir(path).env("PATH", "").args(["schema", "check", "--against", "main"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("git cannot be run"), "{}", text(&output));
    fs::create_dir(path.join("empty")).unwrap();
    let (_, said) = schema(path, "check --against empty", 2);
    assert!(said.contains("has neither topics.yaml nor generated schemas (empty/avro)"), "{said}");
    fs::write(path.join("topics.yaml"), "a: [").unwrap();
    schema(path, "check --against main", 1);
    git(path, &["commit", "-q", "-a", "-m", "broken"]);
    fs::write(path.join("topics.yaml"), SHIPPED).unwrap();
    let (_, said) = schema(path, "check --against HEAD", 2);
    assert!(said.contains("HEAD:topics.yaml cannot be read"), "{said}");
}

#[test]
fn errors_do_not_hide_what_a_change_breaks() {
    let folder = committed();
    let path = folder.path();
    let broken = without_rep().replacen("tenants: open", "tenants: shut", 1);
    fs::write(path.join("topics.yaml"), &broken).unwrap();
    let (said, errors) = schema(path, "check --against main", 1);
    assert!(said.contains("`rep_id` removed from `pipeline.deal_won`") && errors.contains("RB0107"), "{said}{errors}");
    // A former catalogue that would not compile today can still be compared with.
    git(path, &["commit", "-q", "-a", "-m", "second"]);
    fs::write(path.join("topics.yaml"), SHIPPED).unwrap();
    let (said, errors) = schema(path, "check --against HEAD", 1);
    assert!(said.contains("`rep_id` added to `pipeline.deal_won`, required"), "{said}");
    assert!(errors.contains("HEAD:topics.yaml has errors by the rules of today"), "{errors}");
}

#[test]
fn folders_are_compared_with_too() {
    let folder = folder();
    let path = folder.path();
    schema(path, "generate", 0);
    fs::create_dir(path.join("former")).unwrap();
    fs::copy(path.join("topics.yaml"), path.join("former/topics.yaml")).unwrap();
    let nothing = "topics.yaml against former: nothing changed for anybody\n";
    assert_eq!(schema(path, "check --against former", 0).0, nothing);
    let nothing = format!("topics.yaml against schemas: nothing changed in the Avro schemas\n{NOT_COMPARED}");
    assert_eq!(schema(path, "check --against schemas", 0).0, nothing);
    fs::write(path.join("topics.yaml"), without_rep()).unwrap();
    let (said, _) = schema(path, "check --against former", 1);
    assert!(said.starts_with("breaking    `rep_id` removed from `pipeline.deal_won`: breaks trigger"), "{said}");
    let (said, _) = schema(path, "check --against schemas", 1);
    let expect = "breaking    what is written as `pipeline.deal_won` now cannot be read by the former schema \
        (`payload.data.rep_id` is missing): breaks readers of the former Avro schema\n";
    assert!(said.starts_with(expect) && said.ends_with(NOT_COMPARED), "{said}");
    let compared = |against: &str| {
        let (said, _) = schema(path, &format!("check -o json --against {against}"), 1);
        serde_json::from_str::<Value>(&said).unwrap()["not_compared"].clone()
    };
    assert_eq!(compared("former"), json!([]));
    assert_eq!(compared("schemas"), json!(["state", "triggers", "subscribers", "order"]));
    fs::write(path.join("schemas/avro/pipeline.deal_won.avsc"), "no JSON").unwrap();
    schema(path, "check --against schemas", 2);
}

/// Nobody may take "nothing changed" for an answer about state that was not compared.
#[test]
fn a_folder_of_schemas_of_state_alone_is_refused_with_a_way_out() {
    const STATE: &str =
        "version: 1\nmodules:\n  wh:\n    state:\n      bin:\n        fields:\n          count: integer\n";
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("topics.yaml"), STATE).unwrap();
    let (said, _) = schema(path, "generate", 0);
    assert!(said.contains("written  schemas/json/state/wh.bin.json\n"), "{said}");
    fs::create_dir(path.join("former")).unwrap();
    fs::copy(path.join("topics.yaml"), path.join("former/topics.yaml")).unwrap();
    fs::write(path.join("topics.yaml"), format!("{STATE}          place: string\n")).unwrap();
    let expect = "the folder schemas has schemas of state alone (schemas/json/state), which are not compared: name a \
        revision of git, or a folder with topics.yaml";
    let refused = || {
        let (out, said) = schema(path, "check --against schemas", 2);
        assert!(out.is_empty() && said.contains(expect), "{out}{said}");
    };
    refused();
    // A folder that facts have left is no other.
    fs::create_dir(path.join("schemas/avro")).unwrap();
    refused();
    schema(path, "check --against former", 1);
}
