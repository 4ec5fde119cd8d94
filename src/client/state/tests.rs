use super::error::{Current, StateError, Violation};
use super::event::NewUpdate;
use super::line::EntityLine;
use super::outcome::Done;
use super::pending::Pending;
use super::write::object;
use crate::envelope::{self, Envelope};
use crate::json::Scanner;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::state::Written as Wrote;
use crate::state::{Answer, Author, EntityKey, Operation, ReplyTo, Update, UpdateBody, Version};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An answer as the router writes it.
fn reply(causation: &str, answer: &Answer<'_>) -> Vec<u8> {
    let status = answer.status();
    let mut out = format!(
        r#"{{"event_id":"r","event_type":"state.put.{status}","source_module":"revbus","tenant_id":"t",
            "timestamp":"2024-01-15T10:30:00Z","payload":{{"action":"{status}","data":"#
    )
    .into_bytes();
    answer.push(&mut out);
    out.extend_from_slice(format!(r#","metadata":{{"causation_id":"{causation}"}}}}}}"#).as_bytes());
    out
}

fn changed(version: u64) -> Answer<'static> {
    let version = Some(Version(version));
    Answer { outcome: Outcome::StateChanged, version, repeated: false, current: None, reasons: &[] }
}

#[tokio::test]
async fn each_call_gets_the_answer_to_its_own_update() {
    let pending = Pending::new("t", "me");
    let (mut a, mut b) = (pending.expect("a").unwrap(), pending.expect("b").unwrap());
    let mut again = pending.expect("a").unwrap();
    // Not ours: another client of the tenant, the same client id of another tenant, no key, no reply, nobody waits.
    pending.take(Some(b"t/you"), Some(&reply("a", &changed(7))));
    pending.take(Some(b"u/me"), Some(&reply("a", &changed(7))));
    pending.take(None, Some(&reply("a", &changed(7))));
    pending.take(Some(b"t/me"), Some(b"nonsense"));
    pending.take(Some(b"t/me"), None);
    pending.take(Some(b"t/me"), Some(&reply("c", &changed(7))));
    pending.take(Some(b"t/me"), Some(&reply("b", &changed(2))));
    pending.take(Some(b"t/me"), Some(&reply("a", &Answer { repeated: true, ..changed(1) })));
    pending.take(Some(b"t/me"), Some(&reply("a", &changed(9))));
    let done = |version, repeated| Done { version: Version(version), repeated };
    assert_eq!(a.answer().await.unwrap().unwrap(), done(1, true));
    assert_eq!(again.answer().await.unwrap().unwrap(), done(1, true));
    assert_eq!(b.answer().await.unwrap().unwrap(), done(2, false));
}

#[tokio::test]
async fn who_stops_waiting_leaves_nothing_behind() {
    let pending = Pending::new("t", "me");
    let first = pending.expect("a").unwrap();
    let mut second = pending.expect("a").unwrap();
    drop(first);
    pending.take(Some(b"t/me"), Some(&reply("a", &changed(1))));
    assert!(second.answer().await.unwrap().is_ok());
    drop(second);
    let third = pending.expect("b").unwrap();
    assert_eq!(pending.count(), 1);
    drop(third);
    assert_eq!(pending.count(), 0);
}

#[tokio::test]
async fn when_no_answer_can_come_any_more_everybody_is_told() {
    let pending = Pending::new("t", "me");
    let mut waiting = pending.expect("evt_1").unwrap();
    pending.give_up(&Trouble { kind: TroubleKind::TopicMissing, sentence: "it is gone".to_owned() });
    let error = waiting.answer().await.unwrap().unwrap_err().to_string();
    assert_eq!(error, "it is gone; whether update evt_1 was written is not known: ask again with the same event id");
    assert_eq!(pending.expect("evt_2").err().unwrap().to_string(), "it is gone");
}

async fn error_of(answer: &Answer<'_>) -> StateError {
    let pending = Pending::new("t", "me");
    let mut waiting = pending.expect("a").unwrap();
    pending.take(Some(b"t/me"), Some(&reply("a", answer)));
    waiting.answer().await.unwrap().unwrap_err()
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    use crate::state::Current as Met;
    let reasons = [
        Reason::new(ReasonCode::FieldInvalid, "`health_score` must be at most 100"),
        Reason::new(ReasonCode::FieldMissing, "`risk_level` is missing"),
    ];
    let refused = |outcome| Answer { outcome, version: None, repeated: false, current: None, reasons: &reasons };
    let met = |version, state| Answer {
        outcome: Outcome::Conflict,
        version: Some(Version(version)),
        current: Some(Met { version: Version(version), state }),
        ..changed(version)
    };
    let conflict = error_of(&met(7, Some(r#"{"a": 1.50}"#))).await;
    let StateError::Conflict { current: Current::There { version, state } } = &conflict else { panic!("{conflict}") };
    assert_eq!((*version, state.get()), (Version(7), r#"{"a": 1.50}"#));
    assert_eq!(
        conflict.to_string(),
        "conflict: the entity has version 7 by now: look at it, and write expecting version 7"
    );
    let absent = error_of(&met(0, None)).await.to_string();
    assert_eq!(absent, "conflict: the entity is not there: a put or patch that expects version 0 creates it");
    let large = error_of(&met(4, None)).await;
    assert!(matches!(large, StateError::Conflict { current: Current::TooLarge { version: Version(4) } }), "{large}");
    assert!(large.to_string().contains("has version 4 by now, and its state is too large for an answer"), "{large}");
    let repeated = Answer { repeated: true, current: None, ..met(7, None) };
    assert!(error_of(&repeated).await.to_string().contains("with a new event id"));

    let invalid = error_of(&refused(Outcome::Invalid)).await;
    let StateError::InvalidState { violations } = &invalid else { panic!("{invalid}") };
    let second = Violation { code: "field_missing".to_owned(), message: "`risk_level` is missing".to_owned() };
    assert_eq!(violations[1], second);
    let both = "`health_score` must be at most 100 (field_invalid); `risk_level` is missing (field_missing)";
    assert!(invalid.to_string().starts_with(&format!("invalid: {both}; nothing was written")), "{invalid}");
    assert!(error_of(&refused(Outcome::Failed)).await.to_string().contains("`revbus dlq list` shows it"));
    assert!(error_of(&refused(Outcome::Denied)).await.to_string().starts_with("denied: `health_score` must"));
}

#[test]
fn the_event_is_what_the_router_reads() {
    let state = r#"{"health_score": 41.0, "text":"\"\u0007"}"#;
    let body = Scanner::new(state).value().unwrap();
    let entity = EntityKey::new("t", "customer_success", "account", "a/b %\u{202e}").unwrap();
    let reply_to = ReplyTo { client_id: "client_1".into(), partition: 3 };
    let update = NewUpdate {
        event_id: "evt_\"1",
        entity,
        body: UpdateBody::Put(body),
        expected: Some(Version(4)),
        by: ("customer_success", Some("u\n")),
        reply_to: Some(reply_to.clone()),
    };
    let bytes = update.to_bytes(NOW);
    let text = String::from_utf8(bytes).unwrap();
    let mut reasons = Vec::new();
    let read: Envelope<'_> = envelope::read(&text, &mut reasons);
    assert_eq!((read.event_id.as_deref(), read.event_type.as_deref()), (Some("evt_\"1"), Some("state.put")));
    assert_eq!((read.source_module.as_deref(), read.user_id.as_deref()), (Some("customer_success"), Some("u\n")));
    assert_eq!((read.tenant_id.as_deref(), read.timestamp.map(|(time, _)| time)), (Some("t"), Some(NOW)));
    assert_eq!(ReplyTo::read(read.metadata.raw), Ok(Some(reply_to)));
    let data = Update::read(Operation::Put, read.data.as_ref().unwrap(), &mut reasons).unwrap();
    assert_eq!(reasons, []);
    assert_eq!(data.key("t").unwrap(), entity);
    assert_eq!((data.expected, data.body), (Some(Version(4)), UpdateBody::Put(body)));
}

#[test]
fn the_largest_state_fits_into_an_update_of_whatever_entity() {
    let catalogue = crate::catalogue::compile("topics.yaml", include_str!("sample.yaml")).0.unwrap();
    let most = crate::kernel::largest_state(&catalogue.settings);
    let state = format!(r#"{{"note":"{}"}}"#, "x".repeat(most - 11));
    assert_eq!(state.len(), most);
    let (name, id) = ("n".repeat(128), "\u{1}".repeat(512));
    let update = NewUpdate {
        event_id: &"e".repeat(128),
        entity: EntityKey::new(&name, &name, &name, &id).unwrap(),
        body: UpdateBody::Put(Scanner::new(&state).value().unwrap()),
        expected: Some(Version(u64::MAX)),
        by: (&name, Some(&"u".repeat(1024))),
        reply_to: Some(ReplyTo { client_id: (&*name).into(), partition: i32::MAX }),
    };
    assert!(update.to_bytes(NOW).len() <= catalogue.settings.max_event_bytes as usize);
}

#[test]
fn a_state_is_an_object() {
    assert_eq!(object(" {\"a\":1} ", "a state").unwrap().raw, "{\"a\":1}");
    for (text, why) in [
        ("7", "not a number"),
        ("[]", "not an array"),
        ("null", "not null"),
        ("{} {}", "not JSON at byte 3"),
        ("", "byte 0"),
    ] {
        let error = object(text, "a state").unwrap_err().to_string();
        assert!(error.starts_with("a state must be a JSON object") && error.contains(why), "{error}");
    }
}

#[test]
fn a_state_is_as_deep_as_the_event_that_brings_it_may_be() {
    let state = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let (deepest, deeper) = (state(61), state(62));
    let update = |body| NewUpdate {
        event_id: "e",
        entity: EntityKey::new("t", "cs", "account", "a").unwrap(),
        body: UpdateBody::Put(body),
        expected: None,
        by: ("cs", None),
        reply_to: None,
    };
    let event = String::from_utf8(update(object(&deepest, "a state").unwrap()).to_bytes(NOW)).unwrap();
    let mut reasons = Vec::new();
    _ = envelope::read(&event, &mut reasons);
    assert_eq!(reasons, []);
    assert_eq!(object(&deeper, "a state").unwrap_err().to_string(), "a state is nested deeper than 61");
    let event = String::from_utf8(update(Scanner::new(&deeper).value().unwrap()).to_bytes(NOW)).unwrap();
    _ = envelope::read(&event, &mut reasons);
    assert_eq!(reasons[0].code, ReasonCode::TooDeep);
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let key = EntityKey::new("t", "cs", "account", "a/b\u{202e}").unwrap();
    let by = Author { module: "cs".into(), user: Some("u".into()) };
    let written = Wrote { version: Version(4), at: NOW, by, event_id: "e".into() };
    let line = EntityLine::of(key, &written, "{\"a\":\n1.50}").unwrap();
    let text = serde_json::to_string(&line).unwrap();
    assert_eq!(
        text,
        "{\"module\":\"cs\",\"entity_type\":\"account\",\"entity_id\":\"a/b\u{202e}\",\"version\":4,\
         \"state\":{\"a\": 1.50},\"written_by\":{\"module\":\"cs\",\"user_id\":\"u\"},\
         \"written_at\":\"2023-11-14T22:13:20.000Z\"}"
    );
    let (read, meant) = EntityLine::parse(&text, "other").unwrap();
    assert_eq!(meant.borrow(), EntityKey { tenant: "other", ..key });
    assert_eq!(read.state.get(), "{\"a\": 1.50}");
    for (bad, why) in [
        ("", "EOF"),
        (r#"{"module":"cs","entity_type":"account","state":{}}"#, "missing field `entity_id`"),
        (r#"{"module":"cs","entity_type":"account","entity_id":"a","stat":{}}"#, "unknown field `stat`"),
        (r#"{"module":"cs","entity_type":"account","entity_id":"a","state":[]}"#, "not an array"),
        (r#"{"module":"cs","entity_type":"account","entity_id":"","state":{}}"#, "1 to 512 bytes"),
        (r#"{"module":"../x","entity_type":"account","entity_id":"a","state":{}}"#, "lower snake case"),
    ] {
        let error = EntityLine::parse(bad, "t").unwrap_err();
        assert!(error.contains(why), "{bad}: {error}");
    }
}

#[test]
fn a_client_is_shared_by_tasks() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<super::StateClient>();
}
