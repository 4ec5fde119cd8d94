use std::sync::Arc;

use super::super::Topology;
use super::*;
use crate::catalogue::{cases, compile};

const CATALOGUE: &str = include_str!("tests.yaml");

fn rules() -> Rules {
    let catalogue = Arc::new(compile("topics.yaml", CATALOGUE).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

/// The differences of one case, as `at | expected | found`.
fn differences(given: &str, expect: &str) -> Vec<String> {
    let rules = rules();
    let text = format!("tests:\n  - name: n\n    given: {given}\n    expect: {expect}\n");
    let (cases, found) = cases("cases.yaml", &text, &rules.catalogue);
    let cases = cases.unwrap_or_else(|| panic!("{found:?}"));
    let line = |one: Difference| format!("{} | {} | {}", one.at, one.expected, one.found);
    run(&rules, &cases[0]).differences.into_iter().map(line).collect()
}

const BIG: &str = "{type: sales.deal_won, data: {deal_id: d, amount: 5000}}";
const SMALL: &str = "{type: sales.deal_won, data: {deal_id: d, amount: 5}}";
const BAD: &str = "{type: sales.deal_won, data: {deal_id: 7}}";

#[test]
fn what_is_as_expected_passes() {
    for (given, expect) in [
        (
            BIG,
            "[pay.calculate, {command: pay.bonus, data: {rate: 0.1, deal_id: null}, metadata: {hops: 1, trigger: big}, envelope: {tenant_id: tenant_001, user_id: null}, key: tenant_001/d}, {command: pay.bonus, trigger: huge, data: {rate: 0.5, list: [1, {a: b}]}}]",
        ),
        // Two triggers emit the same command: each is held against the one that fits.
        (BIG, "[{command: pay.bonus, data: {rate: 0.5}}, {command: pay.bonus, data: {rate: 0.1}}, pay.calculate]"),
        (SMALL, "pay.calculate"),
        (SMALL, "{derived: [], others: allow}"),
        (SMALL, "{outcome: routed}"),
        (BAD, "{dead_letter: [field_missing, field_invalid]}"),
        (BAD, "{dead_letter: {says: ['`deal_id` must be a string', '`amount` is missing']}, outcome: invalid}"),
        (BAD, "{outcome: invalid}"),
        ("{raw: '{'}", "{dead_letter: not_json}"),
        ("{raw: ''}", "{dead_letter: empty_record}"),
        ("{type: sales.nobody, data: {}}", "{dead_letter: unknown_type}"),
        ("{type: sales.deal_won, topic: sales.noted, data: {deal_id: d, amount: 1}}", "{dead_letter: wrong_topic}"),
        ("{type: sales.noted, data: {id: i}, key: other}", "{dead_letter: record_key_mismatch}"),
        ("{type: sales.noted, data: {id: i}, metadata: {hops: 16}}", "nothing"),
        (
            "{type: sales.deal_won, data: {deal_id: d, amount: 1}, metadata: {hops: 16}}",
            "{dead_letter: hop_limit, outcome: loop}",
        ),
    ] {
        assert_eq!(differences(given, expect), [""; 0], "{given} {expect}");
    }
}

#[test]
fn what_is_not_as_expected_is_named_with_what_was_found() {
    for (given, expect, expected) in [
        (
            SMALL,
            "nothing",
            &["pay.calculate | does not come out | comes out, with {\"deal_id\":\"d\",\"amount\":5}"][..],
        ),
        (
            SMALL,
            "[pay.calculate, {command: pay.bonus, trigger: big}]",
            &["pay.bonus | comes out | does not: `data.amount >= 1000.0` is false (data.amount = 5.0)"],
        ),
        (SMALL, "[pay.calculate, pay.calculate]", &["pay.calculate | comes out once more | comes out once"]),
        (
            SMALL,
            "[{command: pay.calculate, key: k, data: {amount: 6, stage: won, deal_id: null}, metadata: {hops: 2}}]",
            &[
                "pay.calculate: key | k | tenant_001/d",
                "pay.calculate: data.amount | 6 | 5",
                "pay.calculate: data.stage | \"won\" | nothing there",
                "pay.calculate: data.deal_id | nothing there | \"d\"",
                "pay.calculate: metadata.hops | 2 | 1",
            ],
        ),
        (
            BIG,
            "{derived: [{command: pay.bonus, trigger: huge, data: {list: [1, {a: c}]}}, {command: pay.bonus, trigger: big, envelope: {tenant_id: t}}], others: allow}",
            &["pay.bonus: data.list[1].a | \"c\" | \"b\"", "pay.bonus: tenant_id | \"t\" | \"tenant_001\""],
        ),
        (
            BAD,
            "[pay.calculate]",
            &[
                "outcome | no dead letter | invalid, a dead letter: `deal_id` must be a string, not a number; `amount` is missing (field_missing, field_invalid)",
            ],
        ),
        (
            BAD,
            "{dead_letter: {reasons: field_missing, says: sorry}}",
            &[
                "dead letter: reasons | field_missing | field_missing, field_invalid: `deal_id` must be a string, not a number; `amount` is missing",
                "dead letter: says | … sorry … | `deal_id` must be a string, not a number; `amount` is missing",
            ],
        ),
        (
            SMALL,
            "{dead_letter: field_missing}",
            &["dead letter | field_missing | none: the event is routed → pay.calculate"],
        ),
        (SMALL, "{outcome: no_trigger}", &["outcome | no_trigger | routed → pay.calculate"]),
        (
            BAD,
            "{outcome: loop}",
            &[
                "outcome | loop | invalid, a dead letter: `deal_id` must be a string, not a number; `amount` is missing (field_missing, field_invalid)",
            ],
        ),
    ] {
        assert_eq!(differences(given, expect), expected, "{given} {expect}");
    }
}

const PUT: &str = "{type: state.put, entity: pay/account/a, data: {state: {score: 5}}}";

/// What a case does not say is not looked at, be it of an event or of an update.
#[test]
fn without_derived_whatever_comes_out_is_good() {
    for (given, expect) in [(SMALL, "{outcome: routed}"), (PUT, "{version: 1}"), (PUT, "{outcome: state_changed}")] {
        assert_eq!(differences(given, expect), [""; 0], "{given} {expect}");
    }
    assert_eq!(differences(SMALL, "{outcome: routed, derived: []}").len(), 1);
    assert_eq!(differences(PUT, "{version: 1, derived: []}").len(), 1);
}

/// An update of an entity that is there.
fn over(before: &str, data: &str) -> String {
    format!("{{type: state.patch, entity: pay/account/a, before: {before}, data: {data}}}")
}

#[test]
fn an_update_that_ends_as_expected_passes() {
    let seven = "{version: 7, state: {score: 1, risk: low}}";
    for (given, expect) in [
        (PUT, "[{fact: pay.opened, key: tenant_001/a, data: {account_id: a}, metadata: {hops: 1}}]".to_owned()),
        (PUT, "{version: 1, state: {score: 5.0, risk: ~}}".to_owned()),
        (
            &over(seven, "{patch: {score: 2}}"),
            "{derived: [pay.score_changed], version: 8, state: {risk: low}}".to_owned(),
        ),
        (&over(seven, "{patch: {risk: high}, expected_version: 7}"), "nothing".to_owned()),
        (
            &over(seven, "{patch: {}, expected_version: 6}"),
            "{outcome: conflict, version: 7, state: {score: 1}}".to_owned(),
        ),
        (&over(seven, "{patch: {score: 101}}"), "{dead_letter: field_invalid, state: {score: 1}}".to_owned()),
        (
            &PUT.replace("state.put", "state.delete").replace(", data: {state: {score: 5}}", ""),
            "{outcome: conflict}".to_owned(),
        ),
        (
            &PUT.replace(", data", ", envelope: {source_module: sales}, data"),
            "{outcome: denied, state: nothing}".to_owned(),
        ),
    ] {
        assert_eq!(differences(given, &expect), [""; 0], "{given} {expect}");
    }
}

#[test]
fn an_update_that_does_not_says_what_came_instead() {
    let seven = "{version: 7, state: {score: 1, risk: low}}";
    for (given, expect, expected) in [
        (PUT, "nothing", &["pay.opened | does not come out | comes out, with {\"account_id\":\"a\"}"][..]),
        (PUT, "{version: 2, state: nothing}", &["version | 2 | 1", "state | nothing there | {\"score\":5}"]),
        (PUT, "{outcome: conflict}", &["outcome | conflict | state_changed, version 1 → pay.opened"]),
        (
            &over(seven, "{patch: {risk: high}}"),
            "[pay.score_changed, pay.opened]",
            &[
                "pay.score_changed | comes out | does not: `new.score != old.score` is false (new.score = 1.0, old.score = 1.0)",
                "pay.opened | comes out | does not: it is emitted on create alone",
            ],
        ),
        (
            &over(seven, "{patch: {score: 2}}"),
            "{derived: [{fact: pay.score_changed, data: {new: 3}}], state: {score: 3, risk: low}}",
            &["pay.score_changed: data.new | 3 | 2.0", "state.score | 3 | 2"],
        ),
        (
            &over(seven, "{patch: {}, expected_version: 6}"),
            "{version: 7, derived: [pay.score_changed]}",
            &["outcome | state_changed | conflict: version 6 is expected, and it has version 7"],
        ),
        (
            &over(seven, "{patch: {}, expected_version: 6}"),
            "{dead_letter: field_invalid}",
            &["dead letter | field_invalid | none: the event is conflict: version 6 is expected, and it has version 7"],
        ),
        (
            &PUT.replace(", data", ", envelope: {source_module: sales}, data"),
            "nothing",
            &["outcome | state_changed | denied: only the module `pay` may write the state of `pay` (wrong_owner)"],
        ),
        (
            &PUT.replace('5', "500"),
            "{version: 1}",
            &["outcome | state_changed | invalid, a dead letter: `score` is outside 0..100 (field_invalid)"],
        ),
    ] {
        assert_eq!(differences(given, expect), expected, "{given} {expect}");
    }
}

#[test]
fn triggers_that_no_case_makes_fire_are_known() {
    let rules = rules();
    let text = format!(
        "tests:\n  - {{name: a, given: {SMALL}, expect: pay.calculate}}\n  - {{name: b, given: {BAD}, expect: nothing}}\n"
    );
    let mut coverage = Coverage::of(&rules.catalogue);
    for case in &cases("cases.yaml", &text, &rules.catalogue).0.unwrap() {
        coverage.add(&run(&rules, case));
    }
    let never: Vec<_> = coverage.never().map(|row| row.trigger.as_str()).collect();
    assert_eq!((never, coverage.percent()), (vec!["big", "huge"], 33));
    assert_eq!(coverage.triggers()[0].cases, 1);
}

/// The shipped cases hold, and every trigger of the shipped catalogue fires in one of them.
#[test]
fn the_shipped_cases_exercise_every_shipped_trigger() {
    let catalogue = Arc::new(compile("topics.yaml", include_str!("../../../topics.yaml")).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    let mut coverage = Coverage::of(&rules.catalogue);
    for (file, text) in [
        ("tests/pipeline.yaml", include_str!("../../../tests/pipeline.yaml")),
        ("tests/triggers.yaml", include_str!("../../../tests/triggers.yaml")),
        ("tests/dead_letters.yaml", include_str!("../../../tests/dead_letters.yaml")),
        ("tests/state.yaml", include_str!("../../../tests/state.yaml")),
    ] {
        let (cases, found) = cases(file, text, &rules.catalogue);
        assert_eq!(found, [], "{file}");
        for case in cases.unwrap() {
            let result = run(&rules, &case);
            assert_eq!(result.differences, [], "{file}:{}: {}", case.line, case.name);
            coverage.add(&result);
        }
    }
    assert_eq!(coverage.triggers().len(), 31);
    assert_eq!(coverage.never().collect::<Vec<_>>(), Vec::<&TriggerCoverage>::new());
}
