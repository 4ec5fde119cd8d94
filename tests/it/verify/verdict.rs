//! What `revbus verify` says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Bus;
use crate::support::cluster::text;

/// A verdict: the exit code and what was printed as JSON.
pub struct Verdict {
    pub code: i32,
    pub json: Value,
}

impl Verdict {
    /// How often each kind of damage was found.
    pub fn found(&self) -> BTreeMap<String, u64> {
        let findings = self.json["findings"].as_array().unwrap().iter();
        findings.map(|of| (of["kind"].as_str().unwrap().to_owned(), of["count"].as_u64().unwrap())).collect()
    }

    /// All that is said of one place: `topic/partition@offset sentence`, topics without the prefix.
    pub fn said(&self, bus: &Bus) -> String {
        let of = |one: &Value| {
            let topic = one["topic"].as_str().unwrap().trim_start_matches(&bus.prefix).to_owned();
            format!("{topic}/{}@{} {}\n", one["partition"], one["offset"], one["sentence"].as_str().unwrap())
        };
        let findings = self.json["findings"].as_array().unwrap().iter();
        findings.flat_map(|kind| kind["examples"].as_array().unwrap()).map(of).collect()
    }
}

pub fn verify(bus: &Bus, more: &[&str]) -> Verdict {
    let output = bus.command(&["verify"]).args(["--group", "router", "-o", "json"]).args(more).output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output)));
    Verdict { code: output.status.code().unwrap(), json }
}

/// What is printed as YAML.
pub fn yaml(bus: &Bus) -> Value {
    let output = bus.command(&["verify"]).args(["--group", "router", "-o", "yaml"]).output().unwrap();
    serde_saphyr::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output)))
}

/// Nothing is found.
pub fn is_clean(bus: &Bus, more: &[&str]) -> Verdict {
    let verdict = verify(bus, more);
    assert_eq!((verdict.code, verdict.found()), (0, BTreeMap::new()), "{}", verdict.json);
    verdict
}

/// Exactly this is found, in these words among others.
pub fn finds(bus: &Bus, kinds: &[(&str, u64)], words: &[&str]) {
    let verdict = verify(bus, &[]);
    let kinds: BTreeMap<_, _> = kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    assert_eq!((verdict.code, verdict.found()), (1, kinds), "{}", verdict.json);
    let said = verdict.said(bus);
    for words in words {
        assert!(said.contains(words), "`{words}` is not in\n{said}");
    }
}
