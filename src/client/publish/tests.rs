use super::*;
use crate::catalogue::Tenants;
use crate::client::sample::catalogue;
use crate::ids::TypeId;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn event<'a>(event_type: u32, data: &'a str) -> NewEvent<'a> {
    NewEvent {
        event_type: TypeId(event_type),
        event_id: "evt_1",
        source_module: None,
        tenant: "tenant_001",
        user: None,
        timestamp: None,
        correlation: None,
        data,
    }
}

fn codes(catalogue: &Catalogue, value: &[u8]) -> Vec<&'static str> {
    check_event(catalogue, value, NOW).unwrap_err().iter().map(|reason| reason.code.code()).collect()
}

#[test]
fn an_event_of_a_few_values_is_whole_and_keyed_by_its_entity() {
    let catalogue = catalogue("");
    let data = r#"{"deal_id": "a/b", "final_amount": 1.50}"#;
    let full = NewEvent { user: Some("u"), correlation: Some("c"), ..event(0, data) };
    let value = write_event(&catalogue, &full, NOW);
    assert_eq!(
        String::from_utf8_lossy(&value),
        r#"{"event_id":"evt_1","event_type":"pipeline.deal_won","source_module":"pipeline","tenant_id":"tenant_001","user_id":"u","timestamp":"2023-11-14T22:13:20.000Z","payload":{"action":"deal_won","data":{"deal_id": "a/b", "final_amount": 1.50}},"correlation_id":"c"}"#
    );
    let checked = check_event(&catalogue, &value, NOW).unwrap();
    assert_eq!(checked, Checked { event_type: TypeId(0), key: b"tenant_001/a%2Fb".to_vec() });
}

#[test]
fn every_breach_is_named() {
    let catalogue = catalogue("");
    let check = |event: &NewEvent<'_>| codes(&catalogue, &write_event(&catalogue, event, NOW));
    assert_eq!(check(&event(0, "{}")), ["field_missing", "field_missing"]);
    assert_eq!(check(&event(0, r#"{"deal_id":"","final_amount":1}"#)), ["entity_invalid"]);
    let good = r#"{"deal_id":"d","final_amount":1}"#;
    assert_eq!(check(&NewEvent { source_module: Some("forecast"), ..event(0, good) }), ["wrong_owner"]);
    assert_eq!(check(&NewEvent { timestamp: Some("2030-01-01T00:00:00Z"), ..event(0, good) }), ["timestamp_in_future"]);
    assert_eq!(check(&NewEvent { tenant: "", ..event(0, good) }), ["envelope_field_invalid"]);
    assert_eq!(check(&event(2, good)), ["wrong_owner"]);
    assert_eq!(codes(&catalogue, b"\xff"), ["not_utf8"]);
    assert_eq!(codes(&catalogue, b"nonsense"), ["not_json"]);
    assert_eq!(codes(&catalogue, &vec![b' '; 1_000_001]), ["record_too_large"]);
}

#[test]
fn tenants_are_those_of_the_list() {
    let mut catalogue = catalogue("");
    catalogue.settings.tenants = Tenants::Listed(vec!["tenant_002".into()]);
    let value = write_event(&catalogue, &event(0, r#"{"deal_id":"d","final_amount":1}"#), NOW);
    assert_eq!(codes(&catalogue, &value), ["unknown_tenant"]);
}
