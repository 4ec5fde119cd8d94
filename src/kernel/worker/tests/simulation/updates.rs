//! A partition of updates in the simulated worker: real decisions over a real registry, whose overlay the next record of
//! the batch depends on; and what must come of them, told without either.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::super::SourcePartition;
use super::routing::{self, NOW};
use super::{Decided, S};
use crate::audit;
use crate::ids::RecordOffset;
use crate::kernel::{
    Effects, Entities, EntityWrite, Input, Ledger, LedgerKey, Look, PartitionView, Record, Registry, Remembered, Rules,
    Settlement, StateUpdates, View as _, decide, refuse,
};
use crate::state::{Entity, Version, update_scope};

/// What is written of an entity: its key, and its value or none.
pub(super) type Written = (Vec<u8>, Option<Vec<u8>>);

/// A decision on an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) outcome: &'static str,
    pub(super) settlement: Option<Settlement>,
    pub(super) written: Option<Written>,
    pub(super) past: Option<Remembered>,
    remember: Option<LedgerKey>,
}

/// All that a decision depends on.
type Case = (i64, bool, Look, Option<Vec<u8>>);

thread_local! {
    /// As for facts: what was decided once is not decided again.
    static KNOWN: RefCell<HashMap<Case, Rc<Told>>> = RefCell::default();
}

/// What an update of this offset asks for: the entity, whether it deletes, which version it expects.
fn update(offset: i64) -> (&'static str, bool, Option<u64>) {
    let n = routing::event(offset);
    let entity = ["one", "two"][usize::try_from(n / 3 % 2).unwrap()];
    (entity, n % 9 == 8, (n % 5 == 1).then(|| u64::try_from(n % 4).unwrap()))
}

/// The entities of the worker, and what the last decision leaves for the next one.
pub(super) struct Updates {
    registry: Registry,
    /// Whether the open batch has written; where its end is not known, the log may be ahead.
    open: bool,
    /// Up to where the log was read back.
    read: usize,
    effects: Effects,
    last: Option<Rc<Told>>,
}

impl Updates {
    pub(super) fn new() -> Self {
        Self { registry: Registry::default(), open: false, read: 0, effects: Effects::new(), last: None }
    }

    pub(super) fn decide(&mut self, (rules, ledger): (&Rules, &Ledger), offset: i64, refused: bool) -> Rc<Told> {
        let past = ledger.of(S, NOW);
        let entities = self.registry.of(S.partition).expect("the entities of what is read were read back");
        let view = PartitionView { past, entities };
        let (entity, ..) = update(offset);
        let (id, key) = (format!("upd_{}", routing::event(offset)), format!("acme/a/counter/{entity}"));
        let value = view.entity(key.as_bytes()).map(<[u8]>::to_vec);
        let case = (offset, refused, view.look(&update_scope("acme", "a"), &id), value);
        let known = KNOWN.with_borrow(|known| known.get(&case).cloned());
        let told = known.unwrap_or_else(|| {
            let told = Rc::new(decide_anew((rules, ledger), (offset, &id, &key), (&view, refused), &mut self.effects));
            KNOWN.with_borrow_mut(|known| known.insert(case, Rc::clone(&told)));
            told
        });
        self.last = Some(Rc::clone(&told));
        told
    }

    /// As `router/sending.rs` does it, once everything of the last decision is in the queue.
    pub(super) fn sent(&mut self, ledger: &mut Ledger) {
        let Some(told) = self.last.take() else { return };
        if let (Some(key), Some(settlement)) = (told.remember, told.settlement) {
            ledger.remember_update(key, settlement, NOW);
        }
        if let (Some((key, value)), Some(entities)) = (&told.written, self.registry.of_mut(S.partition)) {
            entities.write(key, value.as_deref());
            self.open = true;
        }
    }

    /// As `router/entities.rs` does it: on from where the log was last read to, or from its beginning.
    pub(super) fn read_back(&mut self, visible: &[Decided]) {
        let log: Vec<_> = visible.iter().filter_map(|one| one.told.as_ref()?.written.as_ref()).collect();
        let (mut entities, from) =
            self.registry.take(S.partition).map_or_else(|| (Entities::default(), 0), |known| (known, self.read));
        log[from..].iter().for_each(|(key, value)| entities.fold(key, value.as_deref()));
        (self.read, self.open) = (log.len(), false);
        self.registry.restored(S.partition, entities);
    }

    pub(super) fn committed(&mut self) {
        self.registry.commit();
        self.open = false;
    }

    pub(super) fn aborted(&mut self) {
        self.registry.abort();
        self.open = false;
    }

    /// What it holds, between two batches.
    pub(super) fn held(&self) -> Option<&Entities> {
        self.registry.of(S.partition).filter(|_| !self.open)
    }

