use super::super::key;
use super::*;

#[test]
fn every_id_comes_back_and_none_reaches_another_tenant() {
    for id in ["a", "a/b", "100%", "%2F", "a%2Fb", "\u{1}", "\u{202e}ab", "ö", "a b", " ", &"x".repeat(512)] {
        let mut inner = Vec::new();
        assert!(key::push_of_record(&account("t1", id).to_bytes(), &mut inner), "{id}");
        assert_eq!(inner, key::of(account("t1", id)).unwrap(), "{id}");
        assert_eq!(key::entity(&inner), Some(account("t1", id)), "{id}");
    }
    for foreign in [
        &b""[..],
        b"t1",
        b"t1/customer_success/account",
        b"t1/customer_success/account/",
        b"t1/customer_success/account/a/b",
        b"t1/Customer/account/a",
        b"/customer_success/account/a",
        b"t1/customer_success/account/%61",
        b"t1/customer_success/account/%",
        b"t1/customer_success/account/\xff",
        b"t1/customer_success/account/a\x00b",
    ] {
        assert!(!key::push_of_record(foreign, &mut Vec::new()), "{foreign:?}");
    }
}

#[test]
fn what_is_no_part_of_a_key_cannot_be_asked_for() {
    for (tenant, module, id) in [
        ("", "customer_success", "a"),
        ("t1\0customer_success", "account", "a"),
        ("t1/customer_success", "account", "a"),
        ("t1", "", "a"),
        ("t1", "customer_success", "a\0b"),
        ("t1", "customer_success", ""),
    ] {
        let key = EntityKey { tenant, module, entity_type: "account", id };
        assert!(key::of(key).is_err(), "{key:?}");
    }
}
