//! The very bytes: derived events, an audit record, a dead letter. A change here is a change of the wire.

use super::super::Effects;
use super::harness::{EDGE, Event, SHIPPED};
use super::seen::{NOW, Seen, limited, record, rules};
use crate::ids::SourceId;
use crate::kernel::worker::SourcePartition;
use crate::kernel::{Input, Ledger, LedgerKeys, LedgerLimits, NoMemory, decide, refuse};

/// Decides on the event of a text under the shipped catalogue.
fn shipped(text: &str) -> Seen {
    let rules = rules(SHIPPED);
    Seen::of(&rules, record(&rules.catalogue, "pipeline.deal_won", (Some(b"k"), Some(text.as_bytes())), &[]))
}

/// The digest of the shipped catalogue changes with every word of it.
fn without_digest(text: &str) -> String {
    text.replace(rules(SHIPPED).catalogue.digest.as_str(), "DIGEST")
}

const DEAL_WON: &str = r#"{"event_id":"evt_1","event_type":"pipeline.deal_won","source_module":"pipeline","tenant_id":"acme",
 "user_id":"u\"1","timestamp":"2024-01-15T10:29:59+00:00","correlation_id":"c-1","payload":{"action":"deal_won",
 "data":{ "deal_id":"d/1","final_amount":5e4 ,"rep_id":"r","extra":{"\u0061":[1, 2.50]} },"metadata":{"hops":1,"root_id":"evt_0"}}}"#;

#[test]
fn a_derived_event_keeps_the_bytes_of_its_data() {
    let seen = shipped(DEAL_WON);
    assert_eq!(
        without_digest(&seen.derived_text[0]),
        r#"{"event_id":"evt_ea1e44ea-7307-59e9-9e55-a35a5c7010b9","event_type":"compensation.calculate","source_module":"pipeline","target_module":"compensation","tenant_id":"acme","user_id":"u\"1","timestamp":"2024-01-15T10:30:00.000Z","payload":{"action":"calculate","data":{ "deal_id":"d/1","final_amount":5e4 ,"rep_id":"r","extra":{"\u0061":[1, 2.50]} },"metadata":{"causation_id":"evt_1","root_id":"evt_0","hops":2,"trigger":"compensation.calculate","catalogue":"DIGEST"}},"correlation_id":"c-1","timeout_seconds":30}"#
    );
    assert_eq!(seen.derived[0].1, "acme/d%2F1");
}

#[test]
fn a_derived_event_of_aliases_and_mappings() {
    let rules = rules(EDGE);
    let event = Event::of("sales.mapped", r#"{ "value" : 10, "id" : "\u0069", "secret":"s" }"#).text();
    let seen = Seen::of(&rules, record(&rules.catalogue, "sales.mapped", (None, Some(event.as_bytes())), &[]));
    let digest = rules.catalogue.digest.as_str();
    assert_eq!(
        seen.derived_text[0].replace(digest, "DIGEST"),
        r#"{"event_id":"evt_659effea-f532-544e-8299-0cc5da5a0dd7","event_type":"work.book","source_module":"sales","target_module":"work","tenant_id":"acme","timestamp":"2024-01-15T10:30:00.000Z","payload":{"action":"book","data":{"id":"\u0069","amount":20.0,"fee":"2.5","fees":["1","2.5"],"by":"sales.mapped/acme","chain":0},"metadata":{"causation_id":"evt_1","root_id":"evt_1","hops":1,"trigger":"work.book","catalogue":"DIGEST"}},"correlation_id":"evt_1","timeout_seconds":30}"#
    );
}

#[test]
fn an_audit_record() {
    let seen = shipped(DEAL_WON);
    assert_eq!(
        without_digest(&seen.audit_text),
        r#"{"v":1,"at":"2024-01-15T10:30:00.000Z","outcome":"routed","source":{"topic":"pipeline.deal_won","partition":3,"offset":41},"event_id":"evt_1","event_type":"pipeline.deal_won","tenant_id":"acme","source_module":"pipeline","user_id":"u\"1","correlation_id":"c-1","root_id":"evt_0","hops":1,"catalogue":"DIGEST","derived":[{"trigger":"compensation.calculate","event_id":"evt_ea1e44ea-7307-59e9-9e55-a35a5c7010b9","event_type":"compensation.calculate"},{"trigger":"forecast.validate","event_id":"evt_4bbda69d-058e-5749-a8be-0ff39c3fd67c","event_type":"forecast.validate"},{"trigger":"customer_success.onboard","event_id":"evt_78f36545-883e-5314-8a45-a9f5bad1624d","event_type":"customer_success.onboard"}],"payload_digest":"7602c44daca14191168023e23f274657c0a00eed8ec327296e660889f4743d00"}"#
    );
    assert_eq!(seen.audit_key.as_deref(), Some("acme/evt_0"));
}

#[test]
fn a_dead_letter() {
    let seen = shipped(
        r#"{"event_id":"evt_1","event_type":"pipeline.deal_won","tenant_id":"acme","timestamp":"now","payload":{"deal_id":"d"}}"#,
    );
    let lines: Vec<_> = seen.letter.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        without_digest(&lines.join("\n")),
        "revbus.dead.reason: envelope_field_missing,timestamp_invalid,field_missing
revbus.dead.topic: pipeline.deal_won
revbus.dead.partition: 3
revbus.dead.offset: 41
revbus.dead.timestamp: 2024-01-15T10:30:00.000Z
revbus.dead.tenant: acme
revbus.dead.catalogue: DIGEST
revbus.dead.replays: 0
revbus.dead.message: `source_module` is missing; `timestamp` is not a time as RFC 3339 has it, such as \
2024-01-15T10:30:00Z; `final_amount` is missing; `rep_id` is missing"
    );
}

