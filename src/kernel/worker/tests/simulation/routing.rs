//! The kernel in the simulated worker: real decisions, with a real ledger that is read back from real audit records.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::super::SourcePartition;
use super::updates::{Told, Updates};
use super::{Decided as Visible, S};
use crate::audit;
use crate::catalogue::{Catalogue, compile};
use crate::ids::RecordOffset;
use crate::kernel::{
    Effects, Input, Ledger, LedgerKey, LedgerKeys, LedgerLimits, Look, Record, Remembered, Rules, StateTopics,
    TopicFacts, Topology, View as _, decide, refuse,
};
use crate::time::Timestamp;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);
const CATALOGUE: &str = "
version: 1
tenants: open
defaults: {partitions: 2, replication_factor: 1, retention: 7d, encoding: json}
modules:
  a:
    name: A
    outbound:
      a.fact: {key: id, payload: {id: string}, triggers: [b.command]}
    state:
      counter: {fields: {n: integer}}
  b:
    name: B
    actions:
      b.command: {key: id, payload: {id: string}}
";

/// Two catalogues between which a worker changes. Their event types have different ids.
static COMPILED: LazyLock<[Arc<Catalogue>; 2]> = LazyLock::new(|| {
    let other =
        CATALOGUE.replace("modules:\n", "modules:\n  z: {name: Z, outbound: {z.fact: {payload: {id: string}}}}\n");
    [CATALOGUE, &other].map(|text| {
        let (catalogue, diagnostics) = compile("simulation.yaml", text);
        Arc::new(catalogue.unwrap_or_else(|| panic!("{diagnostics:?}")))
    })
});

/// Every fourth event has the id of the one before it: a producer that repeats itself.
pub(super) const fn event(offset: i64) -> i64 {
    if offset % 4 == 3 { offset - 1 } else { offset }
}

/// What a worker decides with.
pub(super) struct Routing {
    rules: [Rules; 2],
    /// Which of them are in force.
    pub(super) edition: usize,
    ledger: Ledger,
    effects: Effects,
    remember: Option<LedgerKey>,
    pub(super) updates: Updates,
}

/// A decision's outcome, what its audit record gives when it is read back, and what is to be remembered.
type Decided = (&'static str, Option<Remembered>, Option<LedgerKey>);

/// All that a decision depends on: the edition, the record, whether the broker refused it, what is remembered.
type Case = (usize, SourcePartition, i64, bool, Look);

thread_local! {
    /// Deciding is pure, so a decision that was taken once is not taken again: thousands of schedules take seconds.
    static KNOWN: RefCell<HashMap<Case, Decided>> = RefCell::default();
}

impl Routing {
    pub(super) fn new() -> Self {
        let facts = TopicFacts { partitions: 2, max_message_bytes: usize::MAX };
        let one = TopicFacts { partitions: 1, ..facts };
        let state = StateTopics { updates: one, entities: one, replies: one };
        let rules = |catalogue: &Arc<Catalogue>| {
            let types = vec![facts; catalogue.types.len()];
            Rules::new(Arc::clone(catalogue), Topology { types, dead_letters: facts, audit: facts, state })
        };
        let limits = LedgerLimits { window: Duration::from_secs(600), ids: 1000 };
        Self {
            rules: COMPILED.each_ref().map(rules),
            edition: 0,
            ledger: Ledger::new(LedgerKeys::new(&[5; 16]), limits),
            effects: Effects::new(),
            remember: None,
            updates: Updates::new(),
        }
    }

    /// Decides on an update.
    pub(super) fn update(&mut self, offset: i64, refused: bool) -> Rc<Told> {
        self.remember = None;
        self.updates.decide((&self.rules[self.edition], &self.ledger), offset, refused)
    }

    /// Decides: the outcome, and what the audit record gives when it is read back.
    pub(super) fn decide(
        &mut self,
        (partition, offset): (SourcePartition, i64),
        refused: bool,
    ) -> (&'static str, Option<Remembered>) {
        let look = self.ledger.of(partition, NOW).look("acme", &format!("evt_{}", event(offset)));
        let case = (self.edition, partition, offset, refused, look);
        let known = KNOWN.with_borrow(|known| known.get(&case).copied());
        let (outcome, past, remember) = known.unwrap_or_else(|| {
            let decided = self.decide_anew((partition, offset), refused);
            KNOWN.with_borrow_mut(|known| known.insert(case, decided));
            decided
        });
        self.remember = remember;
        (outcome, past)
    }

    fn decide_anew(&mut self, (partition, offset): (SourcePartition, i64), refused: bool) -> Decided {
        let value = format!(
            r#"{{"event_id":"evt_{}","event_type":"a.fact","source_module":"a","tenant_id":"acme",
            "timestamp":"2024-01-15T10:00:00Z","payload":{{"data":{{"id":"x"}}}}}}"#,
            event(offset)
        );
        let rules = &self.rules[self.edition];
        let record = Record {
            topic: rules.catalogue.resolve("a.fact").expect("the fact").id(),
            partition: partition.partition,
            offset: RecordOffset(offset),
            timestamp: Some(NOW),
            key: Some(b"acme/x"),
            value: Some(value.as_bytes()),
            headers: &[],
        };
        let input = Input::Record(record);
        let outcome = if refused {
            refuse(rules, input, NOW, &mut self.effects)
        } else {
            decide(rules, &self.ledger.of(partition, NOW), input, NOW, &mut self.effects)
        };
        let audit = self.effects.produced().last().expect("an audit record");
        let past = audit::settled(self.effects.bytes(audit.value)).expect("our version").map(|event| {
            let partition = SourcePartition { partition: event.partition, ..partition };
            let key = self.ledger.keys().key(partition, &event.scope, &event.event_id);
            Remembered { key, at: NOW }
        });
        (outcome.code(), past, self.effects.remember())
    }

    /// Everything that came of the last decision is in the queue.
    pub(super) fn sent(&mut self) {
        if let Some(key) = self.remember {
            self.ledger.remember(key, NOW);
        }
        self.updates.sent(&mut self.ledger);
    }

    pub(super) fn committed(&mut self) {
        self.ledger.commit(NOW);
        self.updates.committed();
    }

    pub(super) fn aborted(&mut self) {
        self.ledger.abort();
        self.updates.aborted();
    }

    pub(super) fn forget_entities(&mut self, partitions: &[SourcePartition]) {
        if partitions.contains(&S) {
            self.updates.forget();
        }
    }

    /// Reads back what audit records of these partitions say, and the log of the state.
    pub(super) fn recall(&mut self, partitions: &[SourcePartition], visible: &[Visible]) {
        let theirs = || visible.iter().filter(|one| partitions.contains(&one.partition));
        let updates = theirs().filter_map(|one| one.told.as_ref());
        let settled: Vec<_> = updates.filter_map(|told| told.past.zip(told.settlement)).collect();
        let past: Vec<_> = theirs().filter_map(|one| one.past).collect();
        self.ledger.absorb_settlements(&settled);
        self.ledger.absorb(&past, None, NOW);
        if partitions.contains(&S) {
            self.updates.read_back(visible);
        }
    }
}
