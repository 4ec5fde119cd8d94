use super::*;
use crate::catalogue::ControlTopic;
use crate::client::sample::catalogue;
use crate::ids::{RecordOffset, TypeId};
use crate::kafka::reader::ReadRecord;
use crate::time::Timestamp;

fn record(value: Option<&[u8]>, headers: &[(&str, &str)]) -> ReadRecord {
    ReadRecord {
        topic: "pipeline.deal_won".to_owned(),
        partition: 3,
        offset: RecordOffset(120),
        timestamp: Some(Timestamp::from_millis(1_700_000_000_000)),
        key: Some(b"tenant_001/d1".to_vec()),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), Some(value.as_bytes().to_vec())))
            .collect(),
        value: value.map(<[u8]>::to_vec),
    }
}

fn topics(patterns: &[&str]) -> Result<Vec<String>, String> {
    let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
    Ok(select(&catalogue("eu."), &patterns)?.into_iter().map(|selected| selected.topic).collect())
}

#[test]
fn a_record_names_what_stands_in_it_as_a_whole_word() {
    let told =
        record(Some("{\"event_id\":\"evt_1\",\"note\":\"née\"}".as_bytes()), &[("revbus.dead.message", "no `x-7`")]);
    for word in ["evt_1", "d1", "tenant_001/d1", "née", "x-7", "event_id"] {
        assert!(mentions(&told, word), "{word}");
    }
    for word in ["evt", "evt_", "evt_10", "vt_1", "d", "n", "x", "7", "revbus.dead.message", ""] {
        assert!(!mentions(&told, word), "{word}");
    }
    assert!(!mentions(&record(None, &[]), "evt_1"));
}

#[test]
fn patterns_mean_topics() {
    let facts = ["eu.pipeline.deal_won", "eu.forecast.submitted", "eu.compensation.calculate"];
    assert_eq!(topics(&["*.*"]).unwrap(), facts);
    assert_eq!(topics(&["pipeline.*"]).unwrap(), facts[..1]);
    assert_eq!(topics(&["*.calculate"]).unwrap(), facts[2..]);
    assert_eq!(topics(&["pipeline.closed_won", "pipeline.deal_won"]).unwrap(), facts[..1]);
    assert_eq!(topics(&["audit", "revbus.dead_letters"]).unwrap(), ["eu.revbus.dead_letters", "eu.revbus.audit"]);
    for (pattern, meant) in [("pipeline.deal_wan", "pipeline.deal_won"), ("dead_leters", "dead_letters")] {
        assert!(topics(&[pattern]).unwrap_err().ends_with(&format!("did you mean `{meant}`?")));
    }
    assert_eq!(topics(&["all"]).unwrap().len(), facts.len() + ControlTopic::ALL.len());
    for pattern in ["pipe*.deal_won", "nosuch.*", "*"] {
        assert!(topics(&[pattern]).is_err(), "{pattern}");
    }
}

