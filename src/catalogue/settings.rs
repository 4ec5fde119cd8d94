//! The keys at the top of the file.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::codes;
use super::drafts::Drafts;
use super::fields::Fields;
use super::names::{is_topic_prefix, shorten};
use super::report::Report;
use super::topics::retention;
use super::tree::{Node, Value};
use super::{
    AuditMode, AuditPayload, AuditRetention, AuditSettings, Catalogue, EventType, Settings, StateMode, Tenants,
};
use crate::ids::{MAX_TENANT_BYTES, is_tenant_id};
use crate::time::duration_text;

/// The keys.
pub(super) const TOP_KEYS: &[&str] = &[
    "version",
    "tenants",
    "topic_prefix",
    "duplicate_window",
    "duplicate_ids",
    "max_future",
    "max_hops",
    "max_event_bytes",
    "state_mode",
    "tests",
    "audit",
    "allow",
    "defaults",
    "modules",
];

/// The shortest and the longest retention of the audit that is not `forever`: the ledger against duplicates is read from it,
/// and reaches 7 days back at most.
const AUDIT_RETENTION: (&str, &str) = ("7d", "36500d");

impl Default for Settings {
    fn default() -> Self {
        Self {
            tenants: Tenants::Open,
            topic_prefix: String::new(),
            duplicate_window: Duration::from_secs(10 * 60),
            duplicate_ids: 500_000,
            max_future: Duration::from_secs(24 * 3600),
            max_hops: 16,
            max_event_bytes: 1_000_000,
            state_mode: StateMode::default(),
            audit: AuditSettings::default(),
        }
    }
}

/// Reads the settings.
pub(super) fn settings(report: &mut Report<'_>, top: &Fields<'_>) -> Settings {
    let mut settings = Settings::default();
    if let Some(node) = top.get("tenants") {
        settings.tenants = tenants(report, node);
    }
    if let Some(node) = top.get("topic_prefix") {
        settings.topic_prefix = topic_prefix(report, node);
    }
    if let Some(node) = top.get("audit") {
        settings.audit = audit(report, node, settings.audit);
    }
    limits(report, top, &mut settings);
    if let Some(node) = top.get("state_mode") {
        let words = [("declared", StateMode::Declared), ("open", StateMode::Open)];
        settings.state_mode = report.word(node, "`state_mode`", &words).unwrap_or_default();
    }
    settings
}

/// What stands under a key of `audit`.
fn audit_key<'t>(top: &Fields<'t>, wanted: &str) -> Option<&'t Node> {
    let Value::Map(pairs) = &top.get("audit")?.value else { return None };
    let is_wanted = |(key, _): &&(Node, Node)| matches!(&key.value, Value::Scalar(name) if name == wanted);
    pairs.iter().find(is_wanted).map(|(_, node)| node)
}

/// Checks that the trail is kept as long as any event: it tells which of them were routed.
pub(super) fn check_audit_retention(report: &mut Report<'_>, top: &Fields<'_>, catalogue: &Catalogue) {
    let (AuditRetention::For(Some(keep)), Some(node)) =
        (catalogue.settings.audit.retention, audit_key(top, "retention"))
    else {
        return;
    };
    let longer = |event_type: &&EventType| event_type.topic.retention.is_none_or(|longer| longer > keep);
    if let Some(longer) = catalogue.types.iter().find(longer) {
        let kept = longer.topic.retention.map_or_else(|| "for ever".to_owned(), duration_text);
        let message = format!("the audit is kept {}, and `{}` is kept {kept}", duration_text(keep), longer.name);
        report
            .error(codes::OUT_OF_RANGE, &node.span, message)
            .hint("an event without its audit record would be routed again: keep the audit as long as any event");
    }
}

/// Checks that what is to be redacted is a field of some payload: a slip here would show what should be hidden.
pub(super) fn check_redact(report: &mut Report<'_>, top: &Fields<'_>, drafts: &Drafts<'_>) {
    let Some(Node { value: Value::List(items), .. }) = audit_key(top, "redact") else { return };
    let names: BTreeSet<&str> = drafts.types.iter().flat_map(|draft| draft.event_type.contract.names()).collect();
    for item in items {
        if let Value::Scalar(field) = &item.value
            && !names.contains(field.as_str())
        {
            let help = report.suggest(field, names.iter().copied());
            let message = format!("no payload declares a field `{}` to redact", shorten(field));
            report.warning(codes::UNKNOWN_FIELD, &item.span, message).help(help);
        }
    }
}

