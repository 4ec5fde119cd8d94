//! Cases of the CEL conformance suite, read from a folder beside the project where it exists.

use std::path::PathBuf;

use serde_json::Value;

use super::{Contract, Expression, Facts};

/// Where public test data is kept.
fn corpora() -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    std::env::var_os("REVBUS_CORPORA").map_or(beside, PathBuf::from)
}

fn evaluate(text: &str, data: &Value) -> Result<Value, String> {
    let contract = Contract::default();
    let data = data.to_string();
    let facts = Facts::new(&contract, &data, "{}", "{}");
    let mut out = Vec::new();
    let expression = Expression::compile(text).map_err(|error| error.message)?;
    expression.write_json(&facts, &mut out).map_err(|error| error.message)?;
    Ok(serde_json::from_slice(&out).unwrap())
}

/// The suite binds variables by their bare names: a comprehension over one item does that for `data`.
fn bound(text: &str, bindings: &Value) -> String {
    let names = bindings.as_object().into_iter().flat_map(|bindings| bindings.keys());
    names.fold(text.to_owned(), |text, name| format!("[data.{name}].map({name}, {text})[0]"))
}

fn check(case: &Value, answer: Result<Value, String>, form: &str) -> Option<String> {
    let right = match (case.get("expected"), &answer) {
        (Some(expected), Ok(found)) => expected == found,
        (None, Err(_)) => case.get("error").is_some(),
        (Some(_), Err(_)) | (None, Ok(_)) => false,
    };
    (!right).then(|| format!("{} ({form}): {case}\n  found {answer:?}", case["name"]))
}

#[test]
fn the_cases_of_the_conformance_suite_pass_in_both_forms() {
    let path = corpora().join("cel/cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("no CEL conformance cases at {}: nothing is checked", path.display());
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let text = bound(case["expr"].as_str().unwrap(), &case["bindings"]);
        wrong.extend(check(case, evaluate(&text, &case["bindings"]), "as written"));
        let lifted = &case["lifted"];
        wrong.extend(check(case, evaluate(lifted["expr"].as_str().unwrap(), &lifted["data"]), "lifted"));
    }
    assert!(wrong.is_empty(), "{} of {} fail:\n{}", wrong.len(), cases.len() * 2, wrong.join("\n"));
}