#[test]
fn an_event_is_shown_by_its_data() {
    let value = br#"{"tenant_id":"tenant_001","payload":{"action":"x","data":{"deal_id":"d1"}}}"#;
    let shown = row(&record(Some(value), &[]), Watched::Events(TypeId(0)));
    assert_eq!(
        [&*shown.time, &*shown.place, &*shown.tenant, &*shown.key, &*shown.text],
        ["2023-11-14T22:13:20.000Z", "pipeline.deal_won/3@120", "tenant_001", "tenant_001/d1", r#"{"deal_id":"d1"}"#]
    );
}

#[test]
fn an_event_is_read_as_the_router_reads_it_and_shown_as_it_is_written() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (value, tenant, data) in [
        (
            r#"{"tenant_id":"t6","payload":{"data":{"x":1e999,"y":1.10,"n":123456789012345678901234567890}}}"#,
            "t6",
            None,
        ),
        (r#"{"tenant_id":"t7","tenant_id":"t8","payload":{"dup":1,"dup":2}}"#, "t7", Some(r#"{"dup":1,"dup":2}"#)),
        (r#"{"tenant_id":"t7","payload":{"data":{"x":"\ud800"}}}"#, "t7", Some(r#"{"x":"\ud800"}"#)),
        (&format!(r#"{{"tenant_id":"t7","payload":{deep}}}"#), "t7", Some("{\"tenant_id\":\"t7\"")),
        ("no JSON", "tenant_001", Some("no JSON")),
    ] {
        let shown = row(&record(Some(value.as_bytes()), &[]), Watched::Events(TypeId(0)));
        assert_eq!(shown.tenant, tenant, "{value}");
        let data = data.unwrap_or(r#"{"x":1e999,"y":1.10,"n":123456789012345678901234567890}"#);
        assert!(shown.text.starts_with(data), "{value}: {}", shown.text);
    }
}

#[test]
fn whatever_the_bytes_are_a_row_is_one_line() {
    let text = |value| row(&record(value, &[]), Watched::Events(TypeId(0))).text;
    assert_eq!(text(None), "(tombstone)");
    assert_eq!(text(Some(b"\x1b[2J\nno\xff")), "\\u001b[2J\\u000ano\u{fffd}");
    assert_eq!(text(Some(&[b'x'; 1000])).chars().count(), 161);
}

#[test]
fn dead_letters_are_sentences() {
    let headers = [
        ("revbus.dead.reason", "field_missing"),
        ("revbus.dead.message", "`final_amount` is missing"),
        ("revbus.dead.topic", "pipeline.deal_won"),
        ("revbus.dead.partition", "3"),
        ("revbus.dead.offset", "120"),
        ("revbus.dead.tenant", "tenant_001"),
    ];
    let letter = record(Some(b"\xff"), &headers);
    let shown = row(&letter, Watched::Control(ControlTopic::DeadLetters));
    assert_eq!(shown.text, "pipeline.deal_won/3@120 of tenant_001: `final_amount` is missing (field_missing)");
    assert_eq!(tenant(&letter).as_deref(), Some("tenant_001"));
}

#[test]
fn audit_records_are_sentences() {
    let routed = br#"{"outcome":"routed","source":{"topic":"a.b","partition":1,"offset":2},"tenant_id":"t","derived":[{"trigger":"x","event_type":"c.d"},{"event_type":"e.f"}]}"#;
    let text = |value: &[u8]| row(&record(Some(value), &[]), Watched::Control(ControlTopic::Audit)).text;
    assert_eq!(text(routed), "a.b/1@2 of t: routed → c.d, e.f");
    let invalid = br#"{"outcome":"invalid","source":{"topic":"a.b","partition":1,"offset":2},"reasons":[{"code":"not_json","message":"no"}]}"#;
    assert_eq!(text(invalid), "a.b/1@2: invalid (no)");
    assert_eq!(text(b"nonsense"), "nonsense");
}

#[test]
fn json_lines_keep_every_byte() {
    let line = |record: &ReadRecord| String::from_utf8(json(record)).unwrap();
    assert_eq!(
        line(&record(Some(b"{\"a\":\n1.50}"), &[("h", "v")])),
        r#"{"topic":"pipeline.deal_won","partition":3,"offset":120,"timestamp":"2023-11-14T22:13:20.000Z","key":"tenant_001/d1","headers":[{"name":"h","value":"v"}],"value":{"a": 1.50}}"#
    );
    let mut odd = record(Some(b"\xff"), &[]);
    (odd.key, odd.headers, odd.timestamp) = (Some(vec![0xfe]), vec![(vec![0xff], None)], None);
    assert_eq!(
        line(&odd),
        r#"{"topic":"pipeline.deal_won","partition":3,"offset":120,"timestamp":null,"key_base64":"/g==","headers":[{"name_base64":"/w==","value":null}],"value_base64":"/w=="}"#
    );
    assert!(line(&record(Some(b"text"), &[])).ends_with(r#""value_text":"text"}"#));
    assert!(line(&record(Some(br#""text""#), &[])).ends_with(r#""value":"text"}"#));
    assert!(line(&record(Some(br#"{"a":"\ud83d\ude00"}"#), &[])).ends_with(r#""value":{"a":"\ud83d\ude00"}}"#));
    assert!(line(&record(Some(br#"{"a":"\uD83d"}"#), &[])).ends_with(r#""value_text":"{\"a\":\"\\uD83d\"}"}"#));
    assert!(line(&record(None, &[])).ends_with(r#""value":null,"tombstone":true}"#));
    assert!(line(&record(Some(b"null"), &[])).ends_with(r#""value":null}"#));
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let values = [&b"{\"a\": [1.50, null]}"[..], b"plain", b"\xff\x00", b"null", b"\"\\ud800\"", b""];
    for value in values.map(Some).into_iter().chain([None]) {
        for key in [Some(&b"tenant_001/d1"[..]), Some(b"\xfe"), None] {
            let mut written = record(value, &[("h", "x")]);
            written.key = key.map(<[u8]>::to_vec);
            written.headers.push((b"\xfd".to_vec(), None));
            assert_eq!(read_line(&json(&written)), Some(written));
        }
    }
    assert_eq!(read_line(br#"{"event_id":"e","topic":"t","partition":1,"offset":2}"#), None);
}
