//! Rows over the shipped catalogue: the source document's own events.

use serde_json::json;

use super::harness::{Event, Row, row};

/// Pattern 2 of the source document, as it stands there: flat, `amount`, no `close_date`.
const PATTERN_2: &str = r#"{"deal_id":"deal_123","amount":50000.0,"rep_id":"rep_456","account_id":"acc_789"}"#;

pub(super) fn rows() -> Vec<Row> {
    let won = |payload: &str| Event::of("pipeline.deal_won", "{}").set("payload", payload);
    let data = json!({"deal_id": "deal_123", "final_amount": 50000.0, "amount": null, "rep_id": "rep_456"});
    let carries =
        |module: &str| json!({"source_module": "pipeline", "target_module": module, "payload": {"data": data}});
    let summary = Event::of("pipeline.get_pipeline_summary", r#"{"rep_id":"r","time_period":"2024-Q1"}"#);
    vec![
        row(13, "the document's Pattern 2 routes", &won(PATTERN_2))
            .shipped()
            .derives("compensation.calculate", carries("compensation"))
            .derives("forecast.validate", carries("forecast"))
            .derives("customer_success.onboard", carries("customer_success"))
            .keys(&["acme/deal_123", "acme/deal_123", "acme/deal_123"])
            .observed("aliased"),
        row(13, "against the contract as the document has it", &won(PATTERN_2))
            .shipped()
            .patch("final_amount: {type: number, aliases: [amount]}", "final_amount: number")
            .patch(
                "          close_date: date?\n          rep_id: string\n          account_id",
                "          close_date: date\n          rep_id: string\n          account_id",
            )
            .invalid("field_missing")
            .letter("revbus.dead.message", "`final_amount` is missing; `close_date` is missing"),
        row(35, "its other name", &won(PATTERN_2).set("event_type", "\"pipeline.closed_won\""))
            .shipped()
            .derives("compensation.calculate", json!({}))
            .derives("forecast.validate", json!({}))
            .derives("customer_success.onboard", json!({}))
            .audit(json!({"event_type": "pipeline.deal_won"}))
            .observed("aliased"),
        row(57, "a request on a fact's topic is not answered", &summary)
            .shipped()
            .on("pipeline.deal_won")
            .invalid("wrong_topic,wrong_owner"),
        row(81, "shipped triggers have no condition", &won(&PATTERN_2.replace("50000.0", "0")))
            .shipped()
            .derives("compensation.calculate", json!({}))
            .derives("forecast.validate", json!({}))
            .derives("customer_success.onboard", json!({}))
            .audit(json!({"not_fired": null}))
            .observed("aliased"),
    ]
}
