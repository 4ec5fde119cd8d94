//! The router over SASL/SCRAM and TLS, on a broker whose ACLs deny by default, with the least that it needs.

use std::time::Duration;

use crate::support::cluster::Kind;
use crate::support::http::{get, metric};
use crate::support::{Broker, Bus, Cluster, Follower, Sender, bus, eventually, facts};

const PASSWORD: &str = "router-5ecret-passw0rd";
const PRINCIPAL: &str = "User:router";

/// Writes a file for `--kafka-config`.
pub fn properties(bus: &Bus, name: &str, of: &[(String, String)]) -> std::path::PathBuf {
    let path = bus.dir.path().join(name);
    let text: String = of.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    std::fs::write(&path, text).unwrap();
    path
}

fn allow(broker: &Broker, operation: &str, kind: &str, names: &[String], more: &[&str]) {
    acls(broker, &["--add"], operation, (kind, names), more);
}

fn acls(broker: &Broker, what: &[&str], operation: &str, (kind, names): (&str, &[String]), more: &[&str]) {
    let mut arguments = what.to_vec();
    arguments.extend(["--allow-principal", PRINCIPAL, "--operation", operation]);
    arguments.extend(names.iter().flat_map(|name| [kind, name]));
    arguments.extend(more);
    broker.tool("acls", &arguments);
}

/// The least that the router needs. `Describe` comes with each of them.
fn grant(bus: &Bus) {
    let broker = &bus.broker;
    let (catalogue, diagnostics) =
        revbus::catalogue::compile("topics.yaml", &std::fs::read_to_string(&bus.catalogue).unwrap());
    let catalogue = catalogue.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let facts: Vec<_> = catalogue.facts().map(|(_, event_type, _)| event_type.topic.name.to_string()).collect();
    let commands = catalogue.commands().map(|(_, event_type, _)| event_type.topic.name.to_string());
    let emitted = catalogue.entity_types.iter().flat_map(|entity_type| &entity_type.emits);
    let emitted = emitted.map(|emission| catalogue.event_type(emission.fact).topic.name.to_string());
    let control = |names: &[&str]| names.iter().map(|name| bus.topic(name)).collect::<Vec<_>>();
    let written = control(&["revbus.dead_letters", "revbus.audit", "revbus.state", "revbus.replies"]);
    // The audit topic is the ledger against duplicates too, and is read back; so is state.
    let read = control(&["revbus.audit", "revbus.state", "revbus.state_updates"]);
    allow(broker, "Read", "--topic", &facts.into_iter().chain(read).collect::<Vec<_>>(), &[]);
    allow(broker, "Write", "--topic", &commands.chain(emitted).chain(written).collect::<Vec<_>>(), &[]);
    allow(broker, "Read", "--group", &[bus.group()], &[]);
    allow(
        broker,
        "Write",
        "--transactional-id",
        std::slice::from_ref(&bus.prefix),
        &["--resource-pattern-type", "prefixed"],
    );
}

