//! A seeded simulation of broker and group that fails every kind of action at random, judged by what a reader of
//! committed records would see.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A small generator of numbers that a seed repeats (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// Two partitions of 40 records each, a group of one that gives and takes them at whim, and a broker that fails.
struct World {
    dice: Dice,
    assigned: BTreeMap<SourcePartition, i64>,
    committed: BTreeMap<SourcePartition, i64>,
    /// What the open transaction holds.
    open: Vec<(SourcePartition, i64, &'static str)>,
    /// What a reader of committed records sees.
    visible: Vec<(SourcePartition, i64, &'static str)>,
    current: Option<(SourcePartition, i64)>,
    poison: (SourcePartition, i64),
}

const RECORDS: i64 = 40;

impl World {
    fn fails(&mut self, one_in: u64) -> bool {
        self.dice.roll(one_in) == 0
    }

    fn poll(&mut self) -> Event {
        if self.fails(15) {
            let owned = !self.assigned.is_empty();
            let partitions: Vec<_> = if owned { self.assigned.keys().copied().collect() } else { vec![P, Q] };
            return Event::Rebalance(match (owned, self.dice.roll(2)) {
                (false, _) => Rebalance::Assigned(partitions),
                (true, 0) => Rebalance::Revoked(partitions),
                (true, _) => Rebalance::Lost(partitions),
            });
        }
        let ready: Vec<_> = self.assigned.iter().filter(|(_, at)| **at < RECORDS).map(|(p, at)| (*p, *at)).collect();
        if ready.is_empty() || self.fails(4) {
            return Event::Quiet;
        }
        let index = usize::try_from(self.dice.roll(ready.len() as u64)).unwrap();
        let (partition, at) = ready[index];
        self.assigned.insert(partition, at + 1);
        self.current = Some((partition, at));
        polled(partition, at)
    }

    fn send(&mut self, what: &'static str) -> Event {
        let (partition, offset) = self.current.unwrap();
        if self.fails(40) {
            return Event::Failed(Failure::MustAbort);
        }
        if self.fails(10) {
            return Event::QueueFull;
        }
        self.open.push((partition, offset, what));
        Event::Sent(10)
    }

    fn commit(&mut self, partitions: &[SourcePartition]) -> Event {
        if self.open.iter().any(|(partition, offset, what)| (*partition, *offset) == self.poison && *what == "routed") {
            return Event::Failed(Failure::Refused);
        }
        let lands = |world: &mut Self| {
            world.visible.append(&mut world.open);
            for partition in partitions {
                let position = world.assigned[partition];
                world.committed.insert(*partition, position);
            }
        };
        match self.dice.roll(12) {
            0 => Event::Failed(Failure::MustAbort),
            // Indeterminate: it may have landed or not, and only the broker knows.
            1 => {
                if self.fails(2) {
                    lands(self);
                }
                self.open.clear();
                Event::Failed(if self.fails(2) { Failure::Indeterminate } else { Failure::Unavailable })
            }
            _ => {
                lands(self);
                Event::Committed
            }
        }
    }

    fn perform(&mut self, action: Action) -> Event {
        match action {
            Action::Begin => {
                assert_eq!(self.open, [], "a transaction opens over another");
                if self.fails(20) { Event::Failed(Failure::Unavailable) } else { Event::Begun }
            }
            Action::Route | Action::Resend => self.send("routed"),
            Action::Bury => self.send("buried"),
            Action::Commit(partitions) => self.commit(&partitions),
            Action::CommitPositions => Event::Unchanged,
            Action::Abort => {
                self.open.clear();
                if self.fails(10) { Event::Failed(Failure::Indeterminate) } else { Event::Aborted }
            }
            Action::Seek(to) => {
                if self.fails(10) {
                    return Event::Failed(Failure::Unavailable);
                }
                for (partition, position) in to {
                    self.assigned.entry(partition).and_modify(|at| *at = position.0);
                }
                Event::Sought
            }
            Action::Rebuild => {
                self.open.clear();
                if self.fails(4) { Event::Failed(Failure::Unavailable) } else { Event::Rebuilt }
            }
            Action::Assign(partitions) => {
                if self.fails(4) {
                    return Event::Failed(Failure::Unavailable);
                }
                for partition in partitions {
                    self.assigned.insert(partition, self.committed.get(&partition).copied().unwrap_or(0));
                }
                Event::Assigned
            }
            Action::Resume => {
                if self.fails(4) {
                    return Event::Failed(Failure::Unavailable);
                }
                for (partition, at) in &mut self.assigned {
                    *at = self.committed.get(partition).copied().unwrap_or(0);
                }
                Event::Sought
            }
            Action::Unassign(partitions) => {
                for partition in partitions {
                    self.assigned.remove(&partition);
                }
                Event::Unassigned
            }
            Action::Wait(_) => Event::Waited,
            Action::Leave => Event::Left,
            Action::End(ending) => panic!("it ended: {ending:?}"),
        }
    }
}

fn run(seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed);
    let poison = (if dice.roll(2) == 0 { P } else { Q }, i64::try_from(dice.roll(40)).unwrap());
    let mut world = World {
        dice,
        assigned: BTreeMap::new(),
        committed: BTreeMap::new(),
        open: Vec::new(),
        visible: Vec::new(),
        current: None,
        poison,
    };
    let mut machine = Machine::new(small());
    let mut actions = Vec::new();
    for tick in 0..20_000 {
        let event = match actions.pop() {
            Some(action) => world.perform(action),
            None => world.poll(),
        };
        machine.step(event, Duration::from_millis(tick), &mut actions);
        if actions.len() > 1 {
            return Err(format!("more than one action at a time: {actions:?}"));
        }
        if world.committed.values().filter(|at| **at == RECORDS).count() == 2 {
            return judge(&world);
        }
    }
    Err(format!("it did not come to an end: {:?}", world.committed))
}

fn judge(world: &World) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let mut last = BTreeMap::new();
    for (partition, offset, what) in &world.visible {
        if !seen.insert((*partition, *offset)) {
            return Err(format!("EO-2: {partition:?} {offset} is visible twice"));
        }
        if last.insert(*partition, *offset).is_some_and(|before| before > *offset) {
            return Err(format!("{partition:?} {offset} is out of order"));
        }
        let expected = if (*partition, *offset) == world.poison { "buried" } else { "routed" };
        if *what != expected {
            return Err(format!("{partition:?} {offset} was {what}, not {expected}"));
        }
    }
    if seen.len() == 2 * usize::try_from(RECORDS).unwrap() {
        Ok(())
    } else {
        Err(format!("EO-1: {} of 80 are visible", seen.len()))
    }
}

#[test]
fn whatever_fails_every_record_is_seen_once_and_in_order() {
    for seed in 0..3000 {
        if let Err(violation) = run(seed) {
            panic!("seed {seed}: {violation}");
        }
    }
}
