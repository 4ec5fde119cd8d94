//! A topic's id outlives its catalogue, and its event type does not.

use super::*;
use crate::catalogue::compile;

/// A catalogue of these facts and commands, in this order.
fn catalogue(facts: &[&str], commands: &[&str]) -> Catalogue {
    let list = |names: &[&str]| names.iter().map(|name| format!("m.{name}: {{}}")).collect::<Vec<_>>().join(", ");
    let (facts, commands) = (list(facts), list(commands));
    let text = format!("version: 1\nmodules:\n  m: {{name: M, outbound: {{{facts}}}, actions: {{{commands}}}}}\n");
    let (catalogue, diagnostics) = compile("names.yaml", &text);
    catalogue.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// What each topic means: its id in the process, and the name of the event type that its id in the catalogue stands for.
fn meaning(names: &Names, catalogue: &Catalogue, topic: &str) -> Option<(u32, Option<String>)> {
    let source = names.source_of(topic)?;
    let fact = names.reads(source).map(|reads| match reads {
        Reads::Fact(fact) => catalogue.event_type(fact).name.to_string(),
        Reads::StateUpdates => "updates".to_owned(),
    });
    Some((source.0, fact))
}

#[test]
fn a_topic_keeps_its_id_through_all_catalogues() {
    let first = catalogue(&["a", "b"], &["do"]);
    let names = Names::new(&first);
    assert_eq!(meaning(&names, &first, "m.a"), Some((0, Some("m.a".to_owned()))));
    assert_eq!(meaning(&names, &first, "m.b"), Some((1, Some("m.b".to_owned()))));
    assert_eq!(meaning(&names, &first, "m.do"), None, "commands are not read");

    // Everything moves: a new fact in front, one that is gone, one that is a command from now on.
    let second = catalogue(&["new", "b"], &["do", "a"]);
    let names = names.next(&second);
    assert_eq!(meaning(&names, &second, "m.a"), Some((0, None)), "known, and not read any more");
    assert_eq!(meaning(&names, &second, "m.b"), Some((1, Some("m.b".to_owned()))));
    assert_eq!(meaning(&names, &second, "m.new"), Some((2, Some("m.new".to_owned()))));
    for (id, event_type) in second.iter() {
        assert_eq!(names.topic(Topic::Event(id)), &*event_type.topic.name);
    }

    let third = catalogue(&["a"], &["b"]);
    let names = names.next(&third);
    assert_eq!(meaning(&names, &third, "m.a"), Some((0, Some("m.a".to_owned()))), "read again");
    assert_eq!(meaning(&names, &third, "m.new"), Some((2, None)));
    let partition = SourcePartition { topic: SourceId(2), partition: 7 };
    assert_eq!(names.kafka(partition), ("m.new".to_owned(), 7));
    assert_eq!(names.kernel(&("m.new".to_owned(), 7)), Some(partition), "its partitions can be given back");
}
