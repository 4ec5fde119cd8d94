//! A world of one fact topic and two commands: three facts are routed, one is refused. With state, where a row wants it.

mod routing;
mod state;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalogue::{AuditMode, compile};
use crate::kernel::{Rules, Topology};
use crate::verify::reading::{Reading, Seen};
use crate::verify::{
    Count, Entry, Finding, Floor, Out, PILES, Pile, Place, Reach, Scope, Topics, causes, derived, entities, order,
    repeats, sources, values,
};

const CATALOGUE: &str = "
version: 1
modules:
  a:
    outbound:
      a.fact:
        key: id
        payload:
          id: string
        triggers:
          - b.act
          - emit: b.maybe
            when: data.id != 'none'
      a.changed:
        key: id
        payload:
          id: string
    state:
      account:
        fields:
          n: integer
        emits:
          a.changed:
            map:
              id: entity.id
  b:
    actions:
      b.act:
        aliases: [b.was]
      b.maybe:
";

type Headers = Vec<(Vec<u8>, Option<Vec<u8>>)>;

struct Record {
    place: Place,
    time: i64,
    key: String,
    value: String,
    headers: Headers,
}

/// Some records, and what can be judged of them.
pub(super) struct World {
    rules: Rules,
    pub(super) scope: Scope,
    records: Vec<Record>,
}

impl World {
    pub(super) fn new(mode: AuditMode) -> Self {
        let (catalogue, diagnostics) = compile("topics.yaml", CATALOGUE);
        let mut catalogue = catalogue.unwrap_or_else(|| panic!("{diagnostics:?}"));
        catalogue.settings.audit.mode = mode;
        let topics = Topics::of(&catalogue).unwrap();
        let reach = Reach { from: 0, to: 10, end: 200, position: 10, floor: Floor::Offset(0), hidden: false };
        let scope = Scope {
            audit: mode,
            since: i64::MIN,
            partitions: vec![4; usize::from(topics.audit()) + 1],
            whole_from: vec![i64::MIN; usize::from(topics.audit()) + 1],
            blind: HashSet::new(),
            window: 600_000,
            buried: i64::MIN,
            sources: HashMap::from([((topics.number("a.fact").unwrap(), 0), reach)]),
            topics,
        };
        let topology = Topology::unlimited(&catalogue);
        let rules = Rules::new(Arc::new(catalogue), topology);
        let mut world = Self { rules, scope, records: Vec::new() };
        (0..3).for_each(|offset| world.routed(offset));
        world.refused(3);
        // Only what was read is in the world.
        world.scope.sources.values_mut().for_each(|reach| reach.to = 4);
        world
    }

    /// When the fact of an offset was written, and what came of it.
    pub(super) fn time(offset: i64) -> i64 {
        1_000 * (offset + 1)
    }

    pub(super) fn write(&mut self, topic: &str, offset: i64, value: &str) {
        let place = Place { topic: self.scope.topics.number(topic).unwrap(), partition: 0, offset };
        let (key, value) = ("t/e".to_owned(), value.to_owned());
        self.records.push(Record { place, time: Self::time(offset), key, value, headers: Headers::new() });
    }

    fn at(&mut self, topic: &str, offset: i64) -> &mut Record {
        let topic = self.scope.topics.number(topic).unwrap();
        self.records.iter_mut().find(|one| (one.place.topic, one.place.offset) == (topic, offset)).unwrap()
    }

    pub(super) fn remove(&mut self, topic: &str, offset: i64) {
        let place = self.at(topic, offset).place;
        self.records.retain(|record| record.place != place);
    }

    pub(super) fn copy(&mut self, topic: &str, offset: i64, to: i64) {
        let Record { place, time, key, value, headers } = self.at(topic, offset);
        let place = Place { offset: to, ..*place };
        let copy = Record { place, time: *time, key: key.clone(), value: value.clone(), headers: headers.clone() };
        self.records.push(copy);
    }

    /// Nothing is judged but a copy of a record, which stands at offset 99.
    pub(super) fn copied_since(&mut self, topic: &str, offset: i64) {
        self.scope.since = Self::time(99);
        self.copy(topic, offset, 99);
        self.records.last_mut().unwrap().time = Self::time(99);
    }

    pub(super) fn swap(&mut self, topic: &str, one: i64, other: i64) {
        self.at(topic, one).place.offset = -1;
        self.at(topic, other).place.offset = one;
        self.at(topic, -1).place.offset = other;
    }

    pub(super) fn transfer(&mut self, topic: &str, offset: i64, to: &str, at: i64) {
        let number = self.scope.topics.number(to).unwrap();
        self.at(topic, offset).place = Place { topic: number, partition: 0, offset: at };
    }

