use super::summary;
use crate::catalogue::compile;

fn of(text: &str) -> String {
    let (catalogue, found) = compile("topics.yaml", text);
    summary(catalogue.as_ref(), &found)
}

#[test]
fn the_summary_counts_what_is_there_and_what_was_found() {
    assert_eq!(of("version: 1\nmodules: {}\n"), "1 error");
    let empty = "version: 1\nmodules: {a: {}, b: {}}\n";
    let digest = compile("topics.yaml", empty).0.unwrap().digest;
    assert_eq!(of(empty), format!("2 modules, 0 facts, 0 commands, 0 triggers; digest {digest}; 2 notes"));
    let small = of(include_str!("../../../tests/catalogue/small.yaml"));
    assert!(small.starts_with("2 modules, 2 facts, 4 commands, 3 triggers; digest "), "{small}");
    assert!(small.ends_with("; nothing found"), "{small}");
}

#[test]
fn a_finding_for_programs_has_both_its_ends() {
    let (_, found) = compile("topics.yaml", "version: 1\nmodules:\n  a: {é: 1, nam: x}\n");
    let found = serde_json::to_value(&found).unwrap();
    let nam = found.as_array().unwrap().iter().find(|one| one["help"] == "did you mean `name`?").unwrap();
    let place = |key: &str| nam[key].as_u64().unwrap();
    assert_eq!(["line", "column", "end_line", "end_column"].map(place), [3, 13, 3, 16]);
}
