//! Cases whose event is an update of an entity.

use super::super::*;
use super::{case, line};
use crate::catalogue::compile;

const CATALOGUE: &str = include_str!("../../../kernel/cases/tests.yaml");

fn all(text: &str) -> (Option<Vec<Case>>, Vec<String>) {
    let catalogue = compile("topics.yaml", CATALOGUE).0.unwrap();
    let (cases, found) = cases("cases.yaml", text, &catalogue);
    (cases, found.iter().map(line).collect())
}

fn read(given: &str, expect: &str) -> Case {
    let (cases, found) = all(&case(given, expect));
    cases.unwrap_or_else(|| panic!("{found:?}")).remove(0)
}

fn value(given: &str) -> String {
    String::from_utf8(read(given, "nothing").value).unwrap()
}

const PUT: &str = "{type: state.put, entity: pay/account/a%2F1, data: {state: {score: 1.50}}}";

#[test]
fn an_update_that_is_described_names_its_entity_and_is_the_owners() {
    assert_eq!(
        value(PUT),
        r#"{"event_id":"evt_test","event_type":"state.put","source_module":"pay","tenant_id":"tenant_001","timestamp":"2024-01-15T10:30:00.000Z","payload":{"action":"put","data":{"module":"pay","entity_type":"account","entity_id":"a/1","state":{"score":1.50}},"metadata":{}}}"#
    );
    let deleted = value("{type: state.delete, entity: pay/account/a, tenant: t, envelope: {source_module: sales}}");
    assert!(deleted.contains(r#""data":{"module":"pay","entity_type":"account","entity_id":"a"},"#), "{deleted}");
    assert!(deleted.contains(r#""source_module":"sales""#) && deleted.contains(r#""tenant_id":"t""#), "{deleted}");
}

#[test]
fn what_is_there_before_it_is_said_or_is_not_there() {
    assert_eq!(read(PUT, "nothing").subject, Subject::Update(None));
    let before = |before: &str| read(&PUT.replace("data", &format!("before: {before}, data")), "nothing").subject;
    let there = |state: &str, version| Subject::Update(Some(Before { state: state.to_owned(), version }));
    assert_eq!(before("{state: {score: 2}}"), there(r#"{"score":2}"#, Version(1)));
    assert_eq!(before("{state: {}, version: 7}"), there("{}", Version(7)));
    assert_eq!(before("{state: {}, version: 9223372036854775807}"), there("{}", Version(i64::MAX.cast_unsigned())));
    // One that is given whole is an update, too, and has its own way to name its entity.
    let whole = read("{raw: '{\"event_type\":\"state.put\"}', before: {state: {}}}", "{dead_letter: {says: so}}");
    assert_eq!(whole.subject, there("{}", Version(1)));
}

#[test]
fn what_is_expected_of_an_update() {
    let of = |expect: &str| read(PUT, expect).expect;
    assert_eq!(of("nothing").outcome, Some(Outcome::StateChanged), "nobody means a conflict who does not say so");
    assert_eq!(of("pay.opened"), of("[{fact: pay.opened}]"));
    assert_eq!((of("{version: 0}").version, of("{state: nothing}").state), (Some(Version(0)), Some(().into())));
    assert_eq!(of("{version: 9223372036854775807}").version, Some(Version(i64::MAX.cast_unsigned())));
    assert_eq!(of("{outcome: conflict}").outcome, Some(Outcome::Conflict));
    assert_eq!(of("{dead_letter: not_json}").outcome, None);
}

#[test]
fn what_is_wrong_with_one_is_said_at_its_place() {
    check(&[
        (
            "{type: state.put, data: {state: {}}}",
            "nothing",
            "3:12 error RB0165: an update needs `entity` [MODULE/TYPE/ID, such as `entity: customer_success/account/acct_1`]",
        ),
        (
            "{type: state.put, entity: pay/account}",
            "nothing",
            "3:38 error RB0165: `pay/account` names no entity [MODULE/TYPE/ID, such as `entity: customer_success/account/acct_1`]",
        ),
        (
            "{type: state.put, entity: pay/acount/a}",
            "nothing",
            "3:38 error RB0166: the catalogue has no entity type `pay/acount` [did you mean `pay/account`?]",
        ),
        ("{type: state.put, entity: pay/acount/a}", "{dead_letter: unknown_entity_type}", ""),
        (
            "{type: state.put, entity: pay/account/a, key: k}",
            "nothing",
            "3:53 error RB0165: `key` has no place beside an update [an update stands under the key of its entity]",
        ),
        (
            "{type: sales.noted, data: {id: i}, before: {state: {}}}",
            "nothing",
            "3:47 error RB0165: `before` is of updates alone [`type` is then state.put, state.patch or state.delete]",
        ),
        (
            "{type: state.put, entity: pay/account/a, before: {version: 3}}",
            "nothing",
            "3:61 error RB0105: `before` needs `state` [without `before` the entity is not there]",
        ),
        (
            PUT,
            "pay.calculate",
            "4:13 error RB0166: the catalogue has no fact `pay.calculate` [what comes out is a fact, or `nothing`]",
        ),
        (
            PUT,
            "sales.noted",
            "4:13 error RB0169: no change of `pay/account` emits `sales.noted` [it emits `pay.score_changed` and `pay.opened`]",
        ),
        (
            PUT,
            "{outcome: routed}",
            "4:23 error RB0107: `outcome` must be `state_changed`, `conflict`, `denied`, `invalid`, `loop` or `failed`, and this is `routed` [write `state_changed`, `conflict`, `denied`, `invalid`, `loop` or `failed`]",
        ),
        (
            PUT,
            "{outcome: conflict, derived: [pay.opened]}",
            "4:14 error RB0167: an update that is not done emits nothing [expect one of the two]",
        ),
        (
            "{type: sales.noted, data: {id: i}}",
            "{version: 1}",
            "4:14 error RB0103: `expect` has no key `version` [the keys are `derived`, `others`, `dead_letter` and `outcome`]",
        ),
    ]);
}

#[test]
fn what_is_wrong_is_one_error() {
    check(&[
        (
            "{type: state.put, entity: pay/account, data: {state: {}}}",
            "{version: 1}",
            "3:38 error RB0165: `pay/account` names no entity [MODULE/TYPE/ID, such as `entity: customer_success/account/acct_1`]",
        ),
        (
            "{type: state.put, entity: pay/account/a, before: {version: 3}, data: {state: {}}}",
            "{version: 4, derived: [pay.opened]}",
            "3:61 error RB0105: `before` needs `state` [without `before` the entity is not there]",
        ),
        (
            PUT,
            "{version: 9223372036854775808}",
            "4:23 error RB0108: `version` must lie between 0 and 9223372036854775807, and this is 9223372036854775808 [9223372036854775807 is the most]",
        ),
    ]);
}

/// Each given and expected, and all that is found about it.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (given, expect, expected) in cases {
        let (_, found) = all(&case(given, expect));
        if found.concat() != *expected {
            wrong.push(format!("{given} {expect}\n  expected {expected}\n  found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
