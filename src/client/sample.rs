//! A small catalogue for tests: `pipeline.deal_won` with its alias `closed_won`, `forecast.submitted`, and the command
//! `compensation.calculate`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::{
    AuditSettings, Catalogue, Command, EventType, Fact, Kind, Module, ModuleNames, RecordKey, Settings, StateMode,
    Tenants, TopicSpec, TypeName,
};
use crate::ids::{CatalogueDigest, ModuleId, TypeId};
use crate::schema::{Bounds, Contract, Field, Presence, Type};

pub(super) fn catalogue(prefix: &str) -> Catalogue {
    let fact = || Kind::Fact(Fact { triggers: Vec::new(), assumed: false });
    let command = Kind::Command(Command { reply: None, timeout_seconds: 30, may_emit: Vec::new() });
    let types = vec![
        event_type(prefix, "pipeline.deal_won", 0, fact()),
        event_type(prefix, "forecast.submitted", 1, fact()),
        event_type(prefix, "compensation.calculate", 2, command),
    ];
    let mut names: HashMap<Arc<str>, TypeName> =
        (0..).zip(&types).map(|(at, ty)| (ty.name.clone(), TypeName::Canonical(TypeId(at)))).collect();
    names.insert("pipeline.closed_won".into(), TypeName::Alias(TypeId(0)));
    let modules = ["pipeline", "forecast", "compensation"].map(|name| Module {
        name: name.into(),
        display_name: name.into(),
        description: None,
        inbound: Vec::new(),
    });
    Catalogue {
        digest: CatalogueDigest::of(""),
        settings: settings(prefix),
        defaults: TopicSpec { name: "".into(), ..types[0].topic.clone() },
        module_names: ModuleNames::of(&modules, &[]),
        entity_types: Vec::new(),
        modules: modules.into(),
        types,
        names,
        tests: Vec::new(),
    }
}

fn settings(prefix: &str) -> Settings {
    Settings {
        tenants: Tenants::Open,
        topic_prefix: prefix.to_owned(),
        duplicate_window: Duration::from_secs(600),
        duplicate_ids: 500_000,
        max_future: Duration::from_secs(86_400),
        max_hops: 16,
        max_event_bytes: 1_000_000,
        state_mode: StateMode::Declared,
        audit: AuditSettings::default(),
    }
}

fn event_type(prefix: &str, name: &str, module: u32, kind: Kind) -> EventType {
    let field = |name: &str, ty: Type| Field {
        name: name.into(),
        aliases: Vec::new(),
        ty,
        presence: Presence::Required,
        description: None,
        redact: false,
    };
    let fields = vec![field("deal_id", Type::String), field("final_amount", Type::Number(Bounds::default()))];
    EventType {
        name: name.into(),
        action: name.rsplit('.').next().unwrap_or_default().into(),
        module: ModuleId(module),
        description: None,
        contract: Contract { fields, ..Contract::default() },
        key: Some(0),
        aliases: Vec::new(),
        deprecated: false,
        topic: TopicSpec {
            name: format!("{prefix}{name}").into(),
            partitions: 6,
            replication_factor: 1,
            min_insync_replicas: None,
            retention: Some(Duration::from_secs(7 * 86_400)),
            config: BTreeMap::new(),
        },
        record_key: RecordKey::Any,
        cloudevents: false,
        kind,
    }
}
