//! The thread that reads the topic into a store, and begins again whenever what it has can no longer be trusted.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::entry::{Entry, Intake, Stand};
use super::kept::{Kept, KeptError};
use super::memory::Memory;
use super::options::{Store, ViewOptions};
use super::shared::{Places, Shared, reached};
use super::survey::{self, Survey, TIMEOUT};
use super::{ViewError, WatchEvent, watch};
use crate::ids::Position;
use crate::kafka::consumer::TopicPartition;
use crate::kafka::ffi;
use crate::kafka::follow::{Follow, Followed};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::time::Timestamp;

/// How long a poll waits where nothing is to be done: so long takes a stop, and an answer to who asks for the ends.
const STEP: Duration = Duration::from_millis(20);
/// How often it is looked where the logs end.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether the topic is still the same one.
const IDENTIFY_EVERY: Duration = Duration::from_secs(5);
/// Between two tries to begin again.
const RETRY: Duration = Duration::from_millis(200);
/// A view that runs is only told to begin again where it was away longer than this, however short tombstones stay.
const AWAY: Duration = Duration::from_secs(60);

/// Follows the topic.
pub(super) struct Follower {
    shared: Arc<Shared>,
    options: ViewOptions,
    watermarks: Watermarks,
    survey: Survey,
}

/// Why a reading ended.
enum End {
    /// Nobody wants it any more.
    Stopped,
    /// What was read cannot be trusted.
    Begin(String),
    /// It cannot go on.
    Failed(ViewError),
}

impl From<ViewError> for End {
    fn from(error: ViewError) -> Self {
        Self::Failed(error)
    }
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.into())
    }
}

impl From<KeptError> for End {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::Torn(why) => Self::Begin(format!("its file is torn: {why}")),
            KeptError::Failed(error) => Self::Failed(error),
        }
    }
}

/// One reading, from some positions on.
struct Reading<'f> {
    follower: &'f Follower,
    follow: Follow,
    batch: Vec<Entry>,
    batch_bytes: u64,
    batch_begun: Instant,
    events: Vec<WatchEvent>,
    unread: u64,
    stand: Stand,
    /// Where the logs ended at a look, and when that was: once the view is there, it has all of that time.
    ahead: Option<(Timestamp, BTreeMap<i32, i64>)>,
    looked: Instant,
    identified: Instant,
    /// Whether it began with nothing, and has not reached its goal: then there is no better place to begin.
    fresh: bool,
    missed: u64,
}

impl Follower {
    /// Asks the cluster, opens the store, and says where reading begins.
    pub(super) fn begin(options: ViewOptions) -> Result<(Self, Arc<Shared>), ViewError> {
        let watermarks = Watermarks::connect(&options.settings)?;
        let survey = Survey::take(&options, &watermarks)?;
        let (kept, stand) = match &options.store {
            Store::Memory => (Kept::Memory(Memory::default()), None),
            Store::Folder(folder) => {
                let (disk, stand) = Disk::open(folder, &survey)?;
                (Kept::Disk(disk), stand)
            }
        };
        let shared = Arc::new(Shared::new(kept, places(&survey, stand)));
        Ok((Self { shared: Arc::clone(&shared), options, watermarks, survey }, shared))
    }

    /// Reads until the view is stopped, or cannot go on; why.
    pub(super) fn run(mut self) -> ViewError {
        loop {
            let why = match self.read() {
                End::Stopped => return ViewError::Stopped,
                End::Failed(error) => return error,
                End::Begin(why) => why,
            };
            tracing::warn!(topic = self.options.topic, "the state is read again from the start: {why}");
            self.shared.set_ready(false);
            self.shared.counts.rebuilds.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = self.renew() {
                return error;
            }
        }
    }

