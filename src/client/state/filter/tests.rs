use super::*;
use crate::catalogue::{Catalogue, compile};

fn catalogue() -> Catalogue {
    compile("topics.yaml", include_str!("../sample.yaml")).0.unwrap()
}

fn keeps(text: &str, state: &str) -> Result<bool, String> {
    let catalogue = catalogue();
    let account = catalogue.entity_type("customer_success", "account");
    Filter::compile(text, account).and_then(|filter| filter.keeps(state)).map_err(|error| error.message)
}

#[test]
fn fields_go_by_their_names() {
    let state = r#"{"health_score": 41, "risk_level": "low", "extra": {"health_score": 99}}"#;
    for (text, expected) in [
        ("health_score < 50.0", true),
        ("health_score<40.0", false),
        ("data.health_score < 50.0 && risk_level == 'low'", true),
        // A string and a member are no fields.
        ("risk_level == 'health_score'", false),
        (r#"risk_level == "it\"s health_score""#, false),
        ("data.extra.health_score > 50", true),
        ("data.extra . health_score > 50", true),
        ("has(last_updated)", false),
        ("!has( last_updated )", true),
        ("[1.5, 50.0].exists(x, x > health_score)", true),
        // Nor is a variable of a macro, within its brackets and no further.
        ("[1, 2].exists(health_score, health_score > 1)", true),
        ("[1, 2].all( health_score , health_score > 1)", false),
        ("[health_score].exists_one(health_score, health_score < 50.0) && health_score < 50.0", true),
        (
            "[1].filter(health_score, [2].exists(risk_level, risk_level > health_score)) == [1] && risk_level == 'low'",
            true,
        ),
        ("[[1]].map(risk_level, risk_level.map(health_score, health_score + 1)) == [[2]] && health_score == 41", true),
        ("['a)'].exists(risk_level, (risk_level) == 'a)' && data.risk_level == 'low')", true),
    ] {
        assert_eq!(keeps(text, state), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_condition_is_refused() {
    assert!(keeps("health_score <", "{}").is_err());
    assert!(keeps("'open", "{}").is_err());
    assert!(keeps("health_score < 50.0", r#"{"risk_level": "low"}"#).is_err(), "an absent field is no answer");
    let open = Filter::compile("data.x == 1", None).unwrap();
    assert_eq!(open.keeps(r#"{"x": 1}"#), Ok(true));
}

/// What cannot be on any entity is said before one is read.
#[test]
fn what_fails_on_every_state_does_not_compile() {
    let catalogue = catalogue();
    let account = catalogue.entity_type("customer_success", "account");
    let refused = |text: &str, entity_type| {
        let error = Filter::compile(text, entity_type).unwrap_err();
        format!("{} [{}]", error.message, error.help.unwrap_or_default())
    };
    const FIELDS: &str = "declared are `health_score`, `risk_level` and `last_updated`; any field is `data.NAME`";
    for (text, expected) in [
        ("event.tenant_id == 't1'", format!("there is no variable `event`, only `data` [{FIELDS}]")),
        ("has(metadata.hops)", format!("there is no variable `metadata`, only `data` [{FIELDS}]")),
        (
            "health_scor < 50.0",
            "there is no variable `health_scor`, only `data` [did you mean `health_score`?]".to_owned(),
        ),
    ] {
        assert_eq!(refused(text, account), expected, "{text}");
    }
    assert!(refused("rating > 3.0", None).ends_with("[any field is `data.NAME`]"));
    for text in ["1", "health_score", "'low'", "data", "risk_level + '!'", "[true]", "data.health_score"] {
        let refused = refused(text, account);
        assert!(refused.contains("where a boolean must stand"), "{text}: {refused}");
    }
    // What an undeclared field holds is known of each entity alone.
    for (text, entity_type) in
        [("data.open", account), ("data.open", None), ("true", account), ("data.a || data.b", None)]
    {
        assert!(Filter::compile(text, entity_type).is_ok(), "{text}");
    }
}
