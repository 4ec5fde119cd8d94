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
fn a_share_is_written_with_or_without_its_sign() {
    assert_eq!("90%".parse(), Ok(Percent(90)));
    assert_eq!("0".parse(), Ok(Percent(0)));
    for wrong in ["101%", "-1", "", "%", "9.5%"] {
        assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
    }
}
