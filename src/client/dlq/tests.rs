use proptest::prelude::*;

use super::groups::MAX_GROUPS;
use super::*;
use crate::client::sample::catalogue;
use crate::ids::RecordOffset;
use crate::kafka::reader::ReadRecord;
use crate::kernel::{Rules, Topology};
use crate::time::Timestamp;

const EVENT: &str = r#"{"event_id":"e1","event_type":"pipeline.deal_won","source_module":"pipeline","tenant_id":"t1","timestamp":"2024-01-15T10:30:00Z","payload":{"data":{"deal_id":"d1","final_amount":5}}}"#;
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A dead letter of `pipeline.deal_won`, written so many milliseconds after 1970; later headers of a name win.
fn letter(offset: i64, millis: i64, headers: &[(&str, &str)]) -> Letter {
    let usual = [
        ("revbus.dead.topic", "pipeline.deal_won"),
        ("revbus.dead.partition", "3"),
        ("revbus.dead.reason", "field_missing,wrong_owner"),
        ("x", "own"),
    ];
    let headers =
        usual.iter().chain(headers).map(|(name, value)| (name.as_bytes().to_vec(), Some(value.as_bytes().to_vec())));
    Letter::from(ReadRecord {
        topic: "revbus.dead_letters".to_owned(),
        partition: 1,
        offset: RecordOffset(offset),
        timestamp: Some(Timestamp::from_millis(millis)),
        key: Some(b"t1/d1".to_vec()),
        headers: headers.collect(),
        value: Some(EVENT.as_bytes().to_vec()),
    })
}

