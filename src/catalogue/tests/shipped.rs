//! The shipped `topics.yaml`, and the source document's own blocks.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use super::super::codes;
use super::super::tree::{self, Node, Value};
use super::{compile, line};
use crate::diagnostic::Severity;
use crate::schema::Presence;

pub(super) const SHIPPED: &str = include_str!("../../../topics.yaml");
pub(super) const DOCUMENT: &str = include_str!("../../../tests/catalogue/source_document.yaml");

fn shipped() -> super::Catalogue {
    let (catalogue, found) = compile("topics.yaml", SHIPPED);
    let denied: Vec<_> = found.iter().filter(|found| found.severity > Severity::Note).map(line).collect();
    assert_eq!(denied, [""; 0]);
    catalogue.unwrap()
}

#[test]
fn it_is_clean_and_whole() {
    let catalogue = shipped();
    assert_eq!(catalogue.modules.len(), 10);
    assert_eq!(catalogue.facts().count(), 16);
    assert_eq!(catalogue.facts().filter(|(_, _, fact)| fact.assumed).count(), 2);
    let edges: Vec<_> = catalogue.facts().flat_map(|(_, _, fact)| &fact.triggers).collect();
    assert_eq!(edges.len(), 31);
    assert_eq!(edges.iter().map(|edge| edge.emit).collect::<BTreeSet<_>>().len(), 30);
    assert!(edges.iter().all(|edge| edge.when.is_none() && edge.map.is_empty() && edge.keep.is_none()));
    let requests = catalogue.commands().filter(|(_, _, command)| command.reply.is_some()).count();
    assert_eq!((catalogue.commands().count(), requests), (41, 11));
}

/// Decision 15: what a command requires, every fact that triggers it requires too, with the same type.
#[test]
fn every_command_can_be_filled_by_its_sources() {
    let catalogue = shipped();
    for (_, source, fact) in catalogue.facts() {
        for trigger in &fact.triggers {
            let command = catalogue.event_type(trigger.emit);
            for field in &command.contract.fields {
                let from = source.contract.position(&field.name).map(|at| &source.contract.fields[at]);
                let place = format!("{} → {}: {}", source.name, command.name, field.name);
                if field.presence == Presence::Required {
                    assert_eq!(from.map(|from| from.presence), Some(Presence::Required), "{place}");
                }
                assert!(from.is_none_or(|from| from.ty == field.ty), "{place}: two types");
            }
        }
    }
}

#[test]
fn its_aliases_are_those_of_the_source_document() {
    let catalogue = shipped();
    for (alias, canonical) in [
        ("pipeline.closed_won", "pipeline.deal_won"),
        ("customer_success.churn_risk", "customer_success.churn_risk_high"),
        ("compensation.attainment_check", "forecast.attainment_check"),
        ("forecast.capacity_check", "pipeline.capacity_check"),
    ] {
        let id = catalogue.resolve(canonical).unwrap().id();
        assert_eq!(catalogue.resolve(alias), Some(super::TypeName::Alias(id)), "{alias}");
    }
}

/// The facts and fields of the source document, with types as they are there, and nothing else but optional fields.
#[test]
fn it_declares_what_the_source_document_declares() {
    let catalogue = shipped();
    let Value::Map(top) = tree::parse(DOCUMENT).unwrap().value else { panic!("not a mapping") };
    let mut count = 0;
    for (_, module) in entries(&entry(&top, "modules").value) {
        for (name, fact) in entry_of(&module.value, "outbound").map(|node| entries(&node.value)).unwrap_or_default() {
            let event_type = catalogue.event_type(catalogue.resolve(&name).unwrap().id());
            let Value::Scalar(description) = &entry_of(&fact.value, "description").unwrap().value else { panic!() };
            assert_eq!(event_type.description.as_deref(), Some(description.as_str()));
            let payload: BTreeMap<_, _> =
                entries(&entry_of(&fact.value, "payload").unwrap().value).into_iter().collect();
            for field in &event_type.contract.fields {
                assert!(payload.contains_key(&*field.name) || field.presence == Presence::Optional, "{name}");
            }
            for (field, ty) in &payload {
                let Value::Scalar(ty) = &ty.value else { panic!() };
                let declared = &event_type.contract.fields[event_type.contract.position(field).unwrap()];
                assert_eq!(declared.ty, crate::schema::parse_type(ty).unwrap().0, "{name}: {field}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 14);
}

#[test]
fn the_one_sided_pairs_of_the_shipped_file_are_the_only_ones_it_allows() {
    let (_, found) = compile("topics.yaml", &SHIPPED.replace("allow: [RB0154]", ""));
    let pairs: Vec<_> = found.iter().filter(|found| found.code == codes::ONE_SIDED).collect();
    let triggered = pairs.iter().filter(|found| found.message.contains("triggers into")).count();
    assert_eq!((triggered, pairs.len() - triggered), (22, 2));
}

/// Decision 58: another YAML reader sees the same tree.
#[test]
fn another_yaml_reader_reads_the_same() {
    for text in [SHIPPED, DOCUMENT, super::SMALL] {
        let theirs = YamlLoader::load_from_str(text).unwrap();
        assert_eq!(print_theirs(&theirs[0]), print_ours(&tree::parse(text).unwrap()));
    }
}

fn print_ours(node: &Node) -> String {
    match &node.value {
        Value::Null => "~".to_owned(),
        Value::Scalar(value) => format!("{value:?}"),
        Value::List(items) => items.iter().map(|item| format!("- {}\n", print_ours(item))).collect(),
        Value::Map(pairs) => {
            pairs.iter().map(|(key, value)| format!("{}: {}\n", print_ours(key), print_ours(value))).collect()
        }
    }
}

fn print_theirs(yaml: &Yaml) -> String {
    match yaml {
        Yaml::Null => "~".to_owned(),
        Yaml::String(value) | Yaml::Real(value) => format!("{value:?}"),
        Yaml::Integer(value) => format!("{:?}", value.to_string()),
        Yaml::Boolean(value) => format!("{:?}", value.to_string()),
        Yaml::Array(items) => items.iter().map(|item| format!("- {}\n", print_theirs(item))).collect(),
        Yaml::Hash(pairs) => {
            pairs.iter().map(|(key, value)| format!("{}: {}\n", print_theirs(key), print_theirs(value))).collect()
        }
        Yaml::Alias(_) | Yaml::BadValue => panic!("not a value"),
    }
}

fn entries(value: &Value) -> Vec<(String, Node)> {
    let Value::Map(pairs) = value else { return Vec::new() };
    let name = |key: &Node| match &key.value {
        Value::Scalar(name) => name.clone(),
        other @ (Value::Null | Value::List(_) | Value::Map(_)) => panic!("{} is no name", other.kind()),
    };
    pairs.iter().map(|(key, value)| (name(key), value.clone())).collect()
}

fn entry_of(value: &Value, wanted: &str) -> Option<Node> {
    entries(value).into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

fn entry(pairs: &[(Node, Node)], wanted: &str) -> Node {
    entry_of(&Value::Map(pairs.to_vec()), wanted).unwrap()
}
