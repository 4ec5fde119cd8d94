use super::*;
use crate::catalogue::compile;
use crate::ids::RecordOffset;
use crate::kernel::{Effects, Input, NoMemory, Record, Rules, StateUpdates, Topology, decide, partition_of};
use crate::reason::Outcome;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn shipped() -> Arc<Catalogue> {
    compiled(include_str!("../../../topics.yaml"))
}

fn compiled(text: &str) -> Arc<Catalogue> {
    let (catalogue, diagnostics) = compile("topics.yaml", text);
    Arc::new(catalogue.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

fn samples(catalogue: &Arc<Catalogue>, seed: u64, count: usize) -> Vec<Sample> {
    let mut traffic = Traffic::new(Arc::clone(catalogue), seed).unwrap();
    (0..count).map(|at| traffic.next(Timestamp::from_millis(NOW.millis() + at as i64 * 200))).collect()
}

fn record<T>(topic: T, partition: i32, sample: &Sample) -> Record<'_, T> {
    let (key, value) = (Some(&*sample.key), sample.value.as_deref());
    Record { topic, partition, offset: RecordOffset(0), timestamp: None, key, value, headers: &[] }
}

/// How the kernel decides on each.
fn outcomes(catalogue: &Arc<Catalogue>, samples: &[Sample]) -> Vec<Outcome> {
    let rules = Rules::new(Arc::clone(catalogue), Topology::unlimited(catalogue));
    let one = |sample: &Sample| {
        let input = match sample.topic {
            Place::Event(event_type) => Input::Record(record(event_type, 0, sample)),
            Place::Updates => {
                let partition = partition_of(&sample.key, rules.topology.state.updates.partitions);
                Input::Update(record(StateUpdates, partition, sample))
            }
        };
        decide(&rules, &NoMemory, input, NOW, &mut Effects::new())
    };
    samples.iter().map(one).collect()
}

#[test]
fn a_seed_gives_the_same_events_and_another_one_others() {
    let catalogue = shipped();
    assert_eq!(samples(&catalogue, 7, 200), samples(&catalogue, 7, 200));
    assert_ne!(samples(&catalogue, 7, 200), samples(&catalogue, 8, 200));
}

#[test]
fn good_ones_are_good_and_bad_ones_are_bad() {
    let catalogue = shipped();
    let samples = samples(&catalogue, 1, 2000);
    for (sample, outcome) in samples.iter().zip(outcomes(&catalogue, &samples)) {
        let text = sample.value.as_deref().map(String::from_utf8_lossy);
        let bad = !matches!(outcome, Outcome::Routed | Outcome::NoTrigger | Outcome::StateChanged);
        assert_eq!(bad, sample.flaw.is_some(), "{outcome:?} {:?}: {text:?}", sample.flaw);
    }
}

#[test]
fn each_dozen_has_one_bad_event_and_each_flaw_has_its_turn() {
    let samples = samples(&shipped(), 3, 12 * Flaw::ALL.len());
    let flaws: Vec<Vec<_>> =
        samples.chunks(12).map(|dozen| dozen.iter().filter_map(|sample| sample.flaw).collect()).collect();
    assert_eq!(flaws, Flaw::ALL.map(|flaw| vec![flaw]));
}

/// The event type of a sample that is no update.
const fn event(sample: &Sample) -> Option<TypeId> {
    match sample.topic {
        Place::Event(event_type) => Some(event_type),
        Place::Updates => None,
    }
}

#[test]
fn accounts_do_well_or_badly_where_the_catalogue_keeps_them() {
    let updates = |catalogue: &Arc<Catalogue>| {
        samples(catalogue, 1, 300).iter().filter(|sample| sample.topic == Place::Updates).count()
    };
    assert!((30..80).contains(&updates(&shipped())), "{}", updates(&shipped()));
    let without = include_str!("../../../tests/catalogue/small.yaml");
    assert_eq!(updates(&compiled(without)), 0);
}

#[test]
fn every_shipped_fact_occurs() {
    let catalogue = shipped();
    let mut traffic = Traffic::new(Arc::clone(&catalogue), 1).unwrap();
    let seen: std::collections::HashSet<_> = (0..2000).filter_map(|_| event(&traffic.next(NOW))).collect();
    let missing: Vec<_> =
        catalogue.facts().filter(|(id, ..)| !seen.contains(id)).map(|(_, fact, _)| &fact.name).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_first_seconds_show_what_there_is_to_see() {
    let catalogue = shipped();
    let samples = samples(&catalogue, 1, 30);
    let name = |sample: &Sample| event(sample).map(|id| catalogue.event_type(id).name.to_string());
    let names: std::collections::HashSet<_> = samples.iter().filter_map(name).collect();
    for wanted in ["pipeline.deal_created", "pipeline.stage_changed", "pipeline.deal_won"] {
        assert!(names.contains(wanted), "{wanted} is not among {names:?}");
    }
}

#[test]
fn another_catalogue_has_traffic_of_its_own() {
    let catalogue = compiled(
        "version: 1
tenants: [north, south]
modules:
  shop:
    name: Shop
    outbound:
      shop.sold:
        key: basket
        payload:
          basket: string
          price: decimal(8,2)
          colour: enum(red|blue)
          items: array<string>
          at: datetime
        triggers: [till.count]
  till:
    name: Till
    actions:
      till.count:
        payload:
          basket: string
",
    );
    let samples = samples(&catalogue, 1, 100);
    for (sample, outcome) in samples.iter().zip(outcomes(&catalogue, &samples)) {
        assert_eq!(outcome == Outcome::Routed, sample.flaw.is_none(), "{outcome:?}: {sample:?}");
        assert!(sample.key.starts_with(b"north/") || sample.key.starts_with(b"south/"));
    }
}