#[test]
fn the_router_works_over_sasl_and_tls_with_the_least_rights() {
    let cluster = Cluster::start(Kind::Sasl, None);
    let broker = &cluster.broker;
    let mut bus = Bus::new(broker, "secure", &bus::shipped(), 2);
    bus.kafka_config = Some(properties(&bus, "admin.properties", &broker.client));
    bus.apply();
    let user = format!("SCRAM-SHA-512=[password={PASSWORD}]");
    broker.tool("configs", &["--alter", "--add-config", &user, "--entity-type", "users", "--entity-name", "router"]);
    bus.kafka_config = Some(properties(&bus, "router.properties", &broker.scram("router", PASSWORD)));

    // Known, but allowed nothing: it does not start, and says so.
    let mut refused = bus.router("refused");
    assert_eq!(refused.exit_within(Duration::from_secs(120)), 3, "{}", refused.output());

    grant(&bus);
    let topic = bus.topic("compensation.calculate");
    acls(broker, &["--remove", "--force"], "Write", ("--topic", std::slice::from_ref(&topic)), &[]);
    allow(broker, "Describe", "--topic", std::slice::from_ref(&topic), &[]);
    let early = bus.router("early");
    let why = format!("not authorised to write to {topic}: that takes the right Write");
    eventually("it is told at once", Duration::from_secs(120), || early.output().contains(&why).then_some(()));
    early.stop();
    allow(broker, "Write", "--topic", &[topic], &[]);

    let audit = Follower::of(broker, &[bus.topic("revbus.audit")]);
    let (mut sent, mut output) = (Vec::new(), refused.output());
    // The second one reads back what the first one audited.
    for (instance, facts) in [("a", 0..500), ("b", 500..1000)] {
        let router = bus.router(instance);
        sent.extend(facts::send(&Sender::new(broker), facts::mixed(&bus, facts, 10)));
        eventually("every fact is audited", Duration::from_secs(120), || (audit.count() >= sent.len()).then_some(()));
        output += &router.output();
        router.stop();
    }
    bus.judge(&sent);
    rights_that_are_taken_away_are_told_and_heeded_when_they_are_back(&bus, &audit);
    assert!(!output.contains(PASSWORD), "the password is in the router's output: {output}");

    // A wrong password is exit code 3 as well, and is not printed either.
    let wrong = "wr0ng-secret-passw0rd";
    bus.kafka_config = Some(properties(&bus, "wrong.properties", &broker.scram("router", wrong)));
    let mut wronged = bus.router("wrong");
    assert_eq!(wronged.exit_within(Duration::from_secs(120)), 3, "{}", wronged.output());
    assert!(!wronged.output().contains(wrong), "{}", wronged.output());
}

fn rights_that_are_taken_away_are_told_and_heeded_when_they_are_back(bus: &Bus, audit: &Follower) {
    let broker = &bus.broker;
    let mut router = bus.router("told");
    let address = router.address();
    let answers = |code: u16, why: &str| {
        eventually(&format!("{code} {why}"), Duration::from_secs(120), || {
            let (found, body) = get(&address, "/readyz");
            (found == code && body.contains(why)).then_some(())
        });
    };
    let ready = || {
        eventually("it has partitions, and is ready", Duration::from_secs(120), || {
            let assigned = metric(&address, "revbus_partitions_assigned").is_some_and(|count| count > 0);
            (assigned && get(&address, "/readyz").0 == 200).then_some(())
        });
    };
    ready();
    let topic = bus.topic("pipeline.deal_won");
    acls(broker, &["--remove", "--force"], "Read", ("--topic", std::slice::from_ref(&topic)), &[]);
    // What nobody fetches, nobody is told of.
    let before = audit.count();
    facts::send(&Sender::new(broker), facts::mixed(bus, 1000..1040, 1000));
    answers(503, &format!("not authorised to read {topic}"));
    allow(broker, "Read", "--topic", &[topic], &[]);
    ready();
    eventually("they are routed when the right is back", Duration::from_secs(120), || {
        (audit.count() >= before + 40).then_some(())
    });
    acls(broker, &["--remove", "--force"], "Read", ("--group", &[bus.group()]), &[]);
    answers(503, "not authorised to join the group");
    allow(broker, "Read", "--group", &[bus.group()], &[]);
    ready();
    let topic = bus.topic("compensation.calculate");
    acls(broker, &["--remove", "--force"], "Write", ("--topic", std::slice::from_ref(&topic)), &[]);
    facts::send(&Sender::new(broker), facts::mixed(bus, 2000..2040, 1000));
    answers(503, &format!("not authorised to write to {topic}: that takes the right Write"));
    allow(broker, "Write", "--topic", &[topic], &[]);
    eventually("they are routed when the right is back", Duration::from_secs(120), || {
        (audit.count() >= before + 80).then_some(())
    });
    ready();
    router.stop();
}
