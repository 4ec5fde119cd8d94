//! What compiles, emits: generated entity types and updates. No state is kept and no fact leaves that breaks its own
//! contract, and where nothing was found in the catalogue no `when` or `map` fails for a type.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::diagnostic::Severity;
use crate::kernel::tests::kinds::{TYPES, is_of, is_of_a_type};

const NAMES: [&str; 4] = ["p", "q", "r", "s"];
const CHANGES: [&str; 3] = ["create", "change", "delete"];
/// What a mapping may be; `$` is a field of the fact, `%` any field, and `@` a side of the change.
const MAPPINGS: &[&str] = &[
    "new.$",
    "old.$",
    "@.%",
    "string(@.$)",
    "double(@.$)",
    "has(@.$) ? @.$ : 1",
    "has(@.$) ? @.$ : 0.5",
    "has(@.$) ? @.$ : 'a'",
    "has(@.%) ? @.$ : 'b'",
    "has(old.$) ? old.$ : new.$",
    "has(new.$) ? new.$ : old.$",
    "has(new.%) && new.% == 'a' ? new.$ : 'b'",
    "@.?$.orValue('a')",
    "@.?$.orValue(1)",
    "@.$ > 1.0 ? 1.0 : @.$",
    "@.$ == 'c' ? 'a' : @.$",
    "new.$ - old.$",
    "size(@.$)",
    "[@.$]",
    "entity.id",
    "entity.type",
    "entity.version",
    "double(entity.version)",
    "event.timestamp",
    "1",
    "0.5",
    "'a'",
    "'2024-01-15'",
    "'12.50'",
    "true",
    "null",
];
/// What a condition may be.
const CONDITIONS: &[&str] = &[
    "has(@.$)",
    "!has(@.$)",
    "has(old.$) && has(new.$)",
    "has(old.$) || has(new.%)",
    "has(@.$) && @.% == 'a'",
    "has(@.$) && @.$ > 0.5",
    "new.$ != old.$",
    "!has(old.$) || new.$ != old.$",
    "has(old.$) && has(new.$) && old.$ < new.$",
    "has(@.$) ? @.% > 0.5 : false",
    "@.$ == 'a'",
    "@.$ in ['a', 'b']",
    "@.$ > 0.5",
    "@.$",
    "!@.$",
    "@.$.size() > 0",
    "new == old",
    "entity.version > 1",
    "event.event_type == 'state.put'",
];

/// A declared field: its name, the index of its type, whether it must be there.
type Declared = (usize, usize, bool);

#[derive(Debug, Clone)]
struct Plan {
    state: Vec<Declared>,
    fact: Vec<Declared>,
    on: Option<Vec<&'static str>>,
    when: Option<String>,
    map: Vec<(usize, String)>,
}

/// One update: its operation, draws of values, and whether its data keeps the contract.
type Step = (usize, Vec<usize>, bool);

fn drawn() -> impl Strategy<Value = Vec<Option<(usize, bool)>>> {
    prop::collection::vec(prop::option::weighted(0.7, (0..TYPES.len(), prop::bool::weighted(0.6))), NAMES.len())
}

fn fields(rows: &[Option<(usize, bool)>]) -> Vec<Declared> {
    rows.iter().enumerate().filter_map(|(name, row)| row.map(|(ty, required)| (name, ty, required))).collect()
}

/// An expression of one of the shapes, about a field.
fn about(shape: &str, (field, other, old): (usize, usize, bool)) -> String {
    let side = if old { "old" } else { "new" };
    shape.replace('$', NAMES[field]).replace('%', NAMES[other]).replace('@', side)
}

/// The field of a side that each of these changes has, if one has it.
fn surely(on: Option<&[&str]>) -> &'static str {
    match on.unwrap_or(&["change"]) {
        on if !on.contains(&"delete") => "new.$",
        on if !on.contains(&"create") => "old.$",
        _ => "has(old.$) ? old.$ : new.$",
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    let mapping = (prop::sample::select(MAPPINGS), 0..NAMES.len(), any::<bool>(), prop::bool::weighted(0.85));
    let condition = (prop::sample::select(CONDITIONS), 0..NAMES.len(), 0..NAMES.len(), any::<bool>());
    (
        drawn(),
        drawn(),
        prop::collection::vec(prop::bool::weighted(0.9), NAMES.len()),
        prop::option::weighted(0.6, prop::sample::subsequence(CHANGES.to_vec(), 1..=3)),
        prop::option::weighted(0.4, condition),
        prop::collection::vec(mapping, NAMES.len()),
    )
        .prop_map(|(state, mut fact, same, on, when, map)| {
            // Mostly the fact takes what the state has, else hardly a catalogue would compile.
            for ((wanted, given), same) in fact.iter_mut().zip(&state).zip(same) {
                match (wanted.as_mut(), given, same) {
                    (Some(wanted), Some(given), true) => *wanted = (given.0, wanted.1 && given.1),
                    (_, None, true) => *wanted = None,
                    _ => {}
                }
            }
            let (state, fact) = (fields(&state), fields(&fact));
            let known = |at: usize| state.get(at % state.len().max(1)).map_or(at, |field| field.0);
            let when = when.map(|(shape, field, other, old)| about(shape, (known(field), known(other), old)));
            let map = fact.iter().zip(map).map(|(field, (shape, other, old, plain))| {
                // Half of them take the field of the side that is always there.
                let shape = if plain { surely(on.as_deref()) } else { shape };
                (field.0, about(shape, (field.0, known(other), old)))
            });
            let map = map.collect();
            Plan { map, state, fact, on, when }
        })
}

