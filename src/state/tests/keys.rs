//! Two entities never share a key, and none leaves its tenant.

use proptest::prelude::*;

use crate::state::{EntityKey, KeyFault, OwnedEntityKey};

const HOSTILE: &[&str] = &[
    "a",
    "a/b",
    "a%2Fb",
    "a%2fb",
    "%",
    "%%",
    "..",
    ".",
    "../../other/m/t/x",
    "a b",
    " ",
    "\u{1}",
    "\n",
    "\u{7f}",
    "\u{85}",
    "\u{202e}a",
    "a\u{202e}",
    "é",
    "e\u{301}",
    "\u{feff}a",
    "💶",
    "a/",
    "/a",
    "//",
    "+",
    "a+b",
    "a%20b",
    "\"",
    "\\",
    "{}",
];

#[test]
fn hostile_ids_have_keys_of_their_own() {
    let mut keys = std::collections::BTreeMap::new();
    for id in HOSTILE {
        let key = EntityKey::new("acme", "m", "t", id).unwrap();
        let bytes = key.to_bytes();
        assert!(bytes.starts_with(b"acme/m/t/"), "{id:?}");
        assert_eq!(bytes.iter().filter(|b| **b == b'/').count(), 3, "{id:?}");
        assert_eq!(OwnedEntityKey::parse(&bytes).unwrap().borrow(), key);
        assert_eq!(keys.insert(bytes, id), None, "{id:?}");
    }
}

#[test]
fn what_names_no_entity_has_no_key() {
    let long = "x".repeat(513);
    let megabyte = "x".repeat(1 << 20);
    for (parts, fault) in [
        (["", "m", "t", "a"], KeyFault::Tenant),
        (["a/b", "m", "t", "a"], KeyFault::Tenant),
        (["acme", "", "t", "a"], KeyFault::Name),
        (["acme", "M", "t", "a"], KeyFault::Name),
        (["acme", "m", "t/x", "a"], KeyFault::Name),
        (["acme", "m", "t", ""], KeyFault::Id),
        (["acme", "m", "t", "a\0b"], KeyFault::Id),
        (["acme", "m", "t", &long], KeyFault::Id),
        (["acme", "m", "t", &megabyte], KeyFault::Id),
    ] {
        let [tenant, module, entity_type, id] = parts;
        assert_eq!(EntityKey::new(tenant, module, entity_type, id), Err(fault), "{:.40}", parts.join("|"));
    }
}

#[test]
fn only_the_one_spelling_is_a_key() {
    for key in [
        "",
        "acme",
        "acme/m/t",
        "acme/m/t/",
        "acme/m/t/a/b",
        "acme/m/t/%61",
        "acme/m/t/%2f",
        "acme/m/t/%",
        "acme/m/t/%4",
        "acme/m/t/%FF",
        "%61cme/m/t/a",
        "acme/m/t/\n",
        "acme/m/t/%00",
    ] {
        assert!(OwnedEntityKey::parse(key.as_bytes()).is_err(), "{key:?}");
    }
    assert!(OwnedEntityKey::parse(b"acme/m/t/\xff").is_err());
    assert_eq!(OwnedEntityKey::parse(b"acme/m/t/%2F%25").unwrap().id, "/%");
}

proptest! {
    #[test]
    fn a_key_says_which_entity(
        tenant in "[A-Za-z0-9][A-Za-z0-9._-]{0,8}", module in "[a-z][a-z0-9_]{0,8}", ty in "[a-z][a-z0-9_]{0,8}",
        id in any::<String>().prop_filter("an id", |id| !id.is_empty() && id.len() <= 512 && !id.contains('\0')),
    ) {
        let key = EntityKey::new(&tenant, &module, &ty, &id).unwrap();
        let read = OwnedEntityKey::parse(&key.to_bytes()).unwrap();
        prop_assert_eq!(read.borrow(), key);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(key) = OwnedEntityKey::parse(&bytes) {
            prop_assert_eq!(key.borrow().to_bytes(), bytes);
        }
    }
}
