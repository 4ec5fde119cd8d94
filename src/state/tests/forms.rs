//! Values, tombstones, updates and replies, as they stand on the wire.

use std::borrow::Cow;

use crate::envelope;
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::schema::MAX_REASONS;
use crate::state::{
    Answer, Author, Current, Entity, NewerState, Operation, Reply, ReplyTo, Update, UpdateBody, Version, Written,
};
use crate::time::Timestamp;

fn written(user: Option<&'static str>) -> Written<'static> {
    Written {
        version: Version(3),
        at: Timestamp::parse("2024-01-15T10:30:00Z").unwrap().0,
        by: Author { module: "customer_success".into(), user: user.map(Into::into) },
        event_id: "evt_1".into(),
    }
}

#[test]
fn a_value_is_read_as_it_was_written() {
    let entity = Entity { written: written(Some("ann")), state: Cow::Borrowed(r#"{"score": 1.0}"#) };
    let mut value = Vec::new();
    entity.push(&mut value);
    assert_eq!(
        String::from_utf8_lossy(&value),
        r#"{"v":1,"version":3,"written_at":"2024-01-15T10:30:00.000Z","written_by":{"module":"customer_success","user_id":"ann"},"event_id":"evt_1","state":{"score": 1.0}}"#
    );
    assert_eq!(Entity::read(&value), Ok(entity));
    let mut header = Vec::new();
    written(None).push(&mut header);
    assert_eq!(Written::read(&header), Ok(written(None)));
}

#[test]
fn a_value_that_says_the_same_in_other_words_is_read_alike() {
    let value = |version: &str, module: &str, state: &str| {
        format!(
            r#"{{"v":1,"version":{version},"written_at":"2024-01-15T10:30:00.000Z","written_by":{{"module":"{module}","user_id":"ann"}},"event_id":"evt_1","state":{state}}}"#
        )
    };
    let wanted = Entity { written: written(Some("ann")), state: Cow::Borrowed(r#"{"a":"}\""}"#) };
    let plain = value("3", "customer_success", &wanted.state);
    for same in [
        plain.clone(),
        plain.replace("customer", r"\u0063ustomer"),
        plain.replace(",\"", ", \""),
        plain.replace("\"v\":1,", "").replace("\"event_id\"", "\"v\":1,\"event_id\""),
        format!("{plain}\n"),
    ] {
        assert_eq!(Entity::read(same.as_bytes()).as_ref(), Ok(&wanted), "{same}");
    }
    for (version, state) in
        [("03", "{}"), ("", "{}"), ("-3", "{}"), ("99999999999999999999", "{}"), ("3", "[]"), ("3", "{\"a\"}")]
    {
        let value = value(version, "m", state);
        assert_eq!(Entity::read(value.as_bytes()), Err(NewerState::Foreign), "{value}");
    }
    for torn in 1..plain.len() {
        assert_eq!(Entity::read(&plain.as_bytes()[..torn]), Err(NewerState::Foreign), "{torn}");
        assert_eq!(Entity::read(format!("{plain}{}", &plain[torn..]).as_bytes()), Err(NewerState::Foreign), "{torn}");
    }
}

#[test]
fn a_newer_value_is_told_from_a_foreign_one() {
    assert_eq!(Entity::read(br#"{"v":2,"all":"other"}"#), Err(NewerState::Newer(2)));
    for foreign in [
        "",
        "{}",
        "null",
        r#"{"v":1}"#,
        "\u{0}",
        r#"{"v":1,"version":1,"written_at":"x","written_by":{"module":"m"},"event_id":"e","state":{}}"#,
    ] {
        assert_eq!(Entity::read(foreign.as_bytes()), Err(NewerState::Foreign), "{foreign}");
    }
    let without =
        r#"{"v":1,"version":1,"written_at":"2024-01-15T10:30:00Z","written_by":{"module":"m"},"event_id":"e"}"#;
    assert_eq!(Entity::read(without.as_bytes()), Err(NewerState::Foreign));
}

fn event(data: &str) -> String {
    format!(
        r#"{{"event_id":"e","event_type":"state.put","source_module":"m","tenant_id":"t","timestamp":"2024-01-15T10:30:00Z","payload":{{"action":"put","data":{data}}}}}"#
    )
}

fn breaches(operation: Operation, data: &str) -> String {
    let text = event(data);
    let mut reasons = Vec::new();
    let envelope = envelope::read(&text, &mut reasons);
    assert!(reasons.is_empty(), "{reasons:?}");
    let update = Update::read(operation, envelope.data.as_ref().unwrap(), &mut reasons);
    assert_eq!(
        update.is_none(),
        !reasons
            .iter()
            .all(|reason| reason.code == ReasonCode::FieldUndeclared || reason.code == ReasonCode::DuplicateName)
    );
    if let Some(update) = update.filter(|_| reasons.is_empty()) {
        let mut out = Vec::new();
        update.push(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), data);
    }
    reasons.iter().map(|reason| format!("{}: {}\n", reason.code.code(), reason.message)).collect()
}

#[test]
fn an_update_says_which_entity_and_what() {
    for (operation, data, expected) in [
        (Operation::Put, r#"{"module":"m","entity_type":"t","entity_id":"a","state":{"x":1}}"#, ""),
        (Operation::Put, r#"{"module":"m","entity_type":"t","entity_id":"a","state":{},"expected_version":0}"#, ""),
        (Operation::Patch, r#"{"module":"m","entity_type":"t","entity_id":"a","patch":{"x":null}}"#, ""),
        (Operation::Delete, r#"{"module":"m","entity_type":"t","entity_id":"a","expected_version":7}"#, ""),
        (
            Operation::Put,
            r#"{"module":1,"entity_type":null,"state":[],"expected_version":-1}"#,
            "field_invalid: `module` must be a string, not a number\nfield_missing: `entity_type` is missing\n\
             field_missing: `entity_id` is missing\nfield_invalid: `state` must be an object, not an array\n\
             field_invalid: `expected_version` must be a whole number from 0 to 9223372036854775807\n",
        ),
        (
            Operation::Patch,
            r#"{"module":"m","entity_type":"t","entity_id":"a","patch":null}"#,
            "field_invalid: `patch` must be an object, not null\n",
        ),
        (
            Operation::Put,
            r#"{"module":"m","entity_type":"t","entity_id":"a","patch":{}}"#,
            "field_undeclared: `patch` has no place in a state.put\nfield_missing: `state` is missing\n",
        ),
        (
            Operation::Delete,
            r#"{"module":"m","entity_type":"t","entity_id":"a","expected_verison":7}"#,
            "field_undeclared: `expected_verison` is no field of a state update\n",
        ),
        (
            Operation::Delete,
            r#"{"module":"m","module":"n","entity_type":"t","entity_id":"a"}"#,
            "duplicate_name: `module` stands there twice\n",
        ),
    ] {
        assert_eq!(breaches(operation, data), expected, "{data}");
    }
}

#[test]
fn of_very_many_slips_the_first_are_named() {
    let slips: String = (0..1000).map(|n| format!(r#","slip{n}":1,"module":"m""#)).collect();
    let data = format!(r#"{{"module":"m","entity_type":"t","entity_id":"a"{slips}}}"#);
    assert_eq!(breaches(Operation::Delete, &data).lines().count(), MAX_REASONS);
}

#[test]
fn an_answer_goes_where_the_metadata_says() {
    let to = |metadata| ReplyTo::read(Some(metadata)).map(|to| to.map(|to| (to.client_id.into_owned(), to.partition)));
    assert_eq!(ReplyTo::read(None), Ok(None));
    assert_eq!(to(r#"{"hops":1}"#), Ok(None));
    assert_eq!(to(r#"{"client_id":"c","reply_partition":3}"#), Ok(Some(("c".to_owned(), 3))));
    for bad in [
        r#"{"client_id":"c"}"#,
        r#"{"reply_partition":1}"#,
        r#"{"client_id":"","reply_partition":1}"#,
        r#"{"client_id":1,"reply_partition":1}"#,
        r#"{"client_id":"c","reply_partition":-1}"#,
        r#"{"client_id":"c","reply_partition":1.5}"#,
    ] {
        assert!(to(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_client_reads_what_the_router_answers() {
    let reasons = [Reason::new(ReasonCode::FieldInvalid, "`score` is above 100")];
    let current = Some(Current { version: Version(4), state: Some(r#"{"score":1}"#) });
    let answer =
        Answer { outcome: Outcome::Conflict, version: Some(Version(4)), repeated: true, current, reasons: &reasons };
    let mut data = Vec::new();
    answer.push(&mut data);
    let data = String::from_utf8(data).unwrap();
    let value = format!(
        r#"{{"event_type":"state.put.{}","tenant_id":"t","payload":{{"data":{data},"metadata":{{"causation_id":"evt_9","hops":1}}}}}}"#,
        answer.status()
    );
    let reply = Reply::read(value.as_bytes()).unwrap();
    assert_eq!((&*reply.event_type, reply.update_id()), ("state.put.failed", "evt_9"));
    let told = reply.told();
    assert_eq!((&*told.outcome, told.version, told.repeated), ("conflict", Some(4), true));
    assert_eq!(told.reasons[0].message, "`score` is above 100");
    let current = told.current.as_ref().unwrap();
    assert_eq!((current.version, current.state.unwrap().get()), (4, r#"{"score":1}"#));
    assert_eq!(UpdateBody::Delete.operation().name(), "delete");
}