    /// Empties the store, and asks the cluster once more, for as long as the topic is not there or nobody answers.
    fn renew(&mut self) -> Result<(), ViewError> {
        loop {
            if self.shared.is_stopped() {
                return Err(ViewError::Stopped);
            }
            // A new client: the old one may still know an old topic.
            let asked = Watermarks::connect(&self.options.settings)
                .and_then(|watermarks| Ok((Survey::take(&self.options, &watermarks)?, watermarks)));
            match asked {
                Ok((survey, watermarks)) => {
                    match &self.shared.kept {
                        Kept::Memory(memory) => memory.clear(),
                        Kept::Disk(disk) => disk.renew(&survey)?,
                    }
                    let places = places(&survey, None);
                    self.shared.move_places(|old| *old = Places { look: old.look, ..places });
                    (self.survey, self.watermarks) = (survey, watermarks);
                    return Ok(());
                }
                Err(trouble) if matches!(trouble.kind, TroubleKind::Unreachable | TroubleKind::TopicMissing) => {
                    tracing::debug!(%trouble, "the state cannot be read yet");
                    thread::sleep(RETRY);
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }

    fn read(&self) -> End {
        let places = self.shared.places().clone();
        let from: Vec<_> = places.at.iter().map(|(partition, at)| (*partition, Position(*at))).collect();
        let follow = match Follow::open(&self.options.settings, &self.options.topic, &from) {
            Ok(follow) => follow,
            Err(trouble) => return trouble.into(),
        };
        let now = Instant::now();
        let reading = Reading {
            follower: self,
            follow,
            batch: Vec::new(),
            batch_bytes: 0,
            batch_begun: now,
            events: Vec::new(),
            unread: 0,
            fresh: places.at == places.starts,
            ahead: Some((self.survey.at, places.goal.clone())),
            stand: Stand { positions: places.at, as_of: places.as_of },
            looked: now,
            identified: now,
            missed: 0,
        };
        match reading.run() {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }
}

/// Where a view stands at the beginning: where a file says, or before everything.
fn places(survey: &Survey, stand: Option<Stand>) -> Places {
    let starts = stand.as_ref().map_or_else(|| survey.starts(), |stand| stand.positions.clone());
    // With nothing in it, it is as it was at any moment before the first record that is still there.
    let as_of = stand.map_or(Some(survey.at), |stand| stand.as_of);
    Places { at: starts.clone(), starts, goal: survey.highs(), ends: survey.highs(), as_of, look: 0 }
}

impl Reading<'_> {
    fn run(mut self) -> Result<Infallible, End> {
        self.advance()?;
        loop {
            let shared = &self.follower.shared;
            if shared.is_stopped() {
                self.flush()?;
                shared.kept.sync()?;
                return Err(End::Stopped);
            }
            if let Some(why) = shared.take_torn() {
                return Err(KeptError::Torn(why).into());
            }
            self.poll()?;
            if self.looked.elapsed() >= LOOK_EVERY || shared.asked() > shared.places().look {
                self.look()?;
            }
            if self.identified.elapsed() >= IDENTIFY_EVERY {
                self.identify()?;
            }
        }
    }

    /// Polls until a batch is full, or nothing comes.
    fn poll(&mut self) -> Result<(), End> {
        let (shared, limits) = (&self.follower.shared, self.follower.shared.kept.limits());
        let ready = shared.is_ready();
        loop {
            let wait = match (self.batch.is_empty(), ready) {
                (true, _) => STEP,
                (false, true) => Duration::ZERO,
                (false, false) => Duration::from_millis(1),
            };
            let message = match self.follow.poll(wait)? {
                Followed::Record(message) => message,
                Followed::Displaced => return Err(End::Begin("its position is outside the log".to_owned())),
                Followed::Quiet if self.batch.is_empty() || ready => break,
                Followed::Quiet if self.is_late(limits.millis) => break,
                Followed::Quiet => continue,
            };
            if self.batch.is_empty() {
                self.batch_begun = Instant::now();
            }
            self.unread += 1;
            if !shared.watchers.is_empty() {
                if ready {
                    self.events.extend(watch::event(&message).map_err(|newer| newer_value(&message, newer))?);
                } else {
                    self.missed += 1;
                }
            }
            match Entry::take(&message) {
                Intake::Entry(entry) => {
                    self.batch_bytes += entry.size();
                    self.batch.push(entry);
                }
                Intake::Foreign(entry) => {
                    shared.counts.foreign.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(
                        partition = message.partition(),
                        offset = message.offset(),
                        "no router wrote this record of the state topic: it is passed over"
                    );
                    self.batch.extend(entry);
                }
                Intake::Newer(newer) => return Err(newer_value(&message, newer)),
            }
            let full = self.batch.len() >= limits.records || self.batch_bytes >= limits.bytes;
            if full || self.batch.len() % 256 == 0 && self.is_late(limits.millis) {
                break;
            }
        }
        self.flush()
    }

    fn is_late(&self, millis: u64) -> bool {
        self.batch_begun.elapsed() >= Duration::from_millis(millis)
    }

    /// Puts what was gathered into the store, together with the client's positions, which are right behind it.
    fn flush(&mut self) -> Result<(), End> {
        let mut moved = self.unread > 0;
        for (partition, at) in self.follow.positions()? {
            if let Some(known) = self.stand.positions.get_mut(&partition)
                && at.0 > *known
            {
                (*known, moved) = (at.0, true);
            }
        }
        let shared = &self.follower.shared;
        if !moved {
            return shared.kept.sync().map_err(End::from);
        }
        if let Some((at, ends)) = &self.ahead
            && reached(&self.stand.positions, ends)
        {
            self.stand.as_of = self.stand.as_of.max(Some(*at));
            self.ahead = None;
        }
        shared.kept.apply(&mut self.batch, &self.stand)?;
        self.batch_bytes = 0;
        shared.counts.records.fetch_add(mem::take(&mut self.unread), Ordering::Relaxed);
        self.advance()?;
        shared.watchers.tell(self.events.drain(..));
        Ok(())
    }

    /// Tells where the view stands, and answers reads once it has reached its goal.
    fn advance(&mut self) -> Result<(), End> {
        let shared = &self.follower.shared;
        let stand = self.stand.clone();
        let mut whole = false;
        shared.move_places(|places| {
            (places.at, places.as_of) = (stand.positions, stand.as_of);
            whole = reached(&places.at, &places.goal);
        });
        if whole && !shared.is_ready() {
            self.fresh = false;
            shared.kept.sync()?;
            let missed = mem::take(&mut self.missed);
            if missed > 0 && shared.counts.rebuilds.load(Ordering::Relaxed) > 0 {
                shared.watchers.miss(missed);
            }
            // Of the memory that the client needed, more is free now than will be needed again.
            ffi::give_back_memory();
            shared.set_ready(true);
            shared.move_places(|_| ());
        }
        Ok(())
    }

    /// Looks where the logs end.
    fn look(&mut self) -> Result<(), End> {
        let shared = &self.follower.shared;
        let (number, at) = (shared.asked(), Timestamp::now());
        self.looked = Instant::now();
        let origin = &self.follower.survey.origin;
        let names: Vec<TopicPartition> =
            origin.partitions.iter().map(|partition| (origin.topic.clone(), *partition)).collect();
        // A cluster that is away is waited for.
        let Ok(ends) = self.follower.watermarks.ends(&names, TIMEOUT) else { return Ok(()) };
        let ends: BTreeMap<_, _> = origin.partitions.iter().copied().zip(ends.into_iter().map(|end| end.0)).collect();
        if let Some((partition, at)) =
            self.stand.positions.iter().find(|(partition, at)| ends.get(partition) < Some(at))
        {
            return Err(End::Begin(format!("it stands at {at} in partition {partition}, beyond the end of the log")));
        }
        let away = at.millis().saturating_sub(self.stand.as_of.map_or(0, Timestamp::millis));
        let stay = self.follower.survey.stay.0.unwrap_or(AWAY).max(AWAY);
        if !self.fresh && i128::from(away) > i128::try_from(stay.as_millis()).unwrap_or(i128::MAX) {
            let why = format!("{away} ms were not read, and tombstones stay for {} ms", stay.as_millis());
            return Err(End::Begin(why));
        }
        if reached(&self.stand.positions, &ends) {
            (self.stand.as_of, self.ahead) = (self.stand.as_of.max(Some(at)), None);
        } else if self.ahead.is_none() {
            self.ahead = Some((at, ends.clone()));
        }
        let as_of = self.stand.as_of;
        shared.move_places(|places| (places.ends, places.as_of, places.look) = (ends, as_of, number));
        Ok(())
    }

    /// Looks whether the topic is still the same one.
    fn identify(&mut self) -> Result<(), End> {
        self.identified = Instant::now();
        let Follower { options, watermarks, survey, .. } = self.follower;
        match survey::origin(options, watermarks) {
            Ok(now) => survey.origin.differs(&now).map_or(Ok(()), |why| Err(End::Begin(why))),
            Err(trouble) if trouble.kind == TroubleKind::NotAuthorised => Err(trouble.into()),
            // It is away for a moment, or is being made anew.
            Err(_) => Ok(()),
        }
    }
}

fn newer_value(message: &crate::kafka::message::Message<'_>, newer: crate::state::NewerState) -> End {
    let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
    End::Failed(ViewError::Value { key, fault: newer })
}
