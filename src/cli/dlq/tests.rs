use std::collections::BTreeMap;

use super::*;
use crate::client::dlq::{
    Failure as Failing, Group, Inventory, InventoryGroup, Mode, Named, Now, Place, Report, Sample, Shown, Stay,
};
use crate::ids::RecordOffset;
use crate::kafka::reader::ReadRecord;

const PLACE: Place = Place { partition: 3, offset: 120 };

#[test]
fn an_inventory_is_text() {
    let sample = Sample {
        place: PLACE,
        written: None,
        tenant: Some("t\u{1b}1".to_owned()),
        message: "`x` is missing".to_owned(),
        replays: 1,
    };
    let group = InventoryGroup {
        event_type: "a.b".to_owned(),
        reasons: "field_missing".to_owned(),
        dead_letters: 2,
        sent_back: 1,
        samples: vec![sample],
    };
    let inventory = Inventory { groups: vec![group], dead_letters: 2, sent_back: 1 };
    assert_eq!(
        list::text(&inventory),
        "a.b  field_missing: 2, 1 of them sent back\n  3/120       t\\u001b1        `x` is missing  (replays: 1)\n\
         2 dead letters, 1 of them sent back\n"
    );
}

#[test]
fn a_report_is_text() {
    let stays = BTreeMap::from([(Stay::SentBack, 2), (Stay::Cut, 1)]);
    let failing = Failing { count: 1, example: "`y` is missing".to_owned() };
    let group = Group {
        event_type: "a.b".to_owned(),
        reasons: "field_missing".to_owned(),
        goes: 4,
        passes: 3,
        fails: BTreeMap::from([("field_missing".to_owned(), failing)]),
        stays: stays.clone(),
    };
    let named = vec![Named { place: PLACE, why: "only a part of it is left".to_owned() }];
    let report = Report { groups: vec![group], meant: 7, goes: 4, passes: 3, stays, named, stuck: 2, stopped: false };
    assert_eq!(
        replay::text(&report, Mode::DryRun),
        "a.b  field_missing: 4 would go back, 3 of them pass now\n  \
           1 would be dead letters again, field_missing: `y` is missing\n  \
           2 went back before\n  \
           1 stay: only a part of them is left\n\
         cannot go back: 3/120: only a part of it is left\n\
         cannot go back: 1 more\n\
         7 dead letters: 4 would go back, 3 of them would pass now; 2 went back before, 1 stay: only a part of them is \
         left; `--yes` does it\n"
    );
    assert!(
        replay::text(&report, Mode::Send)
            .ends_with("7 dead letters: 4 went back; 2 went back before, 1 stay: only a part of them is left\n")
    );
}

#[test]
fn times_and_codes_are_read() {
    let at = |text: &str| since(text).map(|since| since.before(Timestamp::now()));
    assert_eq!(at("2024-01-15T10:30:00Z"), Ok(Timestamp::from_millis(1_705_314_600_000)));
    let Ok(hour_ago) = at("1h") else { panic!("1h is a time") };
    assert!((3_600_000..3_660_000).contains(&(Timestamp::now().millis() - hour_ago.millis())));
    assert!(since("yesterday").is_err());
    assert_eq!(since("2999-01-01T00:00:00Z").unwrap_err(), "it lies in the future");
    assert_eq!(reason("not_json"), Ok(ReasonCode::NotJson));
    assert_eq!(reason("not_jason").unwrap_err(), "no such code: did you mean `not_json`?");
}

#[test]
fn a_dead_letter_is_text() {
    let headers = [
        ("revbus.dead.topic", "a.b"),
        ("revbus.dead.partition", "1"),
        ("revbus.dead.offset", "7"),
        ("revbus.dead.reason", "field_missing"),
        ("revbus.dead.message", "`x` is missing"),
        ("h\n", "v"),
    ];
    let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), Some(value.as_bytes().to_vec())));
    let record = ReadRecord {
        topic: "revbus.dead_letters".to_owned(),
        partition: 3,
        offset: RecordOffset(120),
        timestamp: Some(Timestamp::from_millis(0)),
        key: None,
        headers: headers.into(),
        value: Some(b"{\"a\":1.50}".to_vec()),
    };
    let now = Now { outcome: "invalid", reasons: vec!["field_missing"], message: "`x` is missing".to_owned() };
    let shown = Shown { letter: record.into(), sent_back: false, now: Ok(now) };
    assert_eq!(
        show::text(&shown),
        "dead letter  3/120, 1970-01-01T00:00:00.000Z\n\
         stood at     a.b/1@7, -\n\
         key          -\n\
         tenant       -\n\
         reasons      field_missing\n\
         message      `x` is missing\n\
         catalogue    -\n\
         replays      0\n\
         now          it would be a dead letter again, invalid: `x` is missing (field_missing)\n\
         header       h\\u000a: v\n\
         {\n  \"a\": 1.50\n}\n"
    );
    let stuck = Shown { now: Err("no".to_owned()), sent_back: true, ..shown };
    assert!(show::text(&stuck).contains("replays      0, and sent back since\nnow          it cannot go back: no\n"));
}
