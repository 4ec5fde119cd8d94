mod updates;

use super::super::compile;
use super::super::tests::{SMALL, line};
use super::*;

/// The findings about a file of cases.
fn found(text: &str) -> Vec<String> {
    let (catalogue, _) = compile("topics.yaml", SMALL);
    cases("cases.yaml", text, &catalogue.unwrap()).1.iter().map(line).collect()
}

/// One case of which everything is said.
fn read(case: &str) -> Case {
    let (catalogue, _) = compile("topics.yaml", SMALL);
    let text = format!("tests:\n  - name: n\n{case}");
    let (cases, found) = cases("cases.yaml", &text, &catalogue.unwrap());
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), [""; 0], "{text}");
    cases.unwrap().remove(0)
}

fn value(given: &str) -> String {
    String::from_utf8(read(&format!("    given: {given}\n    expect: nothing\n")).value).unwrap()
}

#[test]
fn an_event_that_is_described_gets_an_envelope() {
    assert_eq!(
        value(
            r#"{type: sales.deal_won, data: {deal_id: "7", amount: 1.50, n: 007, on: true, list: [x, ~], d: 2024-01-15}}"#
        ),
        r#"{"event_id":"evt_test","event_type":"sales.deal_won","source_module":"sales","tenant_id":"acme","timestamp":"2024-01-15T10:30:00.000Z","payload":{"action":"deal_won","data":{"deal_id":"7","amount":1.50,"n":"007","on":true,"list":["x",null],"d":"2024-01-15"},"metadata":{}}}"#
    );
    let changed = value(
        "{type: sales.deal_won, tenant: globex, metadata: {hops: 3}, envelope: {event_id: , user_id: u, source_module: pay}}",
    );
    assert_eq!(
        changed,
        r#"{"event_type":"sales.deal_won","tenant_id":"globex","timestamp":"2024-01-15T10:30:00.000Z","payload":{"action":"deal_won","data":{},"metadata":{"hops":3}},"user_id":"u","source_module":"pay"}"#
    );
}

