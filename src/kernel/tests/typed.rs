//! What compiles, routes: generated catalogues and events. No command leaves that breaks its own contract, and where
//! nothing was found in the catalogue no valid event fails for a type.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{Rules, Topology};
use super::harness::Event;
use super::kinds::{TYPES, is_of, is_of_a_type};
use super::seen::{Seen, record};
use crate::catalogue::compile;
use crate::diagnostic::Severity;

const NAMES: [&str; 4] = ["p", "q", "r", "s"];
/// What a mapping may be; `$` is a field of the fact.
const MAPPINGS: &[&str] = &[
    "data.$",
    "data.$",
    "string(data.$)",
    "double(data.$)",
    "int(data.$)",
    "size(data.$)",
    "data.$ + 1",
    "data.$ * 2.0",
    "data.$ / 4.0",
    "has(data.$) ? data.$ : 1",
    "has(data.$) ? data.$ : 0.5",
    "has(data.$) ? data.$ : 'a'",
    "data.?$.orValue('a')",
    "data.?$.orValue(1)",
    "data.$ > 1.0 ? 1.0 : data.$",
    "data.$ == 'c' ? 'a' : data.$",
    "double(int(data.$ * 100.0)) / 100.0",
    "[data.$]",
    "data.$ + data.$",
    "data.$[0]",
    "event.timestamp",
    "1",
    "1.5",
    "'a'",
    "'2024-01-15'",
    "'12.50'",
    "true",
    "null",
];
/// What a condition may be.
const CONDITIONS: &[&str] = &[
    "has(data.$)",
    "has(data.$) && data.$ > 0.5",
    "data.$ > 0.5",
    "data.$ == 'a'",
    "data.$ in ['a', 'b']",
    "data.$ != 'c'",
    "data.$ == 1",
    "data.$",
    "!data.$",
    "data.$ < '2024-06-01'",
    "!has(data.$) || data.$ == 'a'",
    "data.$.size() > 0",
    "data.$.all(x, x == 'x')",
    "has(data.$) ? data.$ <= 1.0 : false",
    "double(data.$) > 2.0",
    "event.tenant_id == 'acme'",
];

/// A declared field: its name, the index of its type, whether it must be there.
type Declared = (usize, usize, bool);

#[derive(Debug, Clone)]
struct Plan {
    fact: Vec<Declared>,
    command: Vec<Declared>,
    refuses: bool,
    when: Option<String>,
    map: Vec<(usize, String)>,
    keep: Option<Vec<usize>>,
}

fn declared(types: BoxedStrategy<usize>) -> impl Strategy<Value = Vec<Option<(usize, bool)>>> {
    prop::collection::vec(prop::option::weighted(0.7, (types, prop::bool::weighted(0.6))), NAMES.len())
}

fn fields(rows: &[Option<(usize, bool)>]) -> Vec<Declared> {
    rows.iter().enumerate().filter_map(|(name, row)| row.map(|(ty, required)| (name, ty, required))).collect()
}

fn on(shapes: &'static [&'static str]) -> impl Strategy<Value = String> {
    (prop::sample::select(shapes), prop::sample::select(&NAMES[..])).prop_map(|(shape, name)| shape.replace('$', name))
}

fn plan() -> impl Strategy<Value = Plan> {
    let any_type = || (0..TYPES.len()).boxed();
    let kept = prop::option::weighted(0.2, prop::sample::subsequence((0..NAMES.len()).collect::<Vec<_>>(), 1..4));
    (
        declared(any_type()),
        declared(any_type()),
        prop::collection::vec(prop::bool::weighted(0.7), NAMES.len()),
        (prop::bool::weighted(0.2), prop::option::weighted(0.4, on(CONDITIONS))),
        prop::collection::btree_map(0..NAMES.len(), on(MAPPINGS), 0..3),
        kept,
    )
        .prop_map(|(fact, mut command, same, (refuses, when), map, keep)| {
            // Mostly the command takes what the fact has, else hardly a catalogue would compile.
            for ((wanted, given), same) in command.iter_mut().zip(&fact).zip(same) {
                if let (Some(wanted), Some(given), true) = (wanted, given, same) {
                    *wanted = (given.0, wanted.1 && given.1);
                }
            }
            Plan { fact: fields(&fact), command: fields(&command), refuses, when, map: map.into_iter().collect(), keep }
        })
}

