//! Catalogues that change while a test runs, and what each fact must then lead to.

use std::collections::BTreeMap;
use std::path::Path;

use revbus::ids::CatalogueDigest;

use super::bus::Bus;
use super::oracle::{Expect, Sent};

/// The digest that metrics and audit records name.
pub fn digest(text: &str) -> String {
    CatalogueDigest::of(text).to_string()
}

/// Puts a text in the place of a file, as editors do: a new file is renamed over the old one.
pub fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, file).unwrap();
}

/// Lets the oracle expect of each good fact what the catalogue triggers that its audit record names, and gives how many
/// facts each catalogue decided on.
pub fn expect_by_digest(
    bus: &Bus,
    sent: &mut [Sent],
    editions: &[(String, &'static [&'static str])],
) -> BTreeMap<String, usize> {
    let (mut named, mut counts) = (BTreeMap::new(), BTreeMap::new());
    for record in bus.drain("revbus.audit") {
        let json = record.json();
        let at = &json["source"];
        let topic = at["topic"].as_str().unwrap().to_owned();
        let place = (topic, at["partition"].as_i64().unwrap(), at["offset"].as_i64().unwrap());
        named.insert(place, json["catalogue"].as_str().unwrap().to_owned());
    }
    for fact in sent {
        let place = (fact.topic.clone(), i64::from(fact.partition), fact.offset);
        let digest = named.get(&place).unwrap_or_else(|| panic!("{place:?} is not audited"));
        let (_, due) = editions.iter().find(|(known, _)| known == digest).expect("a catalogue of this test");
        *counts.entry(digest.clone()).or_default() += 1;
        if let Expect::Routed { triggers, .. } = &mut fact.expect {
            *triggers = due;
        }
    }
    counts
}