/// Checks `version`: the only one there is.
pub(super) fn check_version(report: &mut Report<'_>, top: &Fields<'_>, start: &Node) {
    match top.get("version") {
        Some(node) if matches!(&node.value, Value::Scalar(text) if text == "1") => {}
        Some(node) => report
            .error(codes::BAD_VALUE, &node.span, "the only version of the file's format is 1")
            .hint("write `version: 1`"),
        None => report.error(codes::MISSING_KEY, &start.span, "`version` is missing").hint("begin with `version: 1`"),
    }
}

fn tenants(report: &mut Report<'_>, node: &Node) -> Tenants {
    if matches!(node.value, Value::Scalar(_)) {
        report.word(node, "`tenants`, where it is no list,", &[("open", ())]);
        return Tenants::Open;
    }
    let mut listed = BTreeSet::new();
    for (tenant, node) in report.scalars(node, "`tenants`") {
        if !is_tenant_id(tenant) {
            let help =
                format!("letters, digits, `.`, `_` and `-`, a letter or digit first, {MAX_TENANT_BYTES} at most");
            report.error(codes::BAD_NAME, &node.span, format!("`{tenant}` is not a tenant id")).help(help);
        } else if !listed.insert(Arc::from(tenant)) {
            report
                .warning(codes::DUPLICATE_KEY, &node.span, format!("the tenant `{tenant}` is listed twice"))
                .hint("keep one of them");
        }
    }
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        report
            .warning(codes::BAD_VALUE, &node.span, "no tenant is listed: every event will be refused")
            .hint("`tenants: open` accepts every tenant");
    }
    Tenants::Listed(listed.into_iter().collect())
}

fn topic_prefix(report: &mut Report<'_>, node: &Node) -> String {
    let text = report.scalar(node, "`topic_prefix`").unwrap_or_default();
    if !is_topic_prefix(text) {
        let message = format!("`{text}` cannot stand in front of a topic's name");
        report.error(codes::BAD_NAME, &node.span, message).hint("up to 48 letters, digits, `.`, `_` and `-`");
    }
    text.to_owned()
}

fn audit(report: &mut Report<'_>, node: &Node, mut audit: AuditSettings) -> AuditSettings {
    let Some(fields) = Fields::open(report, node, "`audit`", &[&["mode", "payload", "redact", "retention"]]) else {
        return audit;
    };
    if let Some(node) = fields.get("mode") {
        let words = [("on", AuditMode::On), ("off", AuditMode::Off)];
        audit.mode = report.word(node, "`mode` of `audit`", &words).unwrap_or(audit.mode);
        if audit.mode == AuditMode::Off {
            report
                .warning(codes::AUDIT_OFF, &node.span, "nothing will be audited, and no duplicate recognised")
                .hint("the ledger against duplicates is the audit topic itself");
        }
    }
    if let Some(node) = fields.get("payload") {
        let words = [("none", AuditPayload::None), ("digest", AuditPayload::Digest), ("full", AuditPayload::Full)];
        audit.payload = report.word(node, "`payload` of `audit`", &words).unwrap_or(audit.payload);
    }
    if let Some(node) = fields.get("redact") {
        audit.redact = report.scalars(node, "`redact`").into_iter().map(|(field, _)| Arc::from(field)).collect();
    }
    if let Some(node) = fields.get("retention") {
        audit.retention = AuditRetention::For(retention(report, node, AUDIT_RETENTION, None));
    }
    audit
}

fn limits(report: &mut Report<'_>, top: &Fields<'_>, settings: &mut Settings) {
    if let Some(node) = top.get("duplicate_window") {
        let read = report.duration(node, "`duplicate_window`", ("0s", "7d"));
        settings.duplicate_window = read.unwrap_or(settings.duplicate_window);
    }
    if let Some(node) = top.get("max_future") {
        let read = report.duration(node, "`max_future`", ("0s", "3650d"));
        settings.max_future = read.unwrap_or(settings.max_future);
    }
    let mut number = |key: &str, least: u32, most: u32, into: &mut u32| {
        let node = top.get(key);
        let read = node.and_then(|node| report.integer(node, &format!("`{key}`"), least..=most));
        *into = read.unwrap_or(*into);
    };
    number("duplicate_ids", 0, 50_000_000, &mut settings.duplicate_ids);
    number("max_hops", 1, 1000, &mut settings.max_hops);
    number("max_event_bytes", 1024, 64 * 1024 * 1024, &mut settings.max_event_bytes);
}
