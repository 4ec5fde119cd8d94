//! A seeded simulation of broker and group that fails every kind of action at random, judged by what a reader of
//! committed records would see.

mod dice;
mod judge;
mod routing;
mod updates;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;
use crate::kernel::Remembered;
use dice::Dice;
use judge::judge;
use routing::Routing;
use updates::Told;

/// The partition of updates.
const S: SourcePartition = SourcePartition { topic: SourceId(1), partition: 0 };

/// Two partitions of 40 facts each, and one of 40 updates, a group of one that gives and takes them at whim, and a broker that fails.
struct World {
    dice: Dice,
    assigned: BTreeMap<SourcePartition, i64>,
    committed: BTreeMap<SourcePartition, i64>,
    routing: Routing,
    /// What the open transaction holds; `None` when none is open.
    open: Option<Vec<Decided>>,
    /// What a reader of committed records sees.
    visible: Vec<Decided>,
    current: Option<(SourcePartition, i64)>,
    poison: (SourcePartition, i64),
    /// What the group said last, until it is carried out. It says nothing more before.
    told: Option<Rebalance>,
    /// A position has left its log: nothing more comes until all partitions are sent somewhere.
    displaced: bool,
    stopped: bool,
}

const RECORDS: i64 = 40;

/// A decision as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decided {
    partition: SourcePartition,
    offset: i64,
    outcome: &'static str,
    /// Under which rules.
    edition: usize,
    /// What its audit record gives when it is read back.
    past: Option<Remembered>,
    /// Of an update, all of it.
    told: Option<Rc<Told>>,
}

impl World {
    fn fails(&mut self, one_in: u64) -> bool {
        self.dice.roll(one_in) == 0
    }

    fn poll(&mut self) -> Event {
        assert_eq!(self.told, None, "polled on with a rebalance not carried out");
        if self.fails(200) && !self.stopped {
            self.stopped = true;
            return Event::Stop;
        }
        if self.fails(15) {
            return self.rebalance();
        }
        if self.open.is_none() && self.fails(10) {
            return self.new_rules();
        }
        if self.fails(60) {
            self.displaced = true;
            return Event::Failed(Failure::Displaced);
        }
        let ready: Vec<_> = self.assigned.iter().filter(|(_, at)| **at < RECORDS).map(|(p, at)| (*p, *at)).collect();
        if ready.is_empty() || self.displaced || self.fails(4) {
            return Event::Quiet;
        }
        let index = usize::try_from(self.dice.roll(ready.len() as u64)).unwrap();
        let (partition, at) = ready[index];
        self.assigned.insert(partition, at + 1);
        self.current = Some((partition, at));
        polled(partition, at)
    }

    fn rebalance(&mut self) -> Event {
        let owned: Vec<_> = self.assigned.keys().copied().collect();
        let rebalance = match (owned.is_empty(), self.dice.roll(2)) {
            (true, _) => Rebalance::Assigned(vec![P, Q, S]),
            (false, 0) => Rebalance::Revoked(owned),
            (false, _) => Rebalance::Lost(owned),
        };
        self.told = Some(rebalance.clone());
        Event::Rebalance(rebalance)
    }

    /// Between two batches: event types get other ids, and what is remembered must not notice.
    fn new_rules(&mut self) -> Event {
        self.routing.edition = 1 - self.routing.edition;
        Event::NewRules(match self.dice.roll(4) {
            0 => Refit::Positions,
            1 => Refit::Producer,
            _ => Refit::Nothing,
        })
    }

    fn send(&mut self, refused: bool) -> Event {
        let (partition, offset) = self.current.unwrap();
        if self.fails(40) {
            return Event::Failed(Failure::MustAbort);
        }
        if self.fails(10) {
            return Event::QueueFull;
        }
        if self.poison == (partition, offset) && !refused && self.fails(2) {
            return Event::Failed(Failure::Refused);
        }
        let told = (partition == S).then(|| self.routing.update(offset, refused));
        let (outcome, past) = match &told {
            Some(told) => (told.outcome, told.past),
            None => self.routing.decide((partition, offset), refused),
        };
        self.routing.sent();
        let edition = self.routing.edition;
        let decided = Decided { partition, offset, outcome, edition, past, told };
        self.open.as_mut().expect("sent with no transaction open").push(decided);
        Event::Sent(10)
    }

    fn commit(&mut self, partitions: &[SourcePartition]) -> Event {
        let open = self.open.as_ref().expect("committed with no transaction open");
        if open.iter().any(|one| (one.partition, one.offset) == self.poison && one.outcome != "failed") {
            return Event::Failed(Failure::Refused);
        }
        assert!(!matches!(self.told, Some(Rebalance::Lost(_))), "committed what is somebody else's");
        match self.dice.roll(12) {
            0 => Event::Failed(Failure::MustAbort),
            // Indeterminate: it may have landed or not, and only the broker knows.
            1 => {
                if self.fails(2) {
                    self.land(partitions);
                }
                Event::Failed(if self.fails(2) { Failure::Indeterminate } else { Failure::Unavailable })
            }
            _ => {
                self.land(partitions);
                self.routing.committed();
                Event::Committed
            }
        }
    }

