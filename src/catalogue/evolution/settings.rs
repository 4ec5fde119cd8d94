//! What holds for the whole catalogue.

use std::time::Duration;

use super::Comparison;
use super::change::{Change, Party};
use super::topic::late_readers;
use crate::catalogue::{AuditMode, AuditPayload, AuditSettings, Settings, Tenants};
use crate::time::duration_text;

pub(super) fn compare(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let (old, new) = (&comparison.old.settings, &comparison.new.settings);
    if old.topic_prefix != new.topic_prefix {
        let what = format!("`topic_prefix` changed from `{}` to `{}`", old.topic_prefix, new.topic_prefix);
        out.push(whole(what, vec![Party::Everyone]));
    }
    limits(old, new, out);
    audit(&old.audit, &new.audit, out);
    audit_retention(comparison, out);
    match (&old.tenants, &new.tenants) {
        (Tenants::Open, Tenants::Open) => {}
        (Tenants::Listed(_), Tenants::Open) => out.push(whole("every tenant is accepted".to_owned(), Vec::new())),
        (Tenants::Open, Tenants::Listed(_)) => {
            out.push(whole("only listed tenants are accepted".to_owned(), vec![Party::Tenant("*".to_owned())]));
        }
        (Tenants::Listed(old), Tenants::Listed(new)) => {
            for gone in old.iter().filter(|tenant| !new.contains(tenant)) {
                let party = Party::Tenant(gone.to_string());
                out.push(whole(format!("the tenant `{gone}` is not accepted any more"), vec![party]));
            }
            for added in new.iter().filter(|tenant| !old.contains(tenant)) {
                out.push(whole(format!("the tenant `{added}` is accepted"), Vec::new()));
            }
        }
    }
}

fn whole(what: String, breaks: Vec<Party>) -> Change {
    Change { event_type: None, what, breaks }
}

/// Bounds, of which a tighter one refuses what was good.
fn limits(old: &Settings, new: &Settings, out: &mut Vec<Change>) {
    let mut bound = |key: &str, (was, is): (String, String), tighter: bool, then: &str| {
        if was != is {
            let then = if tighter { format!(", so that {then}") } else { String::new() };
            let breaks = tighter.then_some(Party::Everyone).into_iter().collect();
            out.push(whole(format!("`{key}` changed from {was} to {is}{then}"), breaks));
        }
    };
    let numbers = |was: u32, is: u32| (was.to_string(), is.to_string());
    let times = |was, is| (duration_text(was), duration_text(is));
    let hops = "events with more hops behind them are dead letters";
    bound("max_hops", numbers(old.max_hops, new.max_hops), new.max_hops < old.max_hops, hops);
    let (was, is) = (old.max_event_bytes, new.max_event_bytes);
    bound("max_event_bytes", numbers(was, is), is < was, "larger records are dead letters");
    let (was, is) = (old.max_future, new.max_future);
    bound("max_future", times(was, is), is < was, "events whose time lies further ahead are dead letters");
    let (was, is) = (old.duplicate_window, new.duplicate_window);
    bound("duplicate_window", times(was, is), is < was, "a fact that is sent again later than that is routed again");
    let (was, is) = (old.duplicate_ids, new.duplicate_ids);
    bound("duplicate_ids", numbers(was, is), is < was, "a fact that is sent again behind more others is routed again");
}

/// What is audited. Who reads the trail is not in the catalogue.
fn audit(old: &AuditSettings, new: &AuditSettings, out: &mut Vec<Change>) {
    match (old.mode, new.mode) {
        (AuditMode::On, AuditMode::On) | (AuditMode::Off, AuditMode::Off) => {}
        (AuditMode::On, AuditMode::Off) => {
            let what = "nothing is audited any more, and a fact that is sent again is routed again".to_owned();
            out.push(whole(what, vec![Party::Everyone]));
        }
        (AuditMode::Off, AuditMode::On) => out.push(whole("decisions are audited".to_owned(), Vec::new())),
    }
    if old.payload != new.payload {
        let told = |payload| match payload {
            AuditPayload::None => "nothing",
            AuditPayload::Digest => "a digest",
            AuditPayload::Full => "all",
        };
        let what = format!("the audit holds {} of each payload, and held {}", told(new.payload), told(old.payload));
        out.push(whole(what, Vec::new()));
    }
    for field in old.redact.iter().filter(|field| !new.redact.contains(field)) {
        out.push(whole(format!("the audit does not hide `{field}` any more"), Vec::new()));
    }
    for field in new.redact.iter().filter(|field| !old.redact.contains(field)) {
        out.push(whole(format!("the audit hides `{field}`"), Vec::new()));
    }
}

fn audit_retention(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let (old, new) = (comparison.old, comparison.new);
    if old.settings.audit.retention == new.settings.audit.retention {
        return;
    }
    let (was, is) = (old.audit_retention(), new.audit_retention());
    let told = |kept: Option<Duration>| kept.map_or_else(|| "for ever".to_owned(), duration_text);
    let what = format!("the audit is kept {}, and was {}", told(is), told(was));
    out.push(whole(what, late_readers(was, is).into_iter().collect()));
}
