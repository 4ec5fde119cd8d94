//! Dead letters come back with the least rights, as docs/operating.md has them, on a broker that denies by default.

use crate::security::properties;
use crate::support::cluster::{Kind, text};
use crate::support::letters::{FACT, dlq, ids, letter, mend, once, replay};
use crate::support::{Broker, Bus, Cluster, Sender};

const PASSWORD: &str = "operator-5ecret-passw0rd";

fn allow(broker: &Broker, operation: &str, kind: &str, names: &[String]) {
    let mut arguments = vec!["--add", "--allow-principal", "User:operator", "--operation", operation];
    arguments.extend(names.iter().flat_map(|name| [kind, name]));
    broker.tool("acls", &arguments);
}

#[test]
fn dead_letters_come_back_with_the_least_rights() {
    let cluster = Cluster::start(Kind::Sasl, None);
    let broker = &cluster.broker;
    let mut bus = Bus::new(broker, "operator", include_str!("lean.yaml"), 1);
    bus.kafka_config = Some(properties(&bus, "admin.properties", &broker.client));
    bus.apply();
    mend(&bus);
    let user = format!("SCRAM-SHA-512=[password={PASSWORD}]");
    broker.tool("configs", &["--alter", "--add-config", &user, "--entity-type", "users", "--entity-name", "operator"]);
    let dead: Vec<_> = (0..10).map(|n| letter(&bus, (n, 0), &[])).collect();
    Sender::new(broker).send(&dead);
    bus.kafka_config = Some(properties(&bus, "operator.properties", &broker.scram("operator", PASSWORD)));

    let refused = dlq(&bus, "list", &[]);
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));

    let topics = |names: &[&str]| names.iter().map(|name| bus.topic(name)).collect::<Vec<_>>();
    allow(broker, "Read", "--topic", &topics(&["revbus.dead_letters", "revbus.replays"]));
    let others = ["pipeline.deal_lost", "compensation.calculate", "forecast.validate", "customer_success.onboard"];
    allow(broker, "Describe", "--topic", &topics(&[&others[..], &[FACT, "revbus.audit"]].concat()));
    assert_eq!(replay(&bus, &[], 0)["goes"], 10);
    let refused = dlq(&bus, "replay", &["--yes"]);
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    assert!(text(&refused).contains("not authorised to begin work as the transactional id"), "{}", text(&refused));

    allow(broker, "Write", "--transactional-id", &topics(&["revbus.replay"]));
    let fact = bus.topic(FACT);
    let unwritable = |written: &std::process::Output, topics: &str| {
        assert_eq!(written.status.code(), Some(3), "{}", text(written));
        let why = format!("not authorised to write to {topics}: that takes the right Write");
        assert!(text(written).contains(&why), "{why}, not: {}", text(written));
    };
    let publish = ["publish", FACT, "--tenant", "tenant_001", "--data", "{}", "--no-check", "--topic", &fact];
    unwritable(&bus.command(&publish).output().unwrap(), &fact);
    unwritable(&dlq(&bus, "replay", &["--yes"]), &format!("{fact}, {}", bus.topic("revbus.replays")));
    allow(broker, "Write", "--topic", &topics(&["revbus.replays"]));
    unwritable(&bus.command(&publish).output().unwrap(), &fact);
    unwritable(&dlq(&bus, "replay", &["--yes"]), &fact);
    allow(broker, "Write", "--topic", &[fact]);
    assert_eq!(replay(&bus, &["--yes"], 0)["goes"], 10);
    assert_eq!(ids(&bus.drain(FACT)), once(0..10));

    let unseen = bus.command(&["verify", "--group", "another"]).output().unwrap();
    assert_eq!(unseen.status.code(), Some(3), "{}", text(&unseen));
    let why = format!("not authorised to ask for the positions of the group {}", bus.topic("another"));
    assert!(text(&unseen).contains(&why), "{}", text(&unseen));
}
