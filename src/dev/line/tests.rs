use super::*;

fn of(came: Came) -> Entry {
    Entry {
        tenant: "tenant_001".into(),
        event_type: "pipeline.deal_won".into(),
        entity: "deal_17".into(),
        came,
        millis: 3,
    }
}

#[test]
fn a_fact_is_one_line() {
    let commands = Came::Commands(vec!["compensation.calculate".into(), "forecast.validate".into()]);
    let dead = Came::DeadLetter(vec!["`rep_id` is\nmissing".into()], vec!["field_missing".into()]);
    let lines =
        [commands, Came::Nothing, dead, Came::Other("expired".into())].map(|came| entry(&of(came), Colour::Off));
    assert_eq!(
        lines.join("\n"),
        "\
tenant_001  pipeline.deal_won deal_17                     → compensation.calculate, forecast.validate  3 ms
tenant_001  pipeline.deal_won deal_17                     · no trigger  3 ms
tenant_001  pipeline.deal_won deal_17                     ✗ dead letter: `rep_id` is\\u000amissing (field_missing)  3 ms
tenant_001  pipeline.deal_won deal_17                     · expired  3 ms"
    );
}

#[test]
fn an_update_is_one_line() {
    let changed = Came::Changed(3, vec!["customer_success.health_score_changed".into()]);
    let update =
        Entry { event_type: "state update".into(), entity: "customer_success/account/acme".into(), ..of(changed) };
    assert_eq!(
        entry(&update, Colour::Off),
        "tenant_001  state update customer_success/account/acme    = version 3 → customer_success.health_score_changed  3 ms"
    );
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let painted = entry(&of(Came::Nothing), Colour::On);
    assert!(painted.contains("\x1b[1mpipeline.deal_won\x1b[0m"), "{painted:?}");
    assert!(!entry(&of(Came::Nothing), Colour::Off).contains('\x1b'));
}

#[test]
fn a_summary_adds_up() {
    let mut tally =
        Tally { facts: 12, routed: 8, no_trigger: 3, dead: 1, dead_letters: 1, derived: 20, ..Tally::default() };
    for (name, count) in
        [("a.one", 1), ("a.six", 6), ("b.two", 2), ("c.two", 2), ("d.three", 3), ("e.four", 4), ("f.two", 2)]
    {
        tally.commands.insert(name.into(), count);
    }
    tally.reasons.insert("not_json".into(), 1);
    tally.latency.add(4);
    assert_eq!(
        summary(&tally, Duration::from_secs(4), Colour::Off),
        "
summary of 4.0 s of traffic
  facts         12 = 8 routed + 3 no trigger + 1 dead letter + 0 lost   3.0/s
  commands      20   5.0/s   a.six 6, e.four 4, d.three 3, b.two 2, c.two 2, f.two 2, 1 more kinds
  dead letters  1   not_json 1
  latency       p50 4 ms, p99 4 ms, from writing a fact until what came of it is read"
    );
    assert_eq!(
        status(&tally, Duration::from_secs(4), 3.0),
        "4 s · 12 facts, 3.0/s · 20 commands · 1 dead letter · p50 4 ms, p99 4 ms"
    );
}

#[test]
fn what_is_lost_or_missing_is_said() {
    let tally = Tally { facts: 2, dead: 1, earlier: 1, ..Tally::default() };
    let text = summary(&tally, Duration::from_secs(1), Colour::Off);
    for wanted in ["1 lost", "names 0 commands and 1 dead letters", "1 fact decided on that were there before"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}
