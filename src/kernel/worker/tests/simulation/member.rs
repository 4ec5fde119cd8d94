//! A member of the group: the real machine, its actions carried out, or not, as chance has it.

use std::collections::BTreeMap;

use super::routing::Routing;
use super::*;

/// A process, and each that is started in its place.
pub(super) struct Member {
    number: usize,
    machine: Machine,
    actions: Vec<Action>,
    assigned: BTreeMap<SourcePartition, i64>,
    routing: Routing,
    /// What the open transaction holds; `None` when none is open.
    open: Option<Vec<Decided>>,
    current: Option<(SourcePartition, i64)>,
    /// What the group said last, until it is carried out. It says nothing more before.
    told: Option<Rebalance>,
    /// A position has left its log: nothing more comes until all partitions are sent somewhere.
    displaced: bool,
    stopped: bool,
}

impl Member {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            machine: Machine::new(small()),
            actions: Vec::new(),
            assigned: BTreeMap::new(),
            routing: Routing::new(),
            open: None,
            current: None,
            told: None,
            displaced: false,
            stopped: false,
        }
    }

    /// One event: what the next action comes to, or what is polled where none is left.
    pub(super) fn tick(&mut self, bus: &mut Bus, now: Duration) -> Result<(), String> {
        if matches!(self.actions.last(), Some(Action::End(_))) || bus.fails(400) {
            // What was open is ended by the broker.
            bus.put_out(self.number);
            *self = Self::new(self.number);
        }
        let event = match self.actions.pop() {
            Some(action) => self.perform(action, bus),
            None => self.poll(bus),
        };
        self.machine.step(event, now, &mut self.actions);
        // Whoever ends gives back what it was given meanwhile.
        match &*self.actions {
            [] | [_] | [Action::End(_), Action::Unassign(_)] => Ok(()),
            more => Err(format!("more than one action at a time: {more:?}")),
        }
    }

    /// Whether the group has given away what it still reads.
    fn is_zombie(&self, bus: &Bus) -> bool {
        self.assigned.keys().any(|partition| !bus.owns(self.number, *partition))
    }

    /// What it holds of the entities, between two batches, where they are its own.
    pub(super) fn held(&self, bus: &Bus) -> Option<&Entities> {
        let current = self.assigned.contains_key(&S) && !self.is_zombie(bus);
        self.routing.updates.held().filter(|_| current)
    }

    fn poll(&mut self, bus: &mut Bus) -> Event {
        assert_eq!(self.told, None, "polled on with a rebalance not carried out");
        if bus.fails(200) && !self.stopped {
            self.stopped = true;
            return Event::Stop;
        }
        if bus.fails(15)
            && let Some(told) = self.rebalance(bus)
        {
            self.told = Some(told.clone());
            return Event::Rebalance(told);
        }
        if self.open.is_none() && bus.fails(10) {
            return self.new_rules(bus);
        }
        if bus.fails(60) {
            self.displaced = true;
            return Event::Failed(Failure::Displaced);
        }
        let ready: Vec<_> = self.assigned.iter().filter(|(_, at)| **at < RECORDS).map(|(p, at)| (*p, *at)).collect();
        if ready.is_empty() || self.displaced || bus.fails(4) {
            return Event::Quiet;
        }
        let index = usize::try_from(bus.dice.roll(ready.len() as u64)).unwrap();
        let (partition, at) = ready[index];
        self.assigned.insert(partition, at + 1);
        self.current = Some((partition, at));
        polled(partition, at)
    }

    fn rebalance(&self, bus: &mut Bus) -> Option<Rebalance> {
        if self.is_zombie(bus) {
            return Some(Rebalance::Lost(self.assigned.keys().copied().collect()));
        }
        if bus.fails(2)
            && let Some(asked) = bus.ask_back(self.number)
        {
            return Some(Rebalance::Revoked(asked));
        }
        bus.give(self.number).map(Rebalance::Assigned)
    }

    /// Between two batches: event types get other ids, and what is remembered must not notice.
    fn new_rules(&mut self, bus: &mut Bus) -> Event {
        self.routing.edition = 1 - self.routing.edition;
        Event::NewRules(match bus.dice.roll(4) {
            0 => Refit::Positions,
            1 => Refit::Producer,
            _ => Refit::Nothing,
        })
    }

    fn perform(&mut self, action: Action, bus: &mut Bus) -> Event {
        match action {
            Action::Begin => {
                assert_eq!(self.open, None, "a transaction opens over another");
                self.unless_it_fails((bus, 20), Event::Begun, |member, _| member.open = Some(Vec::new()))
            }
            Action::Route | Action::Resend => self.send(bus, false),
            Action::Bury => self.send(bus, true),
            Action::Commit(partitions) => self.commit(bus, &partitions),
            Action::CommitPositions => {
                assert_eq!(self.open, None, "positions are committed over an open batch");
                self.open = Some(Vec::new());
                let all: Vec<_> = self.assigned.keys().copied().collect();
                self.commit(bus, &all)
            }
            Action::Abort => {
                self.routing.aborted();
                if bus.fails(10) {
                    return Event::Failed(if bus.fails(4) { Failure::Fenced } else { Failure::Indeterminate });
                }
                self.open = None;
                Event::Aborted
            }
            Action::Seek(to) => self.unless_it_fails((bus, 10), Event::Sought, |member, _| {
                for (partition, position) in to {
                    member.assigned.entry(partition).and_modify(|at| *at = position.0);
                }
                member.displaced = false;
            }),
            Action::Rebuild => self.unless_it_fails((bus, 4), Event::Rebuilt, |member, _| member.open = None),
            Action::Resume => self.unless_it_fails((bus, 4), Event::Sought, |member, bus| {
                member.assigned.iter_mut().for_each(|(partition, at)| *at = bus.position(*partition));
                member.displaced = false;
                member.routing.aborted();
                let all: Vec<_> = member.assigned.keys().copied().collect();
                member.routing.recall(&all, &bus.visible);
            }),
            Action::Assign(partitions) => self.unless_it_fails((bus, 4), Event::Assigned, |member, bus| {
                assert_eq!(member.told.take(), Some(Rebalance::Assigned(partitions.clone())));
                member.assigned.extend(partitions.iter().map(|partition| (*partition, bus.position(*partition))));
                member.routing.recall(&partitions, &bus.visible);
            }),
            Action::Unassign(partitions) => self.unassign(bus, &partitions),
            Action::Wait(_) => Event::Waited,
            Action::Leave => Event::Left,
            Action::End(ending) => panic!("it ended: {ending:?}"),
        }
    }

    fn unless_it_fails(
        &mut self,
        (bus, one_in): (&mut Bus, u64),
        done: Event,
        work: impl FnOnce(&mut Self, &Bus),
    ) -> Event {
        if bus.fails(one_in) {
            return Event::Failed(Failure::Unavailable);
        }
        work(self, bus);
        done
    }

    fn send(&mut self, bus: &mut Bus, refused: bool) -> Event {
        let (partition, offset) = self.current.unwrap();
        if bus.fails(40) {
            return Event::Failed(if bus.fails(8) { Failure::Fenced } else { Failure::MustAbort });
        }
        if bus.fails(10) {
            return Event::QueueFull;
        }
        if bus.poison == (partition, offset) && !refused && bus.fails(2) {
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

    fn commit(&mut self, bus: &mut Bus, partitions: &[SourcePartition]) -> Event {
        let open = self.open.as_ref().expect("committed with no transaction open");
        if open.iter().any(|one| (one.partition, one.offset) == bus.poison && one.outcome != "failed") {
            return Event::Failed(Failure::Refused);
        }
        assert!(!matches!(self.told, Some(Rebalance::Lost(_))), "committed what is somebody else's");
        // The broker takes no positions of who is no member of this generation.
        if self.is_zombie(bus) {
            return Event::Failed(Failure::MustAbort);
        }
        match bus.dice.roll(24) {
            0 | 1 => Event::Failed(Failure::MustAbort),
            // Indeterminate: it may have landed or not, and only the broker knows.
            2 | 3 => {
                if bus.fails(2) {
                    self.land(bus, partitions);
                }
                Event::Failed(if bus.fails(2) { Failure::Indeterminate } else { Failure::Unavailable })
            }
            // The broker has ended the transaction, by its timeout or for another's sake.
            4 if bus.fails(2) => Event::Failed(Failure::Fenced),
            _ => {
                self.land(bus, partitions);
                self.routing.committed();
                Event::Committed
            }
        }
    }

    fn land(&mut self, bus: &mut Bus, partitions: &[SourcePartition]) {
        let batch = self.open.take().unwrap_or_default();
        assert!(batch.iter().all(|one| one.edition == self.routing.edition), "a batch is decided by one catalogue");
        bus.visible.extend(batch);
        bus.committed.extend(partitions.iter().map(|partition| (*partition, self.assigned[partition])));
    }

    fn unassign(&mut self, bus: &mut Bus, partitions: &[SourcePartition]) -> Event {
        let told = self.told.take();
        assert!(matches!(told, Some(Rebalance::Revoked(told) | Rebalance::Lost(told)) if told == partitions));
        bus.give_back(self.number, partitions);
        self.assigned.retain(|partition, _| !partitions.contains(partition));
        self.routing.forget_entities(partitions);
        self.displaced = false;
        Event::Unassigned
    }
}
