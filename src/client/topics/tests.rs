mod durability;
mod kept;

use super::*;
use crate::client::sample::catalogue;
use crate::kafka::admin::{ConfigValue, TopicDescription, ValueSource};

fn plan(desired: &[DesiredTopic], actual: &BTreeMap<String, TopicDescription>, grow: &[Grow]) -> Plan {
    super::plan(desired, actual, Allowed { grow, shorten: &[] })
}

fn wanted() -> Vec<DesiredTopic> {
    desired(&catalogue(""), Overrides::default())
}

/// A cluster that has exactly what is wanted.
fn cluster(desired: &[DesiredTopic]) -> BTreeMap<String, TopicDescription> {
    let describe = |topic: &DesiredTopic| TopicDescription {
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        config: topic.config.iter().map(|(key, value)| (key.clone(), set(value))).collect(),
    };
    desired.iter().map(|topic| (topic.name.clone(), describe(topic))).collect()
}

fn set(value: &str) -> ConfigValue {
    ConfigValue { value: value.to_owned(), source: ValueSource::Topic }
}

fn lines(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter().map(|change| format!("+ {change}"));
    let notes = plan.notes.iter().map(|note| format!("~ {note}"));
    changes.chain(notes).chain(plan.refusals.iter().map(|refusal| format!("! {refusal}"))).collect()
}

fn grow(topic: &str, partitions: u32) -> Grow {
    Grow { topic: topic.to_owned(), partitions }
}

