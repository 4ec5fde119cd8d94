use std::sync::Arc;

use super::*;
use crate::catalogue::compile;

const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);

fn rules(text: &str) -> Rules {
    let catalogue = Arc::new(compile("topics.yaml", text).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

const EVENT: &str = r#"{"event_id":"evt_1","event_type":"sales.deal_won","source_module":"sales","tenant_id":"acme",
    "timestamp":"2024-01-15T10:30:00Z","payload":{"deal_id":"d","value":1.50,"stage":"won","address":{"city":"x"}}}"#;

#[test]
fn text_for_people() {
    let rules = rules(include_str!("../../../tests/catalogue/small.yaml"));
    let shown = text::render(&explain(&rules, EVENT.as_bytes(), Standing::default(), NOW));
    let shown = shown.replace(rules.catalogue.digest.as_str(), "DIGEST");
    crate::golden::check("src/cli/explain/routed.txt", &shown);
    let bad = EVENT.replace("\"d\"", "7").replace("acme", "other");
    let shown = text::render(&explain(&rules, bad.as_bytes(), Standing::default(), NOW));
    crate::golden::check("src/cli/explain/dead_letter.txt", &shown);
}

#[test]
fn why_triggers_fired_failed_or_not() {
    let rules = rules(include_str!("why.yaml"));
    let mut shown = String::new();
    for parts in ["2", "0"] {
        let text = EVENT.replace("\"value\":1.50", &format!("\"amount\":500,\"parts\":{parts}"));
        shown.push_str(&text::render(&explain(&rules, text.as_bytes(), Standing::default(), NOW)));
        shown.push_str("\n---\n");
    }
    let shown = shown.replace(rules.catalogue.digest.as_str(), "DIGEST");
    crate::golden::check("src/cli/explain/why.txt", &shown);
}

#[test]
fn topics_by_their_name_or_their_type() {
    let rules = rules(include_str!("../../../tests/catalogue/small.yaml"));
    for name in ["test.sales.deal_won", "sales.deal_won", "sales.closed_won"] {
        assert_eq!(resolve(&rules.catalogue, name).unwrap(), TypeId(0), "{name}");
    }
    let error = resolve(&rules.catalogue, "test.sales.deal_lost").unwrap_err().to_string();
    assert!(error.ends_with("did you mean `test.sales.deal_won`?"), "{error}");
}