#[test]
fn an_event_can_be_given_whole_and_as_bytes() {
    assert_eq!(value("{event: {a: [1, {b: c}]}}"), r#"{"a":[1,{"b":"c"}]}"#);
    assert_eq!(value("{raw: '{\"a\":1'}"), r#"{"a":1"#);
    assert_eq!(read("    given: {base64: AP8=}\n    expect: nothing\n").value, [0, 0xff]);
    let placed = read(
        "    given: {raw: x, topic: test.pay.paid, key: a/b}\n    expect: nothing\n    at: 2024-06-01T00:00:00Z\n",
    );
    assert!(matches!(placed.subject, Subject::Event { topic: Some(_), key: Some(key) } if key == "a/b"));
    assert_eq!(placed.at.to_rfc3339(), "2024-06-01T00:00:00.000Z");
}

#[test]
fn what_is_expected_has_short_and_long_forms() {
    let of = |expect: &str| read(&format!("    given: {{type: sales.deal_won}}\n    expect: {expect}\n")).expect;
    assert_eq!(of("nothing").derived, Some(ExpectedDerived::default()));
    assert_eq!(of("pay.calculate"), of("[{command: pay.calculate}]"));
    let long = of(
        "{derived: [{command: pay.bonus, trigger: big, key: k, data: {a: 1}, metadata: {hops: 1}, envelope: {user_id: null}}], others: allow, outcome: routed}",
    );
    let derived = long.derived.unwrap();
    assert_eq!((derived.others, long.outcome), (Others::Allow, Some(Outcome::Routed)));
    let value = &derived.events[0].value;
    assert_eq!(value.to_string(), r#"{"user_id":null,"payload":{"data":{"a":1},"metadata":{"hops":1}}}"#);
    assert_eq!(of("{dead_letter: not_json}"), of("{dead_letter: {reasons: [not_json]}}"));
    assert_eq!(of("{dead_letter: {says: so}}").dead_letter.unwrap().says, ["so"]);
}

/// One case, given and expecting this.
fn case(given: &str, expect: &str) -> String {
    format!("tests:\n  - name: n\n    given: {given}\n    expect: {expect}\n")
}

/// Every file has these findings.
fn findings(rows: &[(String, &[&str])]) {
    let wrong = rows.iter().filter_map(|(text, expected)| {
        let found = found(text);
        (found != *expected).then(|| format!("{text}\n  expected {expected:#?}\n  found {found:#?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_that_is_wrong_is_said_at_its_place() {
    findings(&[
        (
            "a: 1\n".to_owned(),
            &[
                "1:1 error RB0103: a file of cases has no key `a` [the keys are `tests`]",
                "1:1 error RB0105: `tests` is missing [list the cases under `tests:`, each with `name`, `given` and `expect`]",
            ],
        ),
        (
            "tests: {}\n".to_owned(),
            &[
                "1:8 error RB0106: `tests` must be a list, and this is a mapping [write each entry on a line of its own, behind `- `]",
            ],
        ),
        (
            "tests: [*x]\n".to_owned(),
            &[
                "1:9 error RB0101: an unquoted `*` makes an alias, and no anchor of this name is there [write `&x` in front of what is meant, or put the value into quotes]",
            ],
        ),
        (
            "tests:\n  - nam: n\n    given: {type: sales.deal_won}\n".to_owned(),
            &[
                "2:5 error RB0103: a case has no key `nam` [did you mean `name`?]",
                "2:5 error RB0105: a case needs `expect` [the commands that come of it, `dead_letter: CODE`, or `nothing`]",
                "2:5 error RB0105: a case needs `name` [say in a few words what it shows]",
            ],
        ),
        (
            case("{}", "nothing"),
            &[
                "3:12 error RB0165: `given` has no event [describe it with `type` and `data`, or give it whole: `event`, `raw` or `base64`]",
            ],
        ),
        (
            case("{raw: x, data: {}}", "nothing"),
            &["3:21 error RB0165: `data` has no place beside `raw` [an event is given in one way]"],
        ),
        (case("{base64: '%'}", "nothing"), &["3:21 error RB0165: `base64` is not base64 [`printf … | base64`]"]),
    ]);
}

#[test]
fn a_name_that_does_not_exist_is_said_at_its_place() {
    let won = "{type: sales.deal_won}";
    findings(&[
        (
            case("{type: sales.deal_wom}", "nothing"),
            &["3:19 error RB0166: the catalogue has no event type `sales.deal_wom` [did you mean `sales.deal_won`?]"],
        ),
        (case("{type: sales.deal_wom}", "{dead_letter: unknown_type}"), &[]),
        (
            case("{raw: x, topic: sales.deal_wom}", "nothing"),
            &["3:28 error RB0166: no event type has the topic `sales.deal_wom` [did you mean `sales.deal_won`?]"],
        ),
        (
            case(won, "[~]"),
            &["4:14 error RB0106: an entry of `derived` is blank [write what is meant, or take the dash out]"],
        ),
        (
            case(won, "{derived: , outcome: routed}"),
            &[
                "4:14 error RB0109: `derived` has no value [it would let everything through: say what is meant, or leave the key out]",
            ],
        ),
        (
            case(won, "{dead_letter: [~]}"),
            &["4:28 error RB0106: an entry of `reasons` is blank [write what is meant, or take the dash out]"],
        ),
        (
            case(won, "[pay.calculat]"),
            &["4:14 error RB0166: the catalogue has no command `pay.calculat` [did you mean `pay.calculate`?]"],
        ),
        (
            case(won, "[sales.book]"),
            &[
                "4:14 error RB0169: no trigger of `sales.deal_won` emits `sales.book` [it emits `pay.calculate` and `pay.bonus`]",
            ],
        ),
        (
            case(won, "[{command: pay.bonus, trigger: bigg}]"),
            &["4:24 error RB0169: `sales.deal_won` has no trigger `bigg` that emits `pay.bonus` [did you mean `big`?]"],
        ),
        (
            case(won, "[{command: pay.bonus, dat: {}}]"),
            &["4:35 error RB0103: an expected command has no key `dat` [did you mean `data`?]"],
        ),
        (
            case(won, "{dead_letter: field_mising}"),
            &["4:27 error RB0167: there is no reason code `field_mising` [did you mean `field_missing`?]"],
        ),
        (
            case(won, "{dead_letter: not_json, outcome: routed}"),
            &[
                "4:14 error RB0167: what is a dead letter is not routed as well [an event is routed whole or dead-lettered whole: expect one of the two]",
            ],
        ),
        (
            case(won, "{outcome: routd}"),
            &[
                "4:23 error RB0107: `outcome` must be `routed`, `no_trigger`, `invalid`, `loop` or `failed`, and this is `routd` [did you mean `routed`?]",
            ],
        ),
        (
            format!("{}    at: today\n", case(won, "nothing")),
            &["5:9 error RB0107: `at` must be a time, and this is `today` [RFC 3339, such as 2024-01-15T10:30:00Z]"],
        ),
        (
            format!("{}{}", case(won, "nothing"), case(won, "nothing").trim_start_matches("tests:\n")),
            &["5:5 error RB0168: the case in line 2 has the name `n` too [a name tells a case from all others]"],
        ),
    ]);
}

#[test]
fn cases_in_the_catalogue_itself_are_part_of_it() {
    let tests = "tests:\n  - name: a won deal pays\n    given: {type: sales.deal_won}\n    expect: [pay.calculate]\n";
    let (catalogue, found) = compile("topics.yaml", &format!("{SMALL}{tests}"));
    assert_eq!(found, []);
    let catalogue = catalogue.unwrap();
    let line = SMALL.lines().count() + 2;
    assert_eq!(
        catalogue.tests.iter().map(|case| (&*case.name, case.line)).collect::<Vec<_>>(),
        [("a won deal pays", line)]
    );

    let (catalogue, found) = compile("topics.yaml", &format!("{SMALL}{}", tests.replace("[pay", "[pya")));
    assert!(catalogue.is_none());
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["RB0166"]);

    // Where the catalogue itself has errors, nothing is said of names that may only be missing because of them.
    let broken =
        SMALL.replace("        payload:\n          rate: float(0..1)", "        payload:\n          rate: flot");
    let (_, found) = compile("topics.yaml", &format!("{broken}{}", tests.replace("[pay", "[pya")));
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["RB0130"]);
}

/// Whatever stands in a file of cases, reading it ends with cases or with an error.
#[test]
fn a_file_that_is_cut_or_garbled_is_read_or_refused() {
    let (catalogue, _) = compile("topics.yaml", include_str!("../../../topics.yaml"));
    let catalogue = catalogue.unwrap();
    let text = include_str!("../../../tests/pipeline.yaml");
    let cut = (0..text.len()).step_by(7).map(|at| text[..text.floor_char_boundary(at)].to_owned());
    let garbled = [":", "[", "{", "- ", "*", "&a", "!", "\"", "~", "| ", "é", "\0"].into_iter().flat_map(|put| {
        text.match_indices([' ', ':', '\n']).map(|(at, _)| at).step_by(31).map(move |at| {
            let (before, after) = text.split_at(at);
            format!("{before}{put}{after}")
        })
    });
    for text in cut.chain(garbled) {
        let (cases, found) = cases("cases.yaml", &text, &catalogue);
        let errors = found.iter().filter(|found| found.severity == crate::diagnostic::Severity::Error).count();
        assert_eq!(cases.is_some(), errors == 0, "{text}");
    }
}

#[test]
fn a_file_of_cases_is_bounded() {
    let large = format!("tests: []\n#{}", "x".repeat(crate::catalogue::MAX_FILE_BYTES));
    assert!(found(&large)[0].contains("RB0102"));
    let deep = format!("tests: {}", "[".repeat(5000));
    assert!(found(&deep)[0].contains("RB0102") || found(&deep)[0].contains("RB0101"), "{:?}", found(&deep));
}
