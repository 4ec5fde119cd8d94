use super::*;
use crate::client::verify::Counted;
use crate::verify::{Damage, Finding, Findings};

const MOST: usize = 10;

fn report(found: usize) -> Report {
    let mut findings = Findings::keeping(MOST);
    for offset in 0..found {
        findings.push(Finding {
            damage: Damage::Torn,
            topic: "compensation.calculate".to_owned(),
            partition: 3,
            offset: offset as i64,
            id: (offset == 0).then(|| "evt_1".to_owned()),
            sentence: "no audit record names it".to_owned(),
        });
    }
    let counted = Counted { consumed: 1_234, derived: 17, ..Counted::default() };
    Report { counted, findings, notes: vec!["a note".to_owned()] }
}

#[test]
fn people_read_tables() {
    let clean = text::text(&report(0));
    assert!(clean.contains("\nnothing is lost") && clean.ends_with("\nnote: a note\n"), "{clean}");
    let line = clean.lines().next().unwrap();
    assert!(line.starts_with("facts consumed") && line.ends_with("1234"), "{clean}");
    let found = text::text(&report(MOST + 2));
    let torn = found.lines().find(|line| line.starts_with("12 torn")).unwrap();
    let words: Vec<_> = torn.split_whitespace().collect();
    assert_eq!(words[2..4], ["compensation.calculate/3@0", "evt_1"], "{found}");
    assert!(torn.ends_with("no audit record names it") && found.contains("and 2 more"), "{found}");
}

#[test]
fn nothing_to_judge_is_not_called_well() {
    let text = text::text(&Report { notes: vec!["nothing was judged".to_owned()], ..Report::default() });
    assert!(!text.contains("nothing is lost") && text.ends_with("\nnote: nothing was judged\n"), "{text}");
}

#[test]
fn the_number_of_examples_is_bounded() {
    assert_eq!(["0", "25", "all"].map(|text| examples(text).ok()), [Some(0), Some(25), Some(MOST_EXAMPLES)]);
    assert_eq!(["", "-1", "many", "100001"].map(|text| examples(text).ok()), [None; 4]);
}

#[test]
fn programs_read_json() {
    let json = json(&report(MOST + 2));
    assert_eq!(json["counted"]["consumed"], 1_234);
    assert_eq!((&json["findings"][0]["kind"], &json["findings"][0]["count"]), (&"torn".into(), &12.into()));
    let example = serde_json::json!({"topic": "compensation.calculate", "partition": 3, "offset": 0, "id": "evt_1",
        "sentence": "no audit record names it"});
    assert_eq!(json["findings"][0]["examples"][0], example);
    assert_eq!(json["findings"][0]["examples"].as_array().unwrap().len(), MOST);
    assert_eq!(json["notes"], serde_json::json!(["a note"]));
}