    pub(super) fn repartition(&mut self, topic: &str, offset: i64, partition: i32) {
        self.at(topic, offset).place.partition = partition;
    }

    pub(super) fn edit(&mut self, topic: &str, offset: i64, from: &str, to: &str) {
        let record = self.at(topic, offset);
        let edited = record.value.replace(from, to);
        assert_ne!(edited, record.value);
        record.value = edited;
    }

    pub(super) fn header(&mut self, topic: &str, offset: i64, name: &str, value: &str) {
        self.at(topic, offset).headers.push((name.into(), Some(value.into())));
    }

    pub(super) fn rekey(&mut self, topic: &str, offset: i64, key: &str) {
        self.at(topic, offset).key = key.to_owned();
    }

    pub(super) fn position(&mut self, position: i64) {
        self.scope.sources.values_mut().for_each(|reach| reach.position = position);
    }

    pub(super) fn whole_from(&mut self, topic: &str, offset: i64) {
        let number = self.scope.topics.number(topic).unwrap();
        self.scope.whole_from[usize::from(number)] = Self::time(offset);
    }

    /// How many of something were counted.
    pub(super) fn counted(&self, what: Count) -> u64 {
        self.run().counted.iter().filter(|(one, _)| *one == what).map(|(_, more)| more).sum()
    }

    /// How many ids of derived events with other data are named.
    pub(super) fn differing(&self) -> usize {
        self.run().differing.len()
    }

    /// What is found: kind, place, `evt` where an id is given, the sentence.
    pub(super) fn judge(&self) -> Vec<String> {
        let found = self.run().findings.into_iter().map(|finding| {
            let Finding { damage, topic, partition, offset, id, sentence } = finding;
            let id = if id.is_some() { "evt " } else { "" };
            let hide = |word: &str| if word.starts_with("evt_") { "ID".to_owned() } else { word.to_owned() };
            let sentence = sentence.split(' ').map(hide).collect::<Vec<_>>().join(" ");
            format!("{} {topic}/{partition}@{offset} {id}{sentence}", damage.name())
        });
        // In the order in which they are found, but ids sort by chance.
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|line| (line.contains(" evt "), line.clone()));
        found
    }

    fn run(&self) -> Gathered {
        let mut out = Gathered::default();
        let reading = Reading { rules: &self.rules, scope: &self.scope };
        for Record { place, time, key, value, headers } in &self.records {
            let (key, value) = (Some(key.as_bytes()), Some(value.as_bytes()));
            let value = value.filter(|value| !value.is_empty() || place.topic != self.scope.topics.state());
            reading.take(&Seen { place: *place, time: *time, key, value, headers }, &mut out);
        }
        let mut judge = derived::Judge::new(&self.scope);
        out.sorted(Pile::Derived).iter().for_each(|entry| judge.take(entry, &mut out));
        judge.close(&mut out);
        let mut judge = sources::Judge::new(&self.scope);
        out.sorted(Pile::Sources).iter().for_each(|entry| judge.take(entry, &mut out));
        judge.close(&mut out);
        let mut judge = values::Judge::new(&self.scope);
        out.sorted(Pile::Values).iter().for_each(|entry| judge.take(entry, &mut out));
        judge.close(&mut out);
        let mut judge = entities::Judge::new(&self.scope);
        out.sorted(Pile::Entities).iter().for_each(|entry| judge.take(entry, &mut out));
        judge.close(&mut out);
        let mut judge = repeats::Judge::new(&self.scope);
        out.sorted(Pile::Repeats).iter().for_each(|entry| judge.take(entry, &mut out));
        let mut judge = order::Judge::new(&self.scope);
        out.sorted(Pile::Order).iter().for_each(|entry| judge.take(entry, &mut out));
        let mut judge = causes::Judge::new(&self.scope);
        out.sorted(Pile::Causes).iter().for_each(|entry| judge.take(entry, &mut out));
        out
    }
}

#[derive(Default)]
struct Gathered {
    piles: [Vec<Entry>; PILES],
    findings: Vec<Finding>,
    counted: Vec<(Count, u64)>,
    differing: Vec<String>,
}

impl Gathered {
    fn sorted(&mut self, pile: Pile) -> Vec<Entry> {
        let mut entries: Vec<_> = self.piles[pile as usize].iter().map(Entry::encode).collect();
        entries.sort_unstable();
        entries.iter().map(|bytes| Entry::decode(bytes).unwrap()).collect()
    }
}

impl Out for Gathered {
    fn put(&mut self, pile: Pile, entry: Entry) {
        self.piles[pile as usize].push(entry);
    }

    fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn count(&mut self, what: Count, more: u64) {
        self.counted.push((what, more));
    }

    fn differs(&mut self, id: String) {
        self.differing.push(id);
    }
}
