//! Where each partition is read from. The client resolves nothing by itself (`auto.offset.reset=error`): a position
//! is the group's committed one, or the log's start or end where the group has none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Start;
use super::ends::Ends;
use super::holds::Hold;
use super::places::beyond;
use super::worker::Worker;
use crate::ids::Position;
use crate::kafka::consumer::TopicPartition;
use crate::kafka::error::is_expelled;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::{Event, Failure, SourcePartition};

/// How long the group's coordinator may take to answer; it waits for a predecessor's transaction.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(3);
const SEEK_TIMEOUT: Duration = Duration::from_secs(3);
/// How long logs that end before the group's position are looked at again, all together.
const SHORT_LOG_PATIENCE: Duration = Duration::from_secs(5);

impl Worker<'_> {
    /// Takes partitions at their committed positions.
    pub(super) fn assign(&mut self, partitions: &[SourcePartition]) -> Event {
        let places = match self.resolve(partitions) {
            Ok(places) => places,
            Err(why) => return self.unresolved(why),
        };
        let list: Vec<_> = places.iter().map(|(partition, place)| (self.names.kafka(*partition), *place)).collect();
        if let Err(error) = self.consumer.assign(&list) {
            self.in_trouble(format!("partitions were not taken: {error}"));
            return Event::Failed(Failure::Unavailable);
        }
        self.places.send(&places);
        let taken: Vec<_> = places.into_iter().map(|(partition, _)| partition).collect();
        // One that was paused when it was given back is paused still.
        let names: Vec<_> = list.into_iter().map(|(partition, _)| partition).collect();
        if let Err(error) = self.consumer.resume(&names) {
            tracing::warn!(%error, "partitions that were paused before are not read again");
        }
        self.heed(&taken);
        self.took(&taken);
        self.health.joined();
        Event::Assigned
    }

    /// Sends the partitions of an aborted batch back to where it began.
    pub(super) fn seek_back(&mut self, to: &[(SourcePartition, Position)]) -> Event {
        let to: Vec<_> = to.iter().filter(|(partition, _)| self.places.has(*partition)).copied().collect();
        self.seek(&to)
    }

    /// Sends all assigned partitions to their committed positions, makes sure that their logs have them, and reads back
    /// what was committed of them and of their entities.
    pub(super) fn resume(&mut self) -> Event {
        let assigned: Vec<_> = self.places.assigned().collect();
        match self.resolve(&assigned).and_then(|places| self.keep_inside(places)) {
            Ok(places) => {
                let sought = self.seek(&places);
                if sought == Event::Sought {
                    self.recall_all();
                    self.fetch_all();
                }
                sought
            }
            Err(why) => self.unresolved(why),
        }
    }

    fn unresolved(&mut self, why: Trouble) -> Event {
        self.in_trouble(why.sentence);
        self.look_for_a_way();
        Event::Failed(Failure::Unavailable)
    }

    /// Where every assigned partition stands.
    pub(super) fn standing(&self) -> Option<BTreeMap<SourcePartition, Position>> {
        let read = self.consumer.positions();
        let read =
            read.inspect_err(|error| tracing::warn!(%error, "the consumer does not say where it stands")).ok()?;
        Some(self.places.standing(read.iter().filter_map(|(one, at)| Some((self.names.kernel(one)?, *at)))))
    }

    /// The committed position of each partition; where there is none, the position at which a new group begins.
    fn resolve(&mut self, partitions: &[SourcePartition]) -> Result<Vec<(SourcePartition, Position)>, Trouble> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        // First the positions: one that is committed behind the ids' back is of the topic that it says.
        let list: Vec<_> = partitions.iter().map(|partition| self.names.kafka(*partition)).collect();
        let committed = self.consumer.committed(&list, COMMITTED_TIMEOUT)?;
        self.identify(partitions, COMMITTED_TIMEOUT)?;
        self.cut_off = None;
        self.keep_marks(committed);
        self.failures_over();
        let mut places = Vec::with_capacity(partitions.len());
        let new: Vec<_> = partitions.iter().copied().filter(|one| self.known_place(*one).is_none()).collect();
        let told = self.ends_of(&new);
        for partition in partitions {
            let place = self.place_of(*partition, &told);
            places.extend(self.unless_stopped(*partition, place)?.map(|place| (*partition, place)));
        }
        if let Err(error) = self.say_from_now_on(&places) {
            // Nobody polls before partitions are taken or left alone, so that it never would find its way back.
            self.succession.due |= is_expelled(&error);
            let sentence = format!("where the group begins was not committed: {error}");
            return Err(Trouble { kind: TroubleKind::Unreachable, sentence });
        }
        Ok(places)
    }

    /// What waiting does not mend stops one partition, and not the whole worker.
    fn unless_stopped<T>(
        &mut self,
        partition: SourcePartition,
        found: Result<T, Trouble>,
    ) -> Result<Option<T>, Trouble> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(trouble) if matches!(trouble.kind, TroubleKind::TopicMissing | TroubleKind::NotAuthorised) => {
                self.hold(partition, Hold::Stopped, trouble.sentence);
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Where a partition is read from, by its log's ends where they were told already.
    pub(super) fn place_of(&mut self, partition: SourcePartition, told: &Ends) -> Result<Position, Trouble> {
        if let Some(position) = self.known_place(partition) {
            return Ok(position);
        }
        let (low, high) = self.ends(partition, told)?;
        let topic = Arc::clone(self.names.topic_of(partition));
        if self.succession.identities.is_anew(&topic) {
            tracing::warn!(%topic, partition = partition.partition, from = low.0, "a topic that was made anew is read from its start");
            self.shared.metrics.made_anew(&topic);
            return Ok(low);
        }
        Ok(match self.shared.options.start {
            Start::Latest if !self.shared.editions.came_later(&topic, partition.partition) => high,
            Start::Earliest | Start::Audited | Start::Latest => low,
        })
    }

    pub(super) fn seek(&mut self, to: &[(SourcePartition, Position)]) -> Event {
        if to.is_empty() {
            return Event::Sought;
        }
        self.places.send(to);
        let list: Vec<_> = to.iter().map(|(partition, place)| (self.names.kafka(*partition), *place)).collect();
        let failed = self.consumer.seek(&list, SEEK_TIMEOUT).unwrap_or_else(|error| {
            tracing::warn!(%error, "the positions were not changed");
            list.iter().map(|(partition, _)| partition.clone()).collect()
        });
        let again: Vec<_> = list.into_iter().filter(|(partition, _)| failed.contains(partition)).collect();
        if self.assign_again(&again) && self.has_forgotten(to) {
            Event::Sought
        } else {
            self.in_trouble("the positions could not be changed".to_owned());
            Event::Failed(Failure::Unavailable)
        }
    }

    /// Whether the client knows no position any more of partitions that were sent somewhere: an old one would be
    /// committed, past records that are to be read again. It forgets them with the seek, or soon after.
    fn has_forgotten(&self, partitions: &[(SourcePartition, Position)]) -> bool {
        let Ok(known) = self.consumer.positions() else { return false };
        let mut known = known.iter().filter_map(|(partition, _)| self.names.kernel(partition));
        !known.any(|one| partitions.iter().any(|(partition, _)| *partition == one))
    }

    /// What cannot be moved is given back and taken again at an explicit place: a forgotten one loses records.
    fn assign_again(&mut self, partitions: &[(TopicPartition, Position)]) -> bool {
        if partitions.is_empty() {
            return true;
        }
        self.sender.forget_topics();
        let list: Vec<_> = partitions.iter().map(|(partition, _)| partition.clone()).collect();
        let done = self.consumer.unassign(&list).and_then(|()| self.consumer.assign(partitions));
        let again: Vec<_> = partitions.iter().filter_map(|(partition, _)| self.names.kernel(partition)).collect();
        self.pause_held(&again);
        if let Err(error) = &done {
            tracing::warn!(%error, "partitions could not be taken again");
        }
        done.is_ok()
    }

    /// A position below the log's start goes to the start, and the gap is counted; one above its end stops the
    /// partition: going anywhere else would be a guess.
    fn keep_inside(
        &mut self,
        places: Vec<(SourcePartition, Position)>,
    ) -> Result<Vec<(SourcePartition, Position)>, Trouble> {
        let mut inside = Vec::with_capacity(places.len());
        let partitions: Vec<_> = places.iter().map(|(partition, _)| *partition).collect();
        let (told, until) = (self.ends_of(&partitions), Instant::now() + SHORT_LOG_PATIENCE);
        for (partition, position) in places {
            let ends = self.ends_from((partition, position), &told, until);
            let Some((low, high)) = self.unless_stopped(partition, ends)? else { continue };
            match self.inside(partition, position, (low, high)) {
                Some(position) => inside.push((partition, position)),
                None => self.hold(partition, Hold::Stopped, beyond(position, high)),
            }
        }
        Ok(inside)
    }

    /// Where a log with these ends can be read from; nowhere where the position is beyond its end.
    pub(super) fn inside(
        &self,
        partition: SourcePartition,
        position: Position,
        (low, high): (Position, Position),
    ) -> Option<Position> {
        if position < low {
            self.report_gap(partition, position, low);
        }
        (position <= high).then(|| position.max(low))
    }

    fn report_gap(&self, partition: SourcePartition, from: Position, to: Position) {
        let topic = self.names.topic_of(partition);
        let records = u64::try_from(to.0 - from.0).unwrap_or(0);
        tracing::error!(
            %topic,
            partition = partition.partition,
            from = from.0,
            to = to.0,
            records,
            "the log no longer has the records from the group's position on: they were deleted unread"
        );
        self.shared.metrics.position_gap(topic, records);
    }
}
