use super::super::{ListPage, ListScope, ViewError};
use super::*;
use crate::state::NewerState;

const SCOPE: ListScope<'static> = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };

fn ids(shared: &Shared, page: ListPage<'_>) -> (Vec<String>, Option<String>) {
    let listed = shared.list(SCOPE, page).unwrap();
    (listed.entities.into_iter().map(|(id, _)| id).collect(), listed.next)
}

/// All ids, read page by page.
fn walk(shared: &Shared, page: ListPage<'_>) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let (page, next) = ids(shared, ListPage { after: after.as_deref(), ..page });
        all.extend(page);
        match next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

#[test]
fn pages_hold_each_entity_once_in_the_order_of_their_ids() {
    let wanted: Vec<_> = (0..1000).map(|n| format!("id/{n:04}")).collect();
    let mut entries: Vec<_> = wanted.iter().rev().map(|id| entry(account("t1", id), &value(1))).collect();
    for other in ["t0", "t1-", "t2"] {
        entries.push(entry(account(other, "id/0500"), &value(9)));
    }
    let more = EntityKey { tenant: "t1", module: "customer_success", entity_type: "account_plan", id: "id/0500" };
    entries.push(entry(more, &value(9)));
    let shared = ready(entries);
    for limit in [1, 7, 255, 256, 257, 1000, 2000] {
        assert_eq!(walk(&shared, ListPage { limit, ..ListPage::default() }), wanted, "{limit}");
    }
    let (page, next) = ids(&shared, ListPage { limit: 1000, ..ListPage::default() });
    assert_eq!((page.len(), next), (1000, None), "no page behind the last entity");
    let page = ListPage { id_prefix: "id/09", limit: 30, ..ListPage::default() };
    assert_eq!(walk(&shared, page), wanted[900..]);
    assert_eq!(ids(&shared, ListPage { after: Some("zz"), ..page }), (vec![], None));
    assert_eq!(ids(&shared, ListPage { after: Some("a"), ..page }).0, wanted[900..930]);
}

#[test]
fn a_filter_takes_what_it_wants_and_a_call_does_not_look_for_ever() {
    let shared = ready((0..25_000).map(|n| entry(account("t1", &format!("{n:05}")), &value(n))));
    let filter = |_: &str, entity: &Entity<'_>| entity.written.version.0 % 10_000 == 9;
    let page = ListPage { filter: Some(&filter), limit: 10, ..ListPage::default() };
    let (first, next) = ids(&shared, page);
    assert_eq!((first, next.as_deref()), (vec!["00009".to_owned()], Some("09999")), "it has looked at 10,000");
    assert_eq!(walk(&shared, page), ["00009", "10009", "20009"]);
}

#[test]
fn a_value_that_is_none_is_said_where_it_is_read() {
    let shared = ready([entry(account("t1", "bad"), b"{\"v\":1,}"), entry(account("t1", "good"), &value(1))]);
    let fault = ViewError::Value { key: "customer_success/account/bad".to_owned(), fault: NewerState::Foreign };
    assert_eq!(shared.list(SCOPE, ListPage::default()), Err(fault));
    assert_eq!(ids(&shared, ListPage { id_prefix: "g", ..ListPage::default() }).0, ["good"]);
}
