mod allowed;
mod document;
mod large;
mod mutations;
mod pages;
mod robust;
mod shipped;
mod slips;
mod state;

use super::{AuditMode, AuditPayload, Catalogue, Kind, RecordKey, Tenants, TypeName, compile};
use crate::diagnostic::Diagnostic;
use crate::schema::{Additional, Presence, Type};

pub(super) const SMALL: &str = include_str!("../../tests/catalogue/small.yaml");

/// A finding on one line.
pub(super) fn line(found: &Diagnostic) -> String {
    let severity = format!("{:?}", found.severity).to_lowercase();
    let help = found.help.as_ref().map(|help| format!(" [{help}]")).unwrap_or_default();
    format!("{}:{} {severity} {}: {}{help}", found.line, found.column, found.code, found.message)
}

fn lines(text: &str) -> Vec<String> {
    compile("test.yaml", text).1.iter().map(line).collect()
}

/// Compiles a text in which nothing is found.
fn clean(text: &str) -> Catalogue {
    let (catalogue, found) = compile("test.yaml", text);
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), [""; 0]);
    catalogue.unwrap()
}

#[test]
fn the_small_catalogue_says_what_it_means() {
    let catalogue = clean(SMALL);
    let settings = &catalogue.settings;
    assert_eq!(settings.tenants, Tenants::Listed(vec!["acme".into(), "globex".into()]));
    assert_eq!((settings.max_hops, settings.max_event_bytes, settings.max_future.as_secs()), (8, 100_000, 3600));
    assert_eq!((settings.audit.mode, settings.audit.payload), (AuditMode::On, AuditPayload::Full));
    assert_eq!(settings.duplicate_window.as_secs(), 600);
    let names: Vec<&str> = catalogue.types.iter().map(|event_type| &*event_type.name).collect();
    assert_eq!(names, ["sales.deal_won", "sales.book", "sales.close", "pay.paid", "pay.calculate", "pay.bonus"]);
    assert_eq!(&*catalogue.modules[1].display_name, "pay");
    assert_eq!(catalogue.modules[0].inbound[0].types, [catalogue.resolve("pay.paid").unwrap().id()]);
}

#[test]
fn names_are_canonical_or_aliases() {
    let catalogue = clean(SMALL);
    let TypeName::Alias(id) = catalogue.resolve("sales.closed_won").unwrap() else { panic!("not an alias") };
    assert_eq!(catalogue.resolve("sales.deal_won"), Some(TypeName::Canonical(id)));
    assert_eq!(catalogue.resolve("sales.nothing"), None);
}

#[test]
fn an_event_type_has_its_topic_key_and_contract() {
    let catalogue = clean(SMALL);
    let deal_won = catalogue.event_type(catalogue.resolve("sales.deal_won").unwrap().id());
    assert_eq!((&*deal_won.action, deal_won.key, deal_won.record_key), ("deal_won", Some(0), RecordKey::Required));
    let topic = &deal_won.topic;
    assert_eq!((&*topic.name, topic.partitions, topic.replication_factor), ("test.sales.deal_won", 3, 3));
    assert_eq!((topic.min_insync_replicas, topic.retention.unwrap().as_secs()), (Some(2), 30 * 86_400));
    assert_eq!(topic.config["segment.ms"], "3600000");
    let fields = &deal_won.contract.fields;
    assert_eq!((fields[1].presence, &*fields[2].aliases[0], fields[2].redact), (Presence::Optional, "value", true));
    assert!(matches!(&fields[4].ty, Type::Object(Some(inner)) if &*inner.fields[0].name == "city"));
    let paid = catalogue.event_type(catalogue.resolve("pay.paid").unwrap().id());
    assert_eq!((paid.contract.additional, paid.topic.retention), (Additional::Refuse, None));
}

#[test]
fn facts_have_triggers_and_commands_have_replies() {
    let catalogue = clean(SMALL);
    let (_, _, fact) = catalogue.facts().next().unwrap();
    let ids: Vec<&str> = fact.triggers.iter().map(|trigger| &*trigger.id).collect();
    assert_eq!(ids, ["pay.calculate", "big"]);
    let big = &fact.triggers[1];
    assert_eq!(&*catalogue.event_type(big.emit).name, "pay.bonus");
    assert_eq!(big.when.as_ref().unwrap().text(), "data.amount > 1000.0");
    assert_eq!((&*big.map[0].field, big.map[0].value.text()), ("rate", "0.1"));
    assert_eq!(big.keep.as_ref().unwrap().len(), 2);
    let close = catalogue.event_type(catalogue.resolve("sales.close").unwrap().id());
    let Kind::Command(command) = &close.kind else { panic!("not a command") };
    assert_eq!((command.timeout_seconds, command.may_emit.len()), (5, 1));
    assert_eq!(&*command.reply.as_ref().unwrap().fields[0].name, "closed");
}