#[test]
fn a_duplicate_is_audited_and_not_routed() {
    let rules = rules(SHIPPED);
    let record = record(&rules.catalogue, "pipeline.deal_won", (None, Some(DEAL_WON.as_bytes())), &[]);
    let partition = SourcePartition { topic: SourceId(0), partition: record.partition };
    let limits = LedgerLimits { window: std::time::Duration::from_secs(600), ids: 10 };
    let (mut ledger, mut effects) = (Ledger::new(LedgerKeys::new(&[1; 16]), limits), Effects::new());
    let decide = |ledger: &Ledger, effects: &mut Effects| {
        decide(&rules, &ledger.of(partition, NOW), Input::Record(record), NOW, effects).code()
    };
    assert_eq!(decide(&ledger, &mut effects), "routed");
    ledger.remember(effects.remember().unwrap(), NOW);
    assert_eq!(decide(&ledger, &mut effects), "duplicate");
    assert_eq!((effects.produced().len(), effects.dead_letter().is_some(), effects.remember()), (1, false, None));
}

#[test]
fn a_dead_letter_is_not_remembered() {
    let rules = rules(SHIPPED);
    let late = DEAL_WON.replace("\"final_amount\"", "\"final_amont\"");
    assert_ne!(late, DEAL_WON);
    let record = record(&rules.catalogue, "pipeline.deal_won", (None, Some(late.as_bytes())), &[]);
    let mut effects = Effects::new();
    assert_eq!(decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects).code(), "invalid");
    assert_eq!(effects.remember(), None);
}

#[test]
fn what_the_broker_refuses_is_a_dead_letter() {
    let rules = rules(SHIPPED);
    let record = record(&rules.catalogue, "pipeline.deal_won", (None, Some(DEAL_WON.as_bytes())), &[]);
    let mut effects = Effects::new();
    assert_eq!(refuse(&rules, Input::Record(record), NOW, &mut effects).code(), "failed");
    assert_eq!(effects.produced().len(), 1);
    assert_eq!(effects.dead_letter().map(|letter| letter.codes.len()), Some(1));
}

#[test]
fn a_dead_letter_fits_where_its_record_is_cut() {
    let value = vec![b'x'; 40_000];
    let rules = limited(EDGE, 20_000);
    let record = record(&rules.catalogue, "sales.won", (Some(b"k"), Some(&value)), &[(b"h", Some(b"v"))]);
    let mut effects = Effects::new();
    let _ = decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects);
    let letter = effects.dead_letter().unwrap();
    let kept = letter.cut.unwrap();
    let headers: usize = letter.headers.iter().map(|(name, span)| name.len() + span.len() + 10).sum();
    assert!(kept > 12_000 && kept + headers < 19_800, "{kept} {headers}");
    let message = letter.headers.iter().find(|(name, _)| *name == "revbus.dead.message").unwrap().1;
    assert!(effects.bytes(message).starts_with(format!("cut to its first {kept} of 40000 bytes").as_bytes()));
}

#[test]
fn a_key_that_does_not_fit_is_left_out() {
    let key = vec![b'k'; 30_000];
    let rules = limited(EDGE, 20_000);
    let record = record(&rules.catalogue, "sales.won", (Some(&key), Some(b"{}")), &[]);
    let mut effects = Effects::new();
    let _ = decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects);
    let letter = effects.dead_letter().unwrap();
    assert_eq!((letter.cut, letter.bare), (Some(2), true));
    let message = letter.headers.iter().find(|(name, _)| *name == "revbus.dead.message").unwrap().1;
    let message = String::from_utf8_lossy(effects.bytes(message)).into_owned();
    assert!(message.starts_with("cut to its first 2 of 2 bytes, without its key and headers"), "{message}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let rules = rules(SHIPPED);
    let edge = super::seen::rules(EDGE);
    let mapped = Event::of("sales.mapped", r#"{"id":"i","amount":1,"a":{"z":1,"y":2}}"#).text();
    for (rules, topic, text) in
        [(&rules, "pipeline.deal_won", DEAL_WON), (&edge, "sales.mapped", &mapped), (&edge, "sales.won", "x")]
    {
        let record = record(&rules.catalogue, topic, (None, Some(text.as_bytes())), &[]);
        let bytes = |effects: &mut Effects| {
            let _ = decide(rules, &NoMemory, Input::Record(record), NOW, effects);
            format!("{effects:?}")
        };
        let mut reused = Effects::new();
        let first = bytes(&mut reused);
        assert_eq!(bytes(&mut reused), first);
        assert_eq!(bytes(&mut Effects::new()), first);
    }
}
