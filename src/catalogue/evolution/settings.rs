//! What holds for the whole catalogue.

use super::Comparison;
use super::change::{Change, Party};
use crate::catalogue::Tenants;

pub(super) fn compare(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let (old, new) = (&comparison.old.settings, &comparison.new.settings);
    let whole = |what: String, breaks: Vec<Party>| Change { event_type: None, what, breaks };
    if old.topic_prefix != new.topic_prefix {
        let what = format!("`topic_prefix` changed from `{}` to `{}`", old.topic_prefix, new.topic_prefix);
        out.push(whole(what, vec![Party::Everyone]));
    }
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
