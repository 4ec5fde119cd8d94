//! The compiler of expressions: whatever the text, it ends; what compiles can be evaluated, twice with one result.
#![no_main]

use libfuzzer_sys::fuzz_target;
use revbus::schema::Contract;
use revbus::trigger::{Expression, Facts};

const DATA: &str = r#"{"a": 1, "b": 1.5, "c": "text", "d": [1, 2, 3], "e": {"f": true, "g": null}}"#;
const EVENT: &str = r#"{"event_id": "e1", "tenant_id": "t1", "timestamp": "2024-01-15T10:30:00Z"}"#;

fuzz_target!(|text: &str| {
    match Expression::compile(text) {
        Ok(expression) => {
            let contract = Contract::default();
            let facts = Facts::new(&contract, DATA, EVENT, "{}");
            let evaluate = || {
                let mut out = Vec::new();
                expression.write_json(&facts, &mut out).map(|()| out)
            };
            assert_eq!(evaluate(), evaluate());
            assert_eq!(expression.holds(&facts), expression.holds(&facts));
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!(error.at.is_none_or(|at| at <= text.chars().count()), "{error}: outside the text");
        }
    }
});