#[test]
fn an_empty_cluster_gets_every_topic() {
    let plan = plan(&wanted(), &BTreeMap::new(), &[]);
    let expected = "\
+ create pipeline.deal_won (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1065536 retention.ms=604800000
+ create forecast.submitted (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1065536 retention.ms=604800000
+ create compensation.calculate (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1131072 retention.ms=604800000
+ create revbus.dead_letters (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1131072 retention.ms=604800000
+ create revbus.audit (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1131072 retention.ms=604800000
+ create revbus.state (6 partitions, replication factor 1) cleanup.policy=compact max.message.bytes=1131072
+ create revbus.state_updates (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1065536 retention.ms=604800000
+ create revbus.requests (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1065536 retention.ms=604800000
+ create revbus.replies (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1131072 retention.ms=604800000
+ create revbus.workflows (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1065536 retention.ms=604800000
+ create revbus.workflow_state (6 partitions, replication factor 1) cleanup.policy=compact max.message.bytes=1131072
+ create revbus.replays (6 partitions, replication factor 1) cleanup.policy=delete max.message.bytes=1131072 retention.ms=-1";
    assert_eq!(lines(&plan).join("\n"), expected);
}

#[test]
fn a_cluster_that_has_it_all_needs_nothing() {
    assert_eq!(plan(&wanted(), &cluster(&wanted()), &[]), Plan::default());
}

#[test]
fn the_catalogue_and_the_command_line_shape_topics() {
    let mut catalogue = catalogue("eu.");
    catalogue.types[0].topic.partitions = 12;
    catalogue.types[0].topic.retention = None;
    catalogue.types[0].topic.config = [("max.message.bytes", "2000000"), ("segment.ms", "1")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    let overrides = Overrides { replication_factor: Some(3), min_insync_replicas: Some(2) };
    let topics = desired(&catalogue, overrides);
    let of = |name: &str| topics.iter().find(|topic| topic.name == name).unwrap();
    assert_eq!(of("eu.pipeline.deal_won").config["max.message.bytes"], "2000000");
    assert_eq!(of("eu.pipeline.deal_won").config["segment.ms"], "1");
    assert_eq!(of("eu.compensation.calculate").config["max.message.bytes"], "2065536");
    assert_eq!(of("eu.compensation.calculate").partitions, 6);
    assert_eq!(of("eu.revbus.audit").partitions, 12);
    assert_eq!(of("eu.revbus.dead_letters").config["retention.ms"], "-1");
    assert_eq!(of("eu.revbus.dead_letters").config["max.message.bytes"], "2065536");
    assert!(topics.iter().all(|topic| topic.replication_factor == 3 && topic.config["min.insync.replicas"] == "2"));
}

#[test]
fn only_our_keys_are_configured() {
    let mut actual = cluster(&wanted());
    let topic = actual.get_mut("pipeline.deal_won").unwrap();
    topic.config.insert("retention.ms".to_owned(), set("1"));
    topic.config.insert("flush.ms".to_owned(), set("1"));
    topic.config.remove("max.message.bytes");
    topic.config.get_mut("cleanup.policy").unwrap().source = ValueSource::Default;
    assert_eq!(
        lines(&plan(&wanted(), &actual, &[])),
        [
            "+ configure pipeline.deal_won: max.message.bytes from unset to 1065536",
            "+ configure pipeline.deal_won: retention.ms from 1 to 604800000",
        ]
    );
}

#[test]
fn keyed_topics_grow_only_where_they_are_named() {
    let mut actual = cluster(&wanted());
    actual.get_mut("pipeline.deal_won").unwrap().partitions = 3;
    let left_alone = plan(&wanted(), &actual, &[]);
    assert!(left_alone.changes.is_empty());
    let [note] = &left_alone.notes[..] else { panic!("{left_alone:?}") };
    assert!(note.starts_with("pipeline.deal_won has 3 partitions, the catalogue says 6: left alone"), "{note}");
    assert!(note.contains("most keys move to another partition"), "{note}");
    let grown = plan(&wanted(), &actual, &[grow("pipeline.deal_won", 6)]);
    let [Change::Grow { topic, from: 3, to: 6, lost: Some(_) }] = &grown.changes[..] else { panic!("{grown:?}") };
    assert_eq!((topic.as_str(), grown.notes.len()), ("pipeline.deal_won", 0));
}

#[test]
fn nothing_shrinks_and_state_never_grows() {
    let mut actual = cluster(&wanted());
    actual.get_mut("forecast.submitted").unwrap().partitions = 8;
    actual.get_mut("revbus.audit").unwrap().partitions = 8;
    actual.remove("compensation.calculate");
    let grow = [
        "pipeline.deal_won=2",
        "revbus.state=12",
        "revbus.workflows=12",
        "pipeline.deal_one=12",
        "compensation.calculate=8",
    ]
    .map(|text| text.parse().unwrap());
    assert_eq!(
        lines(&plan(&wanted(), &actual, &grow)),
        [
            "~ forecast.submitted has 8 partitions, the catalogue says 6: topics never shrink",
            "! --grow pipeline.deal_one: the catalogue has no such topic",
            "! --grow pipeline.deal_won=2: it has 6 already, and topics never shrink",
            "! --grow compensation.calculate: it does not exist yet; its `partitions` in the catalogue say how many it \
             is created with",
            "! --grow revbus.state=12: never grown: the state of an entity stands on the partition of its key, and \
             would be looked for on another one",
            "! --grow revbus.workflows=12: never grown: the state of an entity stands on the partition of its key, and \
             would be looked for on another one",
        ]
    );
}

/// A cluster and a catalogue whose facts have grown from 6 to 12 partitions.
fn grown() -> (Vec<DesiredTopic>, BTreeMap<String, TopicDescription>) {
    let mut catalogue = catalogue("");
    catalogue.types[0].topic.partitions = 12;
    (desired(&catalogue, Overrides::default()), cluster(&wanted()))
}

#[test]
fn where_facts_grow_nothing_of_state_changes() {
    let (topics, mut actual) = grown();
    let plan = plan(&topics, &actual, &[grow("pipeline.deal_won", 12)]);
    let changed: Vec<String> = plan.changes.iter().map(ToString::to_string).collect();
    assert!(changed.iter().all(|change| !change.contains("revbus.state")), "{changed:?}");
    assert_eq!((changed.len(), plan.refusals.len()), (2, 0), "the fact and the audit topic: {changed:?}");
    let left: Vec<&String> = plan.notes.iter().filter(|note| note.contains("revbus.state")).collect();
    assert!(left.len() == 2 && left.iter().all(|note| note.contains("12: never grown")), "{left:?}");
    // One that is made anew is made like the other.
    for (gone, other) in [("revbus.state", "revbus.state_updates"), ("revbus.state_updates", "revbus.state")] {
        let there = actual.remove(gone).unwrap();
        let plan = super::plan(&topics, &actual, Allowed::default());
        let create = |change: &&Change| matches!(change, Change::Create { topic, partitions: 6, .. } if topic == gone);
        assert!(plan.changes.iter().any(|change| create(&change)), "{gone} beside {other}: {plan:?}");
        actual.insert(gone.to_owned(), there);
    }
}

#[test]
fn entities_and_their_updates_have_one_number_of_partitions() {
    let mut actual = cluster(&wanted());
    actual.get_mut("revbus.state").unwrap().partitions = 8;
    assert_eq!(
        plan(&wanted(), &actual, &[]).refusals,
        ["revbus.state has 8 partitions and revbus.state_updates has 6: they need the same number, since an entity \
          stands on the partition of its updates; delete the one that is wrong, if it is empty, and plan again"]
    );
}

#[test]
fn the_topics_of_state_say_what_they_are_for_where_state_is_kept() {
    let mut keeping = catalogue("");
    let about = |topics: &[DesiredTopic]| -> Vec<String> {
        let plan = plan(topics, &BTreeMap::new(), &[]);
        let line = |change: &Change| change.to_string().split_once(": ").map(|(_, holds)| holds.to_owned());
        plan.changes.iter().filter_map(line).collect()
    };
    assert_eq!(about(&desired(&keeping, Overrides::default())), Vec::<String>::new());
    keeping.settings.state_mode = crate::catalogue::StateMode::Open;
    assert_eq!(
        about(&desired(&keeping, Overrides::default())),
        [
            "the state of each entity, the newest record a key; the router alone writes it",
            "updates of entities, which modules write and the router decides on",
            "how updates ended, each for the client that asked",
        ]
    );
}

#[test]
fn without_facts_the_defaults_shape_the_topics_of_state_and_nothing_needs_them_without_state() {
    let mut stateless = catalogue("");
    stateless.types.clear();
    assert_eq!(desired(&stateless, Overrides::default()), []);
    stateless.settings.state_mode = crate::catalogue::StateMode::Open;
    stateless.defaults.partitions = 12;
    stateless.defaults.replication_factor = 3;
    stateless.defaults.min_insync_replicas = Some(2);
    stateless.defaults.retention = None;
    let topics = desired(&stateless, Overrides::default());
    assert_eq!(topics.len(), ControlTopic::ALL.len());
    for topic in &topics {
        assert_eq!((topic.partitions, topic.replication_factor), (12, 3), "{topic:?}");
        assert_eq!(topic.config["min.insync.replicas"], "2", "{topic:?}");
        assert!(topic.config.get("retention.ms").is_none_or(|kept| kept == "-1"), "{topic:?}");
    }
}

#[test]
fn audit_follows_the_widest_topic_by_itself() {
    let mut actual = cluster(&wanted());
    actual.get_mut("forecast.submitted").unwrap().partitions = 8;
    assert_eq!(lines(&plan(&wanted(), &actual, &[]))[0], "+ grow revbus.audit from 6 to 8 partitions");
    let grown = plan(&wanted(), &actual, &[grow("pipeline.deal_won", 24)]);
    assert_eq!(lines(&grown)[1], "+ grow revbus.audit from 6 to 24 partitions");
    // Created together with a source that is wider than the catalogue says.
    actual.remove("revbus.audit");
    let Change::Create { partitions, .. } = &plan(&wanted(), &actual, &[]).changes[0] else { panic!() };
    assert_eq!(*partitions, 8);
}

#[test]
fn topics_are_named_with_or_without_the_prefix() {
    let topics = desired(&catalogue("eu."), Overrides::default());
    for name in ["pipeline.deal_won", "eu.pipeline.deal_won"] {
        assert_eq!(plan(&topics, &cluster(&topics), &[grow(name, 12)]).changes.len(), 2, "{name}");
    }
}

#[test]
fn other_replication_is_noted() {
    let topics = desired(&catalogue(""), Overrides { replication_factor: Some(3), min_insync_replicas: None });
    let mut actual = cluster(&topics);
    actual.get_mut("revbus.state").unwrap().replication_factor = 1;
    assert_eq!(
        lines(&plan(&topics, &actual, &[])),
        ["~ revbus.state has replication factor 1, not 3: move it with kafka-reassign-partitions"]
    );
}

#[test]
fn more_insync_replicas_than_replicas_are_refused() {
    let topics = desired(&catalogue(""), Overrides { replication_factor: Some(2), min_insync_replicas: Some(2) });
    assert_eq!(plan(&topics, &BTreeMap::new(), &[]).refusals, Vec::<String>::new());
    let mut actual = cluster(&topics);
    actual.get_mut("revbus.state").unwrap().replication_factor = 1;
    assert_eq!(
        plan(&topics, &actual, &[]).refusals,
        ["revbus.state: min.insync.replicas=2 with replication factor 1 would refuse every record"]
    );
}

#[test]
fn grow_is_a_topic_and_a_number() {
    assert_eq!("a.b=12".parse(), Ok(grow("a.b", 12)));
    for wrong in ["a.b", "a.b=", "a.b=0", "a.b=-1"] {
        assert!(wrong.parse::<Grow>().is_err(), "{wrong}");
    }
}
