//! What an update makes of a state: replaced, merged or gone, under canonical names, and as its contract wants it.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::catalogue::Settings;
use crate::json::{self, Kind, Member, Value};
use crate::kernel::Rules;
use crate::kernel::effects::Observed;
use crate::reason::{Reason, ReasonCode};
use crate::schema::{self, Contract, Rewrite};
use crate::state::{UpdateBody, merge_patch};

/// What an update may need beside a state: its envelope, and an id whose every byte is escaped.
const AROUND: usize = 8 << 10;

/// How many bytes a state has at most: any put of it fits into `max_event_bytes`, whoever makes it. Patches could else
/// make states that nobody can write down again.
#[must_use]
pub fn largest_state(settings: &Settings) -> usize {
    let most = settings.max_event_bytes as usize;
    most - AROUND.min(most / 2)
}

/// A stored state under today's names: an older catalogue may have known a field under what is an alias now.
pub(super) fn under_todays_names<'t>(contract: Option<&Contract>, state: &'t str) -> Cow<'t, str> {
    canonical(contract, state, &mut Vec::new()).0
}

/// The state behind an update, `None` where it is deleted; breaches are added to `reasons`.
pub(super) fn apply<'u>(
    rules: &Rules,
    contract: Option<&Contract>,
    (old, body): (Option<&str>, UpdateBody<'u>),
    (observed, reasons): (&mut Observed, &mut Vec<Reason>),
) -> Option<Cow<'u, str>> {
    let state = match body {
        UpdateBody::Delete => return None,
        UpdateBody::Put(state) => Cow::Borrowed(state.raw),
        UpdateBody::Patch(patch) => Cow::Owned(merged(contract, old, patch, (observed, reasons))),
    };
    let state = checked(contract, state, observed, reasons);
    let (bytes, most) = (state.len(), largest_state(&rules.catalogue.settings));
    if bytes > most {
        let limit = rules.catalogue.settings.max_event_bytes;
        let message = format!(
            "the state has {bytes} bytes, and a state has at most {most}: what fits into an update of at most \
             max_event_bytes ({limit})"
        );
        reasons.push(Reason::new(ReasonCode::RecordTooLarge, message));
    }
    Some(state)
}

/// A patch under its canonical names, merged into a state: an alias must not stand beside the field that it means.
fn merged(
    contract: Option<&Contract>,
    old: Option<&str>,
    patch: Value<'_>,
    (observed, reasons): (&mut Observed, &mut Vec<Reason>),
) -> String {
    // What is missing from a patch, or null in it, is none of its faults; a field under two names is.
    let (patch, aliased) = canonical(contract, patch.raw, reasons);
    observed.aliased |= aliased;
    let mut out = Vec::new();
    merge_patch(old.map(object), object(&patch), &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn checked<'u>(
    contract: Option<&Contract>,
    state: Cow<'u, str>,
    observed: &mut Observed,
    reasons: &mut Vec<Reason>,
) -> Cow<'u, str> {
    let Some(contract) = contract else { return state };
    let rewritten = {
        let members = members(&state);
        let checked = schema::check(contract, &members, reasons);
        observed.aliased |= checked.aliased;
        observed.zoneless |= checked.zoneless;
        checked.aliased.then(|| rewrite(contract, &members))
    };
    rewritten.map_or(state, Cow::Owned)
}

/// An object under canonical names, and whether that changed it; what stands there twice is added to `reasons`.
fn canonical<'t>(contract: Option<&Contract>, object: &'t str, reasons: &mut Vec<Reason>) -> (Cow<'t, str>, bool) {
    let Some(contract) = contract else { return (Cow::Borrowed(object), false) };
    let members = members(object);
    let aliased = schema::check_part(contract, &members, reasons).aliased;
    (if aliased { Cow::Owned(rewrite(contract, &members)) } else { Cow::Borrowed(object) }, aliased)
}

fn rewrite(contract: &Contract, members: &[Member<'_>]) -> String {
    let mut out = vec![b'{'];
    Rewrite::Canonical.push_members(Some(contract), members, &mut out);
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

/// An object that was scanned before.
const fn object(raw: &str) -> Value<'_> {
    Value { raw, kind: Kind::Object }
}

fn members(raw: &str) -> SmallVec<[Member<'_>; 16]> {
    let mut members = SmallVec::new();
    json::members(object(raw), |member| members.push(member));
    members
}
