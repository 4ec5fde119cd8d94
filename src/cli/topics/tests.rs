use super::*;

fn plan() -> Plan {
    let grow = Change::Grow { topic: "revbus.audit".to_owned(), from: 6, to: 8, lost: None };
    Plan { changes: vec![grow], notes: vec!["a note".to_owned()], refusals: Vec::new() }
}

#[test]
fn the_plan_says_what_it_is_and_what_is_next() {
    assert_eq!(
        text(&plan(), Mode::Plan),
        "grow revbus.audit from 6 to 8 partitions\nnote: a note\n\
         0 to create, 1 to grow, 0 to configure; `topics apply --yes` does it\n"
    );
    assert!(text(&plan(), Mode::Apply).ends_with("\n0 created, 1 grown, 0 configured\n"));
    assert_eq!(text(&Plan::default(), Mode::Apply), "nothing to do\n");
}

#[test]
fn json_has_the_changes_by_name() {
    assert_eq!(
        json(&plan(), Mode::Apply).to_string(),
        r#"{"changes":[{"change":"grow","topic":"revbus.audit","from":6,"to":8}],"notes":["a note"],"applied":true}"#
    );
}
