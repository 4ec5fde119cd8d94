use super::*;

#[test]
fn derived_ids_never_change() {
    // Fixed vectors: a change here would make a replay pay twice.
    let vectors = [
        (
            ("tenant_001", "pipeline.deal_won", "evt_1", "compensation.calculate"),
            "1af429af-68ec-5e90-bc13-aa8e5bc5c444",
        ),
        (
            ("tenant_002", "pipeline.deal_won", "evt_1", "compensation.calculate"),
            "769742d0-4d74-5f6f-b9be-bcf234ba9333",
        ),
        (
            ("tenant_001", "pipeline.deal_lost", "evt_1", "compensation.calculate"),
            "db275298-e768-5f22-849d-31dff08be8a7",
        ),
        (("tenant_001", "pipeline.deal_won", "evt_1", "forecast.validate"), "04280530-059f-5972-b781-2e7da8c992ec"),
        (("a", "bc", "d", "e"), "2bfa24ef-e251-5791-bc19-90522a24d0ae"),
        (("ab", "c", "d", "e"), "c2e19028-25e5-51fa-9786-697cade95b0c"),
    ];
    for ((tenant, kind, id, trigger), expected) in vectors {
        assert_eq!(derived_event_id(tenant, kind, id, trigger).to_string(), expected);
    }
}

#[test]
fn keys_of_different_pairs_differ() {
    let key = |tenant: &str, entity: &str| {
        let mut out = Vec::new();
        push_key(&mut out, tenant, entity);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(key("t", "deal_1"), "t/deal_1");
    assert_eq!(key("t", "a/b%c"), "t/a%2Fb%25c");
    assert_eq!(key("t", "\u{0}\u{7f}\u{85}é"), "t/%00%7F%C2%85é");
    assert_eq!(key("t", "a/long_entity_of_several_words"), "t/a%2Flong_entity_of_several_words");
    assert_eq!(key("t", "a_long_entity_of_several_words%"), "t/a_long_entity_of_several_words%25");
    assert_ne!(key("a", "b/c"), key("a/b", "c"));
}

#[test]
fn tenants_follow_their_grammar() {
    for good in ["a", "tenant_001", "9.x-y"] {
        assert!(is_tenant_id(good), "{good}");
    }
    for bad in ["", "_a", ".a", "a/b", "a b", "é", &"x".repeat(129)] {
        assert!(!is_tenant_id(bad), "{bad}");
    }
}