    fn land(&mut self, partitions: &[SourcePartition]) {
        let batch = self.open.take().unwrap_or_default();
        assert!(batch.iter().all(|one| one.edition == self.routing.edition), "a batch is decided by one catalogue");
        self.visible.extend(batch);
        for partition in partitions {
            self.committed.insert(*partition, self.assigned[partition]);
        }
    }

    fn unless_it_fails(&mut self, one_in: u64, done: Event, work: impl FnOnce(&mut Self)) -> Event {
        if self.fails(one_in) {
            return Event::Failed(Failure::Unavailable);
        }
        work(self);
        done
    }

    fn perform(&mut self, action: Action) -> Event {
        match action {
            Action::Begin => {
                assert_eq!(self.open, None, "a transaction opens over another");
                self.unless_it_fails(20, Event::Begun, |world| world.open = Some(Vec::new()))
            }
            Action::Route | Action::Resend => self.send(false),
            Action::Bury => self.send(true),
            Action::Commit(partitions) => self.commit(&partitions),
            Action::CommitPositions => {
                assert_eq!(self.open, None, "positions are committed over an open batch");
                self.open = Some(Vec::new());
                let all: Vec<_> = self.assigned.keys().copied().collect();
                self.commit(&all)
            }
            Action::Abort => {
                self.routing.aborted();
                if self.fails(10) {
                    return Event::Failed(Failure::Indeterminate);
                }
                self.open = None;
                Event::Aborted
            }
            Action::Seek(to) => self.unless_it_fails(10, Event::Sought, |world| {
                for (partition, position) in to {
                    world.assigned.entry(partition).and_modify(|at| *at = position.0);
                }
                world.displaced = false;
            }),
            Action::Rebuild => self.unless_it_fails(4, Event::Rebuilt, |world| world.open = None),
            Action::Resume => self.unless_it_fails(4, Event::Sought, |world| {
                for (partition, at) in &mut world.assigned {
                    *at = world.committed.get(partition).copied().unwrap_or(0);
                }
                world.displaced = false;
                world.routing.forget();
                world.recall();
            }),
            Action::Assign(partitions) => self.unless_it_fails(4, Event::Assigned, |world| {
                assert_eq!(world.told.take(), Some(Rebalance::Assigned(partitions.clone())));
                for partition in partitions {
                    world.assigned.insert(partition, world.committed.get(&partition).copied().unwrap_or(0));
                }
                world.recall();
            }),
            Action::Unassign(partitions) => {
                let told = self.told.take();
                assert!(matches!(told, Some(Rebalance::Revoked(told) | Rebalance::Lost(told)) if told == partitions));
                self.assigned.clear();
                self.routing.updates.forget();
                self.displaced = false;
                Event::Unassigned
            }
            Action::Wait(_) => Event::Waited,
            Action::Leave => Event::Left,
            Action::End(ending) => panic!("it ended: {ending:?}"),
        }
    }

    /// Reads the ledger and the entities back from what a reader of committed records sees.
    fn recall(&mut self) {
        self.routing.recall(&self.visible);
    }

    /// What a new process finds: nothing assigned, and what was open ended by the broker.
    fn restart(&mut self) {
        self.assigned.clear();
        self.routing.aborted();
        self.routing.forget();
        self.routing.updates.forget();
        self.open = None;
        self.told = None;
        self.displaced = false;
        self.stopped = false;
    }
}

/// Runs one schedule to its end: until all partitions are committed whole. Processes that stop, or are killed, are
/// started again.
fn run(seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed);
    let poison = ([P, Q, S][usize::try_from(dice.roll(3)).unwrap()], i64::try_from(dice.roll(40)).unwrap());
    let mut world = World {
        dice,
        assigned: BTreeMap::new(),
        committed: BTreeMap::new(),
        routing: Routing::new(),
        open: None,
        visible: Vec::new(),
        current: None,
        poison,
        told: None,
        displaced: false,
        stopped: false,
    };
    let mut machine = Machine::new(small());
    let mut actions = Vec::new();
    for tick in 0..20_000 {
        let ended = matches!(actions.last(), Some(Action::End(Ending::Stopped)));
        if ended || world.fails(400) {
            world.restart();
            actions.clear();
            machine = Machine::new(small());
        }
        let event = match actions.pop() {
            Some(action) => world.perform(action),
            None => world.poll(),
        };
        machine.step(event, Duration::from_millis(10 * tick), &mut actions);
        if actions.len() > 1 {
            return Err(format!("more than one action at a time: {actions:?}"));
        }
        if world.committed.values().filter(|at| **at == RECORDS).count() == 3 {
            return judge(&world);
        }
    }
    Err(format!("it did not come to an end: {:?}", world.committed))
}

#[test]
fn whatever_fails_every_record_is_seen_once_and_in_order() {
    for seed in 0..2000 {
        if let Err(violation) = run(seed) {
            panic!("seed {seed}: {violation}");
        }
    }
}
