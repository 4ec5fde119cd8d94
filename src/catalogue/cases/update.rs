//! The update of a case: the entity that it means, and what is there before it.

use std::ops::Range;

use super::super::fields::{Fields, list};
use super::super::names::shorten;
use super::super::report::Report;
use super::super::tree::Node;
use super::super::{EntityType, Kind, StateMode, codes};
use super::read::Context;
use super::{Before, Expect, ExpectedEvent, json};
use crate::json::push_string;
use crate::reason::ReasonCode;
use crate::state::{MAX_EXPECTED, OwnedEntityKey, Version};

/// The entity that an update means, as a case names it.
pub(super) struct Named<'n> {
    key: OwnedEntityKey,
    at: &'n Range<usize>,
}

/// Reads `entity` of `given`.
pub(super) fn entity<'n>(report: &mut Report<'_>, node: &'n Node, fields: &Fields<'n>) -> Option<Named<'n>> {
    const HINT: &str = "MODULE/TYPE/ID, such as `entity: customer_success/account/acct_1`";
    let Some(node) = fields.get("entity") else {
        report.error(codes::BAD_CASE, &node.span, "an update needs `entity`").hint(HINT);
        return None;
    };
    let text = report.scalar(node, "`entity`")?;
    match OwnedEntityKey::of_name(text) {
        Ok(key) => Some(Named { key, at: &node.span }),
        Err(_) => {
            let message = format!("`{}` names no entity", shorten(text));
            report.error(codes::BAD_CASE, &node.span, message).hint(HINT);
            None
        }
    }
}

/// Reads `before` of `given`.
pub(super) fn before(report: &mut Report<'_>, node: &Node) -> Option<Before> {
    let fields = Fields::open(report, node, "`before`", &[&["state", "version"]])?;
    let version = fields.get("version").and_then(|node| report.integer(node, "`version`", 1..=MAX_EXPECTED.0));
    let Some(state) = fields.get("state") else {
        report
            .error(codes::MISSING_KEY, &node.span, "`before` needs `state`")
            .hint("without `before` the entity is not there");
        return None;
    };
    let state = String::from_utf8(json::object(report, state, "`state`")).ok()?;
    Some(Before { state, version: Version(version.unwrap_or(1)) })
}

impl Named<'_> {
    /// The module that writes it, unless something else is said.
    pub(super) fn module(&self) -> &str {
        &self.key.module
    }

    /// The data of the update: the entity, then what the case says.
    pub(super) fn data(&self, said: &[u8]) -> Vec<u8> {
        let OwnedEntityKey { module, entity_type, id, .. } = &self.key;
        let mut out = Vec::new();
        for (name, value) in [("{\"module\":", module), (",\"entity_type\":", entity_type), (",\"entity_id\":", id)] {
            out.extend_from_slice(name.as_bytes());
            push_string(&mut out, value);
        }
        out.push(if said == b"{}" { b'}' } else { b',' });
        out.extend_from_slice(said.get(1..).filter(|_| said != b"{}").unwrap_or_default());
        out
    }

    fn entity_type<'c>(&self, context: Context<'c>) -> Option<&'c EntityType> {
        context.catalogue.entity_type(&self.key.module, &self.key.entity_type)
    }

    /// Checks that the entity type is one that the router takes, unless that is what the case is about.
    pub(super) fn check_type(&self, report: &mut Report<'_>, context: Context<'_>, expect: &Expect) {
        let (catalogue, OwnedEntityKey { module, entity_type, .. }) = (context.catalogue, &self.key);
        let open = catalogue.settings.state_mode == StateMode::Open && catalogue.module_named(module).is_some();
        let meant = expect.reasons().contains(&ReasonCode::UnknownEntityType);
        if !context.whole || meant || open || self.entity_type(context).is_some() {
            return;
        }
        let name = |one: &EntityType| format!("{}/{}", catalogue.module(one.module).name, one.name);
        let known: Vec<_> = catalogue.entity_types.iter().map(name).collect();
        let help = report.suggest(&format!("{module}/{entity_type}"), known.iter().map(String::as_str));
        let help = help.unwrap_or_else(|| "if that is the point, expect `dead_letter: unknown_entity_type`".to_owned());
        let message = format!("the catalogue has no entity type `{module}/{entity_type}`");
        report.error(codes::CASE_NAME, self.at, message).help(help);
    }

    /// Checks that a change of the entity type emits each fact.
    pub(super) fn check_emits<'e>(
        &self,
        report: &mut Report<'_>,
        context: Context<'_>,
        events: impl Iterator<Item = (&'e ExpectedEvent, &'e Range<usize>)>,
    ) {
        let Some(entity_type) = self.entity_type(context).filter(|_| context.whole) else { return };
        let emits = |fact| entity_type.emits.iter().any(|one| one.fact == fact);
        let name = |id| &*context.catalogue.event_type(id).name;
        for (event, at) in events.filter(|(event, _)| !emits(event.event_type)) {
            let OwnedEntityKey { module, entity_type: ty, .. } = &self.key;
            let message = format!("no change of `{module}/{ty}` emits `{}`", name(event.event_type));
            let help = list(entity_type.emits.iter().map(|one| name(one.fact)));
            let help = Some(format!("it emits {help}")).filter(|_| !entity_type.emits.is_empty());
            report.error(codes::NEVER_EMITTED, at, message).help(help);
        }
    }
}

/// What a decision emits, in the words of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Emits {
    /// Commands, where a fact is decided on.
    Commands,
    /// Facts, where an update is.
    Facts,
}

impl Emits {
    /// The key under which one stands.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Commands => "command",
            Self::Facts => "fact",
        }
    }

    /// The name of one.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Commands => "forecast.validate",
            Self::Facts => "customer_success.health_score_changed",
        }
    }

    /// Whether an event type is one of them.
    pub(super) const fn is(self, kind: &Kind) -> bool {
        match self {
            Self::Commands => matches!(kind, Kind::Command(_)),
            Self::Facts => matches!(kind, Kind::Fact(_)),
        }
    }
}
