use super::{EventKind, Graph, Problem};
use crate::catalogue::graph as compiled;

const SMALL: &str = include_str!("../../../tests/catalogue/small.yaml");

fn of(text: &str) -> Graph {
    compiled("test.yaml", text).0.unwrap()
}

/// The names of the events, those with a problem with it behind them.
fn names(graph: &Graph) -> Vec<String> {
    let name = |event: &super::Event| match event.problem {
        Some(problem) => format!("{} {problem:?}", event.name),
        None => event.name.to_string(),
    };
    graph.events.iter().map(name).collect()
}

/// Triggers and answers by names.
fn links(graph: &Graph) -> Vec<String> {
    let name = |event: usize| &graph.events[event].name;
    let triggers = graph.triggers.iter().map(|one| format!("{} → {}", name(one.fact), name(one.command)));
    let answers = graph.answers.iter().map(|one| format!("{} ⇢ {}", name(one.command), name(one.fact)));
    triggers.chain(answers).collect()
}

#[test]
fn it_has_what_the_file_says() {
    let graph = of(SMALL);
    assert_eq!(
        names(&graph),
        ["sales.deal_won", "sales.book", "sales.close", "pay.paid", "pay.calculate", "pay.bonus"]
    );
    assert_eq!(
        links(&graph),
        [
            "sales.deal_won → pay.calculate",
            "sales.deal_won → pay.bonus",
            "pay.paid → sales.book",
            "sales.close ⇢ sales.deal_won"
        ]
    );
    assert_eq!(graph.triggers[1].when.as_deref(), Some("data.amount > 1000.0"));
    let read: Vec<_> = graph.readings.iter().map(|one| (&*graph.events[one.event].name, one.module)).collect();
    assert_eq!(read, [("pay.paid", 0), ("sales.deal_won", 1)]);
    assert_eq!(graph.reader(1), Some(Vec::new()));
}

#[test]
fn what_is_named_and_not_declared_is_there_too() {
    let text = SMALL
        .replace("pay.calculate\n", "pay.calc\n          - tax.file\n")
        .replace("pay.paid:\n        action", "pay.payed:\n        action");
    let graph = of(&text);
    let problems: Vec<_> = names(&graph).into_iter().filter(|name| name.contains(' ')).collect();
    assert_eq!(
        problems,
        ["pay.calculate Unsent", "pay.calc Undeclared", "tax.file Undeclared", "pay.payed Undeclared"]
    );
    assert_eq!(graph.modules.last().map(|one| (&*one.name, one.declared)), Some(("tax", false)));
    let ghost = graph.events.iter().find(|event| &*event.name == "pay.payed").unwrap();
    assert_eq!((ghost.module, ghost.kind), (1, EventKind::Fact));
}

#[test]
fn without_modules_there_is_no_graph() {
    for text in ["version: [", "version: 1", ""] {
        assert!(compiled("test.yaml", text).0.is_none(), "{text}");
    }
}

#[test]
fn a_cycle_is_marked_and_what_hangs_on_it_is_not() {
    let graph = of(&SMALL
        .replace("pay.calculate:\n", "pay.calculate:\n        may_emit: [pay.paid]\n")
        .replace("sales.book:\n", "sales.book:\n        may_emit: [sales.deal_won]\n"));
    let cyclic: Vec<_> =
        graph.events.iter().filter(|event| event.problem == Some(Problem::Cycle)).map(|event| &*event.name).collect();
    assert_eq!(cyclic, ["sales.deal_won", "sales.book", "pay.paid", "pay.calculate"]);
    assert_eq!(graph.triggers.iter().map(|trigger| trigger.cycle).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(graph.answers.iter().filter(|answer| answer.cycle).count(), 2);
}

#[test]
fn a_module_in_focus_brings_its_neighbours() {
    let graph = of(include_str!("../../../topics.yaml")).focus("planning").unwrap();
    assert_eq!(names(&graph), ["planning.quota_changed"]);
    assert_eq!(
        graph.modules.iter().map(|one| &*one.name).collect::<Vec<_>>(),
        ["planning", "compensation", "dashboard"]
    );
    let error = of(SMALL).focus("sale").unwrap_err();
    assert_eq!(error.to_string(), "no module `sale` is declared: did you mean `sales`?");
}

#[test]
fn an_event_brings_what_leads_to_it_and_what_follows() {
    let whole = of(include_str!("../../../topics.yaml"));
    let graph = whole.around("pipeline.closed_won").unwrap();
    assert_eq!(
        links(&graph),
        [
            "pipeline.deal_won → compensation.calculate",
            "pipeline.deal_won → forecast.validate",
            "pipeline.deal_won → customer_success.onboard",
            "compensation.calculated → dashboard.update_metrics",
            "compensation.calculated → forecast.validate_incentives",
            "compensation.threshold_reached → dashboard.celebrate",
            "compensation.threshold_reached → pipeline.notify",
            "pipeline.close_deal ⇢ pipeline.deal_won",
            "compensation.calculate ⇢ compensation.calculated",
            "compensation.calculate ⇢ compensation.threshold_reached",
        ]
    );
    let error = whole.around("pipeline.deal_one").unwrap_err();
    assert_eq!(error.to_string(), "no event type `pipeline.deal_one` is declared: did you mean `pipeline.deal_won`?");
}

#[test]
fn a_part_has_the_entity_types_that_lead_to_it() {
    let whole = of(include_str!("../../../topics.yaml"));
    let emitted = |graph: &Graph| -> Vec<String> {
        let name =
            |one: &super::Emission| format!("{} → {}", graph.entities[one.entity].path, graph.events[one.fact].name);
        graph.emissions.iter().map(name).collect()
    };
    let one = ["customer_success/account → customer_success.health_score_changed"];
    assert_eq!(emitted(&whole), one);
    assert_eq!(emitted(&whole.focus("customer_success").unwrap()), one);
    assert_eq!(emitted(&whole.around("customer_success.health_score_changed").unwrap()), one);
    assert_eq!(whole.around("pipeline.deal_won").unwrap().entities, []);
    assert_eq!(whole.focus("planning").unwrap().entities, []);
}