impl Plan {
    fn text(&self) -> String {
        let payload = |fields: &[Declared]| {
            fields.iter().fold(String::new(), |mut text, (name, ty, required)| {
                let _ = writeln!(
                    text,
                    "          {}: \"{}{}\"",
                    NAMES[*name],
                    TYPES[*ty].0,
                    if *required { "" } else { "?" }
                );
                text
            })
        };
        let mut trigger = String::new();
        if let Some(when) = &self.when {
            let _ = writeln!(trigger, "            when: \"{when}\"");
        }
        for (index, (name, value)) in self.map.iter().enumerate() {
            let head = if index == 0 { "            map:\n" } else { "" };
            let _ = writeln!(trigger, "{head}              {}: \"{value}\"", NAMES[*name]);
        }
        let known = |name: &&usize| self.fact.iter().any(|(field, ..)| field == *name);
        if let Some(keep) = &self.keep {
            let names: Vec<&str> = keep.iter().filter(known).map(|name| NAMES[*name]).collect();
            let _ = writeln!(trigger, "            keep: [{}]", names.join(", "));
        }
        let refuse = if self.refuses { "        additional_fields: refuse\n" } else { "" };
        format!(
            "version: 1\nmodules:\n  one:\n    outbound:\n      one.done:\n        key: id\n        payload:\n          id: string\n{}        triggers:\n          - emit: two.act\n{trigger}  two:\n    actions:\n      two.act:\n{refuse}        payload:\n          id: string\n{}",
            payload(&self.fact),
            payload(&self.command)
        )
    }

    /// Data whose fields are drawn by number: mostly values of the type.
    fn data(&self, draws: &[usize], good: bool) -> String {
        let mut data = r#"{"id":"i""#.to_owned();
        for ((name, ty, required), draw) in self.fact.iter().zip(draws) {
            let (_, right, wrong) = TYPES[*ty];
            let values: Vec<&str> = if good { right.to_vec() } else { right.iter().chain(wrong).copied().collect() };
            if *required || draw % 3 > 0 {
                let _ = write!(data, ",\"{}\":{}", NAMES[*name], values[draw % values.len()]);
            }
        }
        data + "}"
    }

    /// Whether a command's data keeps the contract, by rules of its own.
    fn keeps(&self, data: &Value) -> bool {
        let object = data.as_object().unwrap();
        let known = |name: &String| name == "id" || self.command.iter().any(|(field, ..)| NAMES[*field] == name);
        (!self.refuses || object.keys().all(known))
            && data["id"].is_string()
            && self.command.iter().all(|(name, ty, required)| {
                let value = &data[NAMES[*name]];
                if value.is_null() { !required } else { is_of(TYPES[*ty].0, value) }
            })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_compiles_keeps_its_contracts(
        plan in plan(),
        events in prop::collection::vec((prop::collection::vec(0..12usize, NAMES.len()), any::<bool>()), 6),
    ) {
        let text = plan.text();
        let (catalogue, findings) = compile("generated.yaml", &text);
        let Some(catalogue) = catalogue.map(std::sync::Arc::new) else { return Ok(()) };
        let clean = findings.iter().all(|found| found.severity == Severity::Note);
        let topology = Topology::unlimited(&catalogue);
        let rules = Rules::new(catalogue, topology);
        for (draws, good) in events {
            let data = plan.data(&draws, good);
            let event = Event::of("one.done", &data).text();
            let seen = Seen::of(&rules, record(&rules.catalogue, "one.done", (None, Some(event.as_bytes())), &[]));
            for (_, _, command) in &seen.derived {
                prop_assert!(plan.keeps(&command["payload"]["data"]), "{text}\n{data}\n{command}");
            }
            if good && clean {
                prop_assert!(seen.outcome != "invalid", "{text}\n{data}\n{}", seen.audit);
                let reasons = seen.audit["reasons"].as_array().into_iter().flatten();
                for reason in reasons {
                    let message = reason["message"].as_str().unwrap();
                    prop_assert!(!is_of_a_type(message), "{text}\n{data}\n{message}");
                }
            }
        }
    }
}
