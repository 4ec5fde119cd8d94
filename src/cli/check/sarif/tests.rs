use std::path::Path;

use serde_json::{Value, json};

use super::{artifact, log};
use crate::catalogue::compile;

const DOCUMENT: &str = include_str!("../../../../tests/catalogue/source_document.yaml");

fn of(text: &str) -> Value {
    let (_, found) = compile("topics.yaml", text);
    log(Path::new("topics.yaml"), &found)
}

#[test]
fn it_follows_the_schema() {
    // One of its patterns is a regular expression to ECMAScript only.
    let schema = include_str!("../../../../tests/sarif/sarif-schema-2.1.0.json").replace("{2}]?$", "{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for text in
        [DOCUMENT, "", "a: *b", "version: 1\nmodules: {a: {}}\n", "version: 1\nallow: [RB0156]\nmodules: {a: {}}\n"]
    {
        let log = of(text);
        let wrong: Vec<String> =
            schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(wrong, [""; 0], "{text:?}");
    }
    assert!(!schema.is_valid(&json!({"version": "2.1.0", "runs": [{"results": []}]})), "the schema checks something");
}

#[test]
fn a_finding_is_a_result_with_its_place_and_its_rule() {
    let log = of("version: 1\nmodules:\n  a: {é: 1, nam: x}\n");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let wrong = results.iter().find(|result| result["message"]["text"].as_str().unwrap().contains("`nam`")).unwrap();
    assert_eq!(wrong["message"]["text"], "the module `a` has no key `nam`; help: did you mean `name`?");
    assert_eq!((&wrong["ruleId"], &wrong["level"]), (&json!("RB0103"), &json!("error")));
    let place = &wrong["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({"uri": "topics.yaml", "uriBaseId": "%SRCROOT%"}));
    assert_eq!(place["region"], json!({"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 16}));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let rule = &rules[usize::try_from(wrong["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], "RB0103");
    assert!(rule["helpUri"].as_str().unwrap().ends_with("/docs/errors/RB0103.md"), "{rule}");
    let full = rule["fullDescription"]["text"].as_str().unwrap();
    assert!(full.starts_with("At each place of the file there are keys") && !full.contains("version: 1"), "{full}");
}

#[test]
fn each_rule_is_there_once() {
    let log = of(DOCUMENT);
    let run = &log["runs"][0];
    let mut rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let all = rules.len();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(all, rules.len());
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn files_are_named_from_here_where_that_can_be() {
    let uri = |file: &Path| artifact(file)["uri"].as_str().unwrap().to_owned();
    assert_eq!(uri(Path::new("./deploy/my topics é.yaml")), "deploy/my%20topics%20%C3%A9.yaml");
    assert_eq!(uri(Path::new("../topics.yaml")), "../topics.yaml");
    assert_eq!(uri(&std::env::current_dir().unwrap().join("a/b.yaml")), "a/b.yaml");
    assert_eq!(uri(Path::new("/etc/revbus/topics.yaml")), "file:///etc/revbus/topics.yaml");
}