    pub(super) fn forget(&mut self) {
        self.open = false;
        self.registry.take(S.partition);
    }
}

fn decide_anew(
    (rules, ledger): (&Rules, &Ledger),
    (offset, id, key): (i64, &str, &str),
    (view, refused): (&PartitionView<'_>, bool),
    effects: &mut Effects,
) -> Told {
    let (entity, deletes, expected) = update(offset);
    let operation = if deletes { "delete" } else { "put" };
    let state = if deletes { String::new() } else { format!(r#","state":{{"n":{}}}"#, routing::event(offset)) };
    let expected = expected.map_or_else(String::new, |version| format!(r#","expected_version":{version}"#));
    let value = format!(
        r#"{{"event_id":"{id}","event_type":"state.{operation}","source_module":"a","tenant_id":"acme",
        "timestamp":"2024-01-15T10:00:00Z","payload":{{"data":{{"module":"a","entity_type":"counter",
        "entity_id":"{entity}"{state}{expected}}}}}}}"#
    );
    let record = Record {
        topic: StateUpdates,
        partition: S.partition,
        offset: RecordOffset(offset),
        timestamp: Some(NOW),
        key: Some(key.as_bytes()),
        value: Some(value.as_bytes()),
        headers: &[],
    };
    let input = Input::Update(record);
    let outcome = if refused { refuse(rules, input, NOW, effects) } else { decide(rules, view, input, NOW, effects) };
    let audited = effects.produced().last().expect("an audit record");
    let past = audit::settled(effects.bytes(audited.value)).expect("our version").map(|event| {
        assert_eq!((Some(event.outcome), event.version), {
            let settlement = effects.settlement();
            (settlement.map(|one| one.outcome), settlement.map(|one| one.version))
        });
        let partition = SourcePartition { partition: event.partition, ..S };
        Remembered { key: ledger.keys().key(partition, &event.scope, &event.event_id), at: NOW }
    });
    let written = effects.entity().map(|put| {
        let value = match put.write {
            EntityWrite::Value(span) => Some(effects.bytes(span).to_vec()),
            EntityWrite::Tombstone(_) => None,
        };
        (effects.bytes(put.key).to_vec(), value)
    });
    Told { outcome: outcome.code(), settlement: effects.settlement(), written, past, remember: effects.remember() }
}

/// What committed readers must see of the updates: ST-1.
#[derive(Default)]
pub(super) struct Model {
    entities: BTreeMap<Vec<u8>, (u64, Vec<u8>)>,
    settled: BTreeMap<i64, u64>,
}

impl Model {
    /// Takes the next update that is visible; the first violation, if there is any.
    pub(super) fn take(&mut self, offset: i64, told: &Told, poison: bool) -> Result<(), String> {
        let (entity, deletes, expected) = update(offset);
        let key = format!("acme/a/counter/{entity}").into_bytes();
        let at = self.entities.get(&key).map_or(0, |(version, _)| *version);
        let id = routing::event(offset);
        let (outcome, version) = if poison {
            ("failed", None)
        } else if self.settled.contains_key(&id) {
            ("duplicate", None)
        } else if expected.is_some_and(|expected| expected != at) || (deletes && at == 0) {
            ("conflict", Some(at))
        } else {
            ("state_changed", Some(at + 1))
        };
        let said = told.settlement.map(|settlement| settlement.version);
        if (told.outcome, said) != (outcome, version.map(Version)) {
            return Err(format!("ST-1: update {offset} was {} {said:?}, not {outcome} {version:?}", told.outcome));
        }
        if let Some(version) = version {
            self.settled.insert(id, version);
        }
        match (&told.written, outcome) {
            (None, "state_changed") => return Err(format!("ST-1: update {offset} wrote nothing")),
            (Some(_), "failed" | "duplicate" | "conflict") => return Err(format!("ST-1: update {offset} wrote")),
            (Some((written, value)), _) => {
                let read = value.as_ref().map(|value| Entity::read(value).unwrap().written.version.0);
                if (written, read) != (&key, (!deletes).then_some(at + 1)) {
                    return Err(format!("ST-1: update {offset} wrote version {read:?} behind {at}"));
                }
                match value {
                    Some(value) => drop(self.entities.insert(key, (at + 1, value.clone()))),
                    None => drop(self.entities.remove(&key)),
                }
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Whether a registry between two batches holds exactly the fold of what is visible.
    pub(super) fn equals(&self, entities: &Entities) -> Result<(), String> {
        let fold: BTreeMap<_, _> = self.entities.iter().map(|(key, (_, value))| (&key[..], &value[..])).collect();
        let held: BTreeMap<_, _> = entities.iter().collect();
        if held == fold { Ok(()) } else { Err(format!("ST-1: the registry holds {held:?}, the log {fold:?}")) }
    }
}
