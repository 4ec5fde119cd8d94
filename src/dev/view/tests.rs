use super::*;
use crate::catalogue::compile;
use crate::ids::RecordOffset;

const WRITTEN: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SEEN: Timestamp = Timestamp::from_millis(1_700_000_000_007);

fn view() -> View {
    View::new(&compile("topics.yaml", include_str!("../../../topics.yaml")).0.unwrap())
}

fn record(topic: &str, offset: i64, key: &str, value: &str) -> ReadRecord {
    ReadRecord {
        topic: topic.to_owned(),
        partition: 0,
        offset: RecordOffset(offset),
        timestamp: Some(WRITTEN),
        key: Some(key.as_bytes().to_vec()),
        headers: Vec::new(),
        value: Some(value.as_bytes().to_vec()),
    }
}

fn fact(offset: i64) -> ReadRecord {
    record("pipeline.deal_won", offset, "tenant_001/deal_17", "{}")
}

fn audit(offset: i64, rest: &str) -> ReadRecord {
    let source = format!(r#"{{"topic":"pipeline.deal_won","partition":0,"offset":{offset}}}"#);
    record("revbus.audit", 90 + offset, "", &format!(r#"{{"v":1,"source":{source},{rest}}}"#))
}

const ROUTED: &str = r#""outcome":"routed","derived":[{"event_type":"compensation.calculate"}]"#;

#[test]
fn a_fact_and_its_decision_meet_in_either_order() {
    let wanted = Entry {
        tenant: "tenant_001".into(),
        event_type: "pipeline.deal_won".into(),
        entity: "deal_17".into(),
        came: Came::Commands(vec!["compensation.calculate".into()]),
        millis: 7,
    };
    for reverse in [false, true] {
        let mut view = view();
        let mut records = [fact(3), audit(3, ROUTED)];
        if reverse {
            records.reverse();
        }
        assert_eq!(view.read(&records[0], SEEN), None);
        assert_eq!(view.read(&records[1], SEEN), Some(wanted.clone()));
        assert_eq!((view.tally().facts, view.tally().routed, view.tally().lost()), (1, 1, 0));
        assert!(!view.tally().settled(1), "its command was not read yet");
        view.read(&record("compensation.calculate", 0, "tenant_001/deal_17", "{}"), SEEN);
        assert!(view.tally().settled(1));
    }
}

#[test]
fn each_outcome_is_told_and_counted() {
    let mut view = view();
    let dead = r#""outcome":"invalid","reasons":[{"code":"b","message":"one"},{"code":"a","message":"two"}]"#;
    let cases = [
        (r#""outcome":"no_trigger""#, Came::Nothing),
        (dead, Came::DeadLetter(vec!["one".into(), "two".into()], vec!["a".into(), "b".into()])),
        (r#""outcome":"duplicate""#, Came::Other("duplicate".into())),
    ];
    for (offset, (rest, came)) in (0..).zip(cases) {
        view.read(&fact(offset), SEEN);
        assert_eq!(view.read(&audit(offset, rest), SEEN).map(|entry| entry.came), Some(came));
    }
    let tally = view.tally();
    assert_eq!((tally.facts, tally.no_trigger, tally.dead, tally.other, tally.lost()), (3, 1, 1, 1, 0));
    assert_eq!(tally.reasons.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(), [("a", 1), ("b", 1)]);
    assert!(!tally.settled(3), "its dead letter was not read yet");
    view.read(&record("revbus.dead_letters", 0, "", "{}"), SEEN);
    assert!(view.tally().settled(3));
}

#[test]
fn a_fact_of_which_nothing_comes_is_lost_and_one_from_before_is_not_ours() {
    let mut view = view();
    view.read(&fact(5), SEEN);
    view.read(&audit(4, ROUTED), SEEN);
    view.read(&audit(6, "\"nonsense\":1"), SEEN);
    view.finish();
    assert_eq!((view.tally().lost(), view.tally().earlier), (1, 1));
}

#[test]
fn what_it_reads_are_all_events_and_two_control_topics() {
    let view = view();
    let topics = view.topics();
    for topic in ["pipeline.deal_won", "compensation.calculate", "revbus.audit", "revbus.dead_letters"] {
        assert!(topics.contains(&topic), "{topic}");
    }
    assert!(!topics.contains(&"revbus.state"));
}
