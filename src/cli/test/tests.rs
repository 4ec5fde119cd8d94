use std::sync::Arc;

use super::text::{Paint, Rows, render};
use super::*;
use crate::catalogue::compile;

const CATALOGUE: &str = include_str!("../../kernel/cases/tests.yaml");
const CASES: &str = include_str!("cases.yaml");

fn shown(rows: Rows, paint: Paint) -> String {
    let catalogue = Arc::new(compile("topics.yaml", CATALOGUE).0.unwrap());
    let (cases, found) = crate::catalogue::cases("tests/deals.yaml", CASES, &catalogue);
    let cases = cases.unwrap_or_else(|| panic!("{found:?}"));
    let topology = Topology::unlimited(&catalogue);
    let files = [CaseFile { name: "tests/deals.yaml".to_owned(), cases }];
    render(&results(&Rules::new(catalogue, topology), &files), rows, paint)
}

#[test]
fn text_for_people() {
    crate::golden::check("src/cli/test/results.txt", &shown(Rows::Never, Paint::Plain));
    let coverage = shown(Rows::All, Paint::Plain);
    assert!(coverage.ends_with("    3  sales.deal_won → pay.calculate\n    0  sales.deal_won → pay.bonus (big)\n    0  sales.deal_won → pay.bonus (huge)\n"), "{coverage}");
    assert!(shown(Rows::Never, Paint::Colour).contains("\x1b[31mFAIL\x1b[0m"));
}

#[test]
fn where_there_is_no_trigger_nothing_is_said_of_triggers() {
    const STATE: &str = "version: 1\nmodules: {wh: {state: {bin: {fields: {count: integer}}}}}\n";
    const CASE: &str = "tests: [{name: a, given: {type: state.put, entity: wh/bin/b, data: {state: {count: 1}}}, expect: {version: 1}}]";
    let catalogue = Arc::new(compile("topics.yaml", STATE).0.unwrap());
    let cases = crate::catalogue::cases("a.yaml", CASE, &catalogue).0.unwrap();
    let topology = Topology::unlimited(&catalogue);
    let results = results(&Rules::new(catalogue, topology), &[CaseFile { name: "a.yaml".to_owned(), cases }]);
    assert_eq!(render(&results, Rows::Never, Paint::Plain), "ok    a\n\n1 case: 1 passed, 0 failed\n");
}

#[test]
fn a_share_is_written_with_or_without_its_sign() {
    assert_eq!("90%".parse(), Ok(Percent(90)));
    assert_eq!("0".parse(), Ok(Percent(0)));
    for wrong in ["101%", "-1", "", "%", "9.5%"] {
        assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
    }
}