fn rules() -> Rules {
    let catalogue = std::sync::Arc::new(catalogue(""));
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

fn fate(letter: &Letter, edits: &[&str]) -> Fate {
    let edits: Vec<Edit> = edits.iter().map(|edit| edit.parse().unwrap()).collect();
    Judge::new(&rules(), &edits, 5).fate(letter, NOW)
}

#[test]
fn edits_are_read() {
    let shown = |text: &str| text.parse::<Edit>().map(|edit| edit.to_string());
    assert_eq!(shown(" data.amount= 5 ").as_deref(), Ok("data.amount = 5"));
    assert_eq!(shown("tenant_id = \"a=b\"").as_deref(), Ok("tenant_id = \"a=b\""));
    for (text, why) in [
        ("data.amount", "PATH = JSON"),
        ("= 5", "PATH = JSON"),
        ("data. = 5", "PATH = JSON"),
        ("data.a b = 5", "PATH = JSON"),
        ("data.name = rep", "data.name = \"rep\""),
        ("data.amount = 1 2", "not JSON"),
        ("data.amount = ", "not JSON"),
        ("data.tags[0] = \"z\"", "a list is given whole"),
        ("seq = 5", "is data.seq meant?"),
    ] {
        let error = shown(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn edits_find_the_data_in_every_shape() {
    let apply = |edit: &str, event: &str| edit.parse::<Edit>().unwrap().apply(event.as_bytes());
    for (edit, event, expected) in [
        ("data.a = 2", r#"{"payload":{"data":{"a":1}}}"#, r#"{"payload":{"data":{"a":2}}}"#),
        ("data.a = 2", r#"{"payload":{"a":1}}"#, r#"{"payload":{"a":2}}"#),
        ("data.a = 2", r#"{"payload":{"data":{},"b":1}}"#, r#"{"payload":{"data":{},"b":1,"a":2}}"#),
        ("data = {}", r#"{"payload":{"metadata":{},"data":{"a":1}}}"#, r#"{"payload":{"metadata":{},"data":{}}}"#),
        // What is no data stays, whatever shape the data had.
        (
            "data = {\"b\":1}",
            r#"{"payload":{"metadata":{"hops":2},"a":1,"action":"x"},"z":0}"#,
            r#"{"payload":{"metadata":{"hops":2},"action":"x","data":{"b":1}},"z":0}"#,
        ),
        ("data = {}", r#"{"payload":{"a":1}}"#, r#"{"payload":{"data":{}}}"#),
        ("data = 5", r#"{"payload":{"data":{"a":1},"b":1}}"#, r#"{"payload":{"data":5}}"#),
        ("payload.data.a = 2", r#"{"payload":{"data":{"a":1}}}"#, r#"{"payload":{"data":{"a":2}}}"#),
    ] {
        assert_eq!(apply(edit, event).as_deref(), Ok(expected), "{edit} {event}");
    }
    for (event, expected) in [
        (r#"{"a":1}"#, Some(r#"{"a":1,"event_id":"e"}"#)),
        (r#"{"event_id":5}"#, Some(r#"{"event_id":"e"}"#)),
        (r#"{"event_id":""}"#, Some(r#"{"event_id":"e"}"#)),
        (r#"{"event_id":"d"}"#, None),
    ] {
        let given = apply("event_id = \"e\"", event);
        assert_eq!(given.as_deref().ok(), expected, "{event}: {given:?}");
    }
    assert_eq!(apply("data.a = 2", "{}").unwrap_err(), "`payload` is no object that could hold it");
    assert!("data.a = 2".parse::<Edit>().unwrap().apply(b"\xff").is_err());
    let owner = |edit: &str| edit.parse::<Edit>().unwrap().gives_owner();
    assert_eq!([owner("tenant_id = \"t\""), owner("data.tenant_id = \"t\"")], [Some("tenant_id"), None]);
}

#[test]
fn places_are_read() {
    assert_eq!("3/120".parse(), Ok(Place { partition: 3, offset: 120 }));
    for text in ["3", "3/", "/1", "-1/2", "a/b", "1/2/3"] {
        assert!(text.parse::<Place>().is_err(), "{text}");
    }
}

#[test]
fn filters_mean_what_fits_all_of_them() {
    let letter = letter(0, 0, &[("revbus.dead.tenant", "t1")]);
    let means = |reason: Option<&str>, topic: Option<&str>, tenant: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let topics = own(topic).map(|topic| vec!["pipeline.other".to_owned(), topic]);
        Filter { reason: own(reason), topics, tenant: own(tenant) }.means(&letter)
    };
    assert!(means(None, None, None));
    assert!(means(Some("wrong_owner"), Some("pipeline.deal_won"), Some("t1")));
    assert!(!means(Some("wrong"), None, None));
    assert!(!means(Some("wrong_owner"), Some("pipeline.deal_lost"), None));
    assert!(!means(None, None, Some("t")));
    let prefixed = catalogue("eu.");
    let topics = |name: &str| Filter::topics_of(&prefixed, name);
    assert_eq!(topics("pipeline.deal_won"), ["eu.pipeline.deal_won"]);
    // What died before it was renamed lies under the old name.
    assert_eq!(topics("pipeline.closed_won"), ["eu.pipeline.deal_won", "eu.pipeline.closed_won"]);
    assert_eq!(topics("pipeline.gone"), ["eu.pipeline.gone"]);
}

#[test]
fn what_goes_back_is_what_stood_there_but_for_the_count() {
    let letter = letter(0, 0, &[("revbus.dead.replays", "2"), ("traceparent", "00")]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = |edits| -> Vec<_> {
        let back = letter.headers_back(edits, "3");
        back.iter().map(|(name, value)| format!("{}={}", text(name), text(value.unwrap()))).collect()
    };
    assert_eq!(headers(None), ["x=own", "traceparent=00", "revbus.dead.replays=3"]);
    assert_eq!(
        headers(Some("a = 1")),
        ["x=own", "traceparent=00", "revbus.replay.edit=a = 1", "revbus.dead.replays=3"]
    );
}

#[test]
fn the_router_would_decide_the_same() {
    let Fate::Goes(going) = fate(&letter(0, 0, &[]), &[]) else { panic!("it goes") };
    assert_eq!((going.now.outcome, going.now.passes(), going.edited), ("no_trigger", true, None));
    let Fate::Goes(going) = fate(&letter(0, 0, &[]), &["data.final_amount = \"x\"", "source_module = \"y\""]) else {
        panic!("it goes")
    };
    assert_eq!(going.now.reasons, ["wrong_owner", "field_invalid"]);
    assert!(going.now.message.contains("final_amount"), "{}", going.now.message);
    // The one partition of this topology is not the fourth: the key decides.
    assert_eq!(going.partition, None);
}

#[test]
fn what_cannot_go_stays() {
    let held = |headers: &[(&str, &str)]| match fate(&letter(0, 0, headers), &[]) {
        Fate::Held(held) => held,
        Fate::Goes(_) => panic!("{headers:?} goes"),
    };
    assert_eq!(held(&[("revbus.dead.replays", "5")]), Held::TooOften);
    assert_eq!(held(&[("revbus.dead.topic", "pipeline.gone")]), Held::NoTopic);
    // A command: the router does not read its topic.
    assert_eq!(held(&[("revbus.dead.topic", "compensation.calculate")]), Held::NoTopic);
    let cut = "cut to its first 5 of 10 bytes, the rest is at the position named here; it is too large";
    assert_eq!(held(&[("revbus.dead.message", cut)]), Held::Cut);
    let small = crate::kernel::TopicFacts { partitions: 4, max_message_bytes: EVENT.len() };
    let mut rules = rules();
    rules.topology.types[0] = small;
    let fate = Judge::new(&rules, &[], 5).fate(&letter(0, 0, &[]), NOW);
    assert_eq!(fate, Fate::Held(Held::TooLarge));
}

#[test]
fn marks_are_written_and_read() {
    let mut mark = Mark::new(1, vec!["a = 1".to_owned()]);
    [5, 6, 7, 9].into_iter().for_each(|offset| mark.add(&letter(offset, offset * 10, &[])));
    let text = String::from_utf8(mark.write()).unwrap();
    assert_eq!(text, r#"{"v":1,"partition":1,"newest":90,"runs":[[5,7],[9,9]],"edits":["a = 1"]}"#);
    assert_eq!(Mark::read(Some(text.as_bytes())), Ok(Some(mark)));
    for another in ["", "{}", "junk", "[1]", r#"{"v":"x"}"#] {
        assert_eq!(Mark::read(Some(another.as_bytes())), Ok(None), "{another}");
    }
    assert_eq!(Mark::read(None), Ok(None));
    for wrong in [
        r#"{"v":1}"#,
        r#"{"v":2,"letters":7}"#,
        r#"{"v":2,"partition":1,"newest":90,"runs":[]}"#,
        r#"{"v":1,"partition":1,"newest":90,"runs":[[7,5]]}"#,
        r#"{"v":1,"partition":1,"newest":90,"runs":[[0,9223372036854775807]]}"#,
        r#"{"v":1,"partition":1,"newest":90,"runs":[[-1,0]]}"#,
    ] {
        assert!(Mark::read(Some(wrong.as_bytes())).is_err(), "{wrong}");
    }
}

#[test]
fn a_topic_made_anew_is_noticed() {
    let mut mark = Mark::new(1, Vec::new());
    mark.add(&letter(5, 1000, &[]));
    let mut marks = Marks::default();
    marks.add(&mark);
    assert_eq!(marks.have(&letter(5, 1000, &[])), Ok(true));
    let foreign = marks.have(&letter(5, 1001, &[])).unwrap_err().to_string();
    assert!(foreign.contains("1/5") && foreign.contains("revbus.replays"), "{foreign}");
    // What is sent back of the topic made anew says nothing of what else stands there.
    let mut later = Mark::new(1, Vec::new());
    later.add(&letter(7, 9000, &[]));
    marks.add(&later);
    assert!(marks.have(&letter(5, 1001, &[])).is_err());
    assert_eq!(marks.have(&letter(7, 9000, &[])), Ok(true));
    assert_eq!(marks.have(&letter(6, 1, &[])), Ok(false));
}

#[test]
fn what_is_older_than_a_mark_that_is_gone_may_have_had_one() {
    let mut marks = Marks::default();
    assert!(!marks.may_have_had(&letter(5, 1000, &[])));
    marks.miss(2000);
    marks.miss(1000);
    for (written, may) in [(1000, true), (302_000, true), (302_001, false)] {
        assert_eq!(marks.may_have_had(&letter(5, written, &[])), may, "{written}");
    }
}

/// Which of three partitions a reader hears first is chance.
#[test]
fn what_is_said_does_not_depend_on_the_order_in_which_partitions_come() {
    let mut letters: Vec<_> = (0..30)
        .map(|n| {
            let reason = if n % 3 == 0 { "field_missing" } else { "not_json" };
            let mut letter = letter(n, 1000 - n % 5, &[("revbus.dead.reason", reason)]);
            letter.record.partition = i32::try_from(n % 3).unwrap();
            letter.topic = (n % 4 != 0).then(|| "pipeline.deal_won".to_owned());
            letter
        })
        .collect();
    let said = |letters: &[Letter]| {
        let (mut report, mut inventory) = (Report::default(), Inventory::default());
        for letter in letters {
            report.count("a.b", letter, &fate(letter, &[]));
            inventory.count("a.b", letter, &Marks::default()).unwrap();
        }
        (report.end(), inventory.end())
    };
    let (report, inventory) = said(&letters);
    let oldest = inventory.groups[0].samples.iter().map(|sample| sample.place.to_string()).collect::<Vec<_>>();
    assert_eq!(oldest, ["1/4", "1/19", "2/14"]);
    assert_eq!(report.named.len(), 8);
    letters.reverse();
    assert_eq!(said(&letters), (report.clone(), inventory.clone()));
    letters.sort_by_key(Letter::place);
    assert_eq!(said(&letters), (report, inventory));
}

#[test]
fn groups_are_bounded() {
    let going = fate(&letter(0, 0, &[]), &[]);
    let (mut report, mut inventory) = (Report::default(), Inventory::default());
    for n in 0..MAX_GROUPS * 2 {
        let letter = letter(0, 0, &[("revbus.dead.reason", &format!("r{n}"))]);
        report.count("a.b", &letter, &going);
        inventory.count("a.b", &letter, &Marks::default()).unwrap();
    }
    assert_eq!((report.groups.len(), report.groups[MAX_GROUPS].goes), (MAX_GROUPS + 1, MAX_GROUPS as u64));
    assert_eq!(
        (inventory.groups.len(), inventory.groups[MAX_GROUPS].dead_letters),
        (MAX_GROUPS + 1, MAX_GROUPS as u64)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn marks_have_exactly_what_was_sent(offsets in prop::collection::btree_set(0_i64..5000, 0..400), cut in 1_usize..50) {
        let mut marks = Marks::default();
        let all: Vec<_> = offsets.iter().copied().collect();
        for some in all.chunks(cut) {
            let mut mark = Mark::new(1, Vec::new());
            some.iter().for_each(|offset| mark.add(&letter(*offset, *offset, &[])));
            marks.add(&Mark::read(Some(&mark.write())).unwrap().unwrap());
        }
        for offset in 0..5000 {
            prop_assert_eq!(marks.have(&letter(offset, offset, &[])), Ok(offsets.contains(&offset)), "{}", offset);
        }
    }
}
