//! What is published, and who has taken it.

use super::*;
use crate::catalogue::compile;
use crate::kernel::Topology;

fn rules(fact: &str) -> Rules {
    let text = format!("version: 1\nmodules:\n  m: {{name: M, outbound: {{m.{fact}: {{}}}}}}\n");
    let catalogue = Arc::new(compile("editions.yaml", &text).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

#[test]
fn an_edition_is_taken_whole_and_once() {
    let editions = Editions::new(rules("a"));
    let first = editions.current();
    assert!(editions.other_than(&first).is_none());
    let number = editions.publish(rules("b"));
    let second = editions.other_than(&first).unwrap();
    assert_eq!((first.number, second.number, number), (0, 1, 1));
    assert!(editions.other_than(&second).is_none());
    assert_eq!(second.topics.iter().map(|topic| &**topic).collect::<Vec<_>>(), ["m.b"]);
    assert!(second.names.source_of("m.a").is_some(), "what was read before is still known by its name");
}

#[test]
fn it_is_known_when_no_worker_decides_by_an_older_one() {
    let editions = Editions::new(rules("a"));
    editions.took(0, 0);
    editions.took(1, 0);
    let number = editions.publish(rules("b"));
    editions.took(1, number);
    assert_eq!(editions.wait_until_taken(number, Duration::ZERO), 1);
    std::thread::scope(|scope| {
        scope.spawn(|| editions.took(0, number));
        assert_eq!(editions.wait_until_taken(number, Duration::from_secs(20)), 0);
    });
}