impl Plan {
    fn text(&self) -> String {
        let declare = |indent: &str, fields: &[Declared]| {
            fields.iter().fold(String::new(), |mut text, (name, ty, required)| {
                let optional = if *required { "" } else { "?" };
                let _ = writeln!(text, "{indent}{}: \"{}{optional}\"", NAMES[*name], TYPES[*ty].0);
                text
            })
        };
        let (payload, state) = (declare("          ", &self.fact), declare("          ", &self.state));
        let mut emission = String::new();
        if let Some(on) = &self.on {
            let _ = writeln!(emission, "            on: [{}]", on.join(", "));
        }
        if let Some(when) = &self.when {
            let _ = writeln!(emission, "            when: \"{when}\"");
        }
        for (name, value) in &self.map {
            let _ = writeln!(emission, "              {}: \"{value}\"", NAMES[*name]);
        }
        let emission = emission.replacen("              ", "            map:\n              ", 1);
        format!(
            "version: 1\nmodules:\n  success:\n    outbound:\n      success.done:\n        payload:\n{payload}          \
             x: string?\n    state:\n      account:\n        fields:\n{state}          x: string?\n        emits:\n          \
             success.done:\n{emission}"
        )
    }

    /// A state whose fields are drawn by number: all that it requires, and mostly values of the type.
    fn state(&self, draws: &[usize], good: bool) -> Map<String, Value> {
        let mut state = Map::new();
        for ((name, ty, required), draw) in self.state.iter().zip(draws) {
            let (_, right, wrong) = TYPES[*ty];
            let values: Vec<&str> = if good { right.to_vec() } else { right.iter().chain(wrong).copied().collect() };
            match draw % 4 {
                0 if !required => {}
                1 if !required => _ = state.insert(NAMES[*name].to_owned(), Value::Null),
                _ => {
                    _ = state
                        .insert(NAMES[*name].to_owned(), serde_json::from_str(values[draw % values.len()]).unwrap())
                }
            }
        }
        state
    }

    /// A put, a patch or a delete.
    fn update(&self, id: usize, (operation, draws, good): &Step) -> Value {
        let mut state = self.state(draws, *good);
        match operation {
            0 | 1 => event(&format!("e{id}"), "put", json!({"state": state})),
            2 => {
                state.retain(|name, _| draws[NAMES.iter().position(|one| one == name).unwrap()] % 2 == 0);
                event(&format!("e{id}"), "patch", json!({"patch": state}))
            }
            _ => event(&format!("e{id}"), "delete", json!({})),
        }
    }

    fn emits(&self, old: bool, new: bool) -> bool {
        let change = match (old, new) {
            (false, true) => "create",
            (true, true) => "change",
            _ => "delete",
        };
        self.on.as_ref().map_or(change == "change", |on| on.contains(&change))
    }
}

/// Whether an object keeps a contract, by rules of its own.
fn keeps(fields: &[Declared], object: &Value) -> bool {
    fields.iter().all(|(name, ty, required)| {
        let value = &object[NAMES[*name]];
        if value.is_null() { !required } else { is_of(TYPES[*ty].0, value) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_compiles_keeps_the_contracts_of_states_and_facts(
        plan in plan(),
        steps in prop::collection::vec((0..4_usize, prop::collection::vec(0..12_usize, NAMES.len()), prop::bool::weighted(0.8)), 10),
    ) {
        let text = plan.text();
        let (catalogue, findings) = compile("generated.yaml", &text);
        let Some(catalogue) = catalogue.map(Arc::new) else { return Ok(()) };
        let clean = findings.iter().all(|found| found.severity == Severity::Note);
        let topology = Topology::unlimited(&catalogue);
        let mut world = World::of(Rules::new(catalogue, topology));
        for (id, step) in steps.iter().enumerate() {
            let update = plan.update(id, step);
            let before = world.state();
            let seen = world.decide(&update);
            world.commit();
            let after = world.state();
            let told = format!("{text}\n{before:?}\n{update}\n{}", seen.audit);
            prop_assert!(after.as_ref().is_none_or(|entity| keeps(&plan.state, &entity["state"])), "{told}");
            let changed = seen.outcome == "state_changed";
            let may_emit = changed && plan.emits(before.is_some(), after.is_some());
            prop_assert!(seen.facts.len() <= usize::from(may_emit), "{told}");
            prop_assert!(!may_emit || plan.when.is_some() || seen.facts.len() == 1, "{told}");
            for fact in &seen.facts {
                prop_assert!(keeps(&plan.fact, &fact["payload"]["data"]), "{told}\n{fact}");
            }
            if clean && step.2 {
                prop_assert!(seen.outcome != "invalid" || step.0 == 2, "{told}");
                if seen.outcome == "failed" {
                    for reason in seen.audit["reasons"].as_array().into_iter().flatten() {
                        prop_assert!(!is_of_a_type(reason["message"].as_str().unwrap()), "{told}");
                    }
                }
            }
        }
    }
}
