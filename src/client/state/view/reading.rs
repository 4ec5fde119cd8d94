//! One reading of the topic into the store, from some positions on, until nobody wants it or it cannot be trusted.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::mem;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::ViewError;
use super::batch::Batch;
use super::entry::{Entry, Intake, Stand};
use super::follower::{End, Follower};
use super::kept::KeptError;
use super::shared::reached;
use super::survey::{self, TIMEOUT};
use super::watch::News;
use crate::ids::Position;
use crate::kafka::consumer::TopicPartition;
use crate::kafka::ffi;
use crate::kafka::follow::{Follow, Followed};
use crate::kafka::message::Message;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::state::NewerState;
use crate::time::Timestamp;

/// How long a poll waits where nothing is to be done: so long takes a stop, and an answer to who asks for the ends.
const STEP: Duration = Duration::from_millis(20);
/// How often it is looked where the logs end.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether the topic is still the same one.
const IDENTIFY_EVERY: Duration = Duration::from_secs(5);
/// A view that runs is only told to begin again where it was away longer than this, however short tombstones stay.
const AWAY: Duration = Duration::from_secs(60);

/// One reading, from some positions on.
pub(super) struct Reading<'f> {
    follower: &'f Follower,
    follow: Follow,
    batch: Batch,
    unread: u64,
    stand: Stand,
    /// Where the logs ended at a look, and when that was: once the view is there, it has all of that time.
    ahead: Option<(Timestamp, BTreeMap<i32, i64>)>,
    looked: Instant,
    identified: Instant,
    /// Whether it began with nothing, and has not reached its goal: then there is no better place to begin.
    fresh: bool,
    /// Records that were read before the view could be.
    missed: u64,
}

impl<'f> Reading<'f> {
    /// Starts where the view stands.
    pub(super) fn begin(follower: &'f Follower) -> Result<Self, Trouble> {
        let places = follower.shared.places().clone();
        let from: Vec<_> = places.at.iter().map(|(partition, at)| (*partition, Position(*at))).collect();
        let follow = Follow::open(&follower.options.settings, &follower.options.topic, &from)?;
        let now = Instant::now();
        Ok(Self {
            follower,
            follow,
            batch: Batch::new(),
            unread: 0,
            fresh: places.at == places.starts,
            ahead: Some((follower.survey.at, places.goal.clone())),
            stand: Stand { positions: places.at, as_of: places.as_of },
            looked: now,
            identified: now,
            missed: 0,
        })
    }

    pub(super) fn run(mut self) -> Result<Infallible, End> {
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
                Followed::Quiet if self.batch.is_late(limits) => break,
                Followed::Quiet => continue,
            };
            self.unread += 1;
            self.missed += u64::from(!ready);
            let entry = match Entry::take(&message) {
                Intake::Entry(entry) => Some(entry),
                Intake::Foreign(entry) => {
                    shared.counts.foreign.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(
                        partition = message.partition(),
                        offset = message.offset(),
                        "no router wrote this record of the state topic: it is passed over"
                    );
                    entry
                }
                Intake::Newer(newer) => return Err(newer_value(&message, newer)),
            };
            if let Some(entry) = entry {
                let news = ready.then(|| News::of(&entry, &message)).transpose();
                self.batch.push(entry, news.map_err(|newer| newer_value(&message, newer))?);
            }
            if self.batch.is_due(limits) {
                break;
            }
        }
        self.flush()
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
        shared.take_in(&mut self.batch, &self.stand)?;
        shared.counts.records.fetch_add(mem::take(&mut self.unread), Ordering::Relaxed);
        self.advance()
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
            shared.kept.settle(&self.stand)?;
            let missed = mem::take(&mut self.missed);
            if shared.counts.rebuilds.load(Ordering::Relaxed) > 0 {
                // Also where nothing was read: what is not there any more tells nobody so.
                shared.watchers.miss(missed.max(1));
            }
            // Of the memory that the client needed, more is free now than will be needed again.
            ffi::give_back_memory();
            shared.answer_reads();
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

fn newer_value(message: &Message<'_>, newer: NewerState) -> End {
    let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
    End::Failed(ViewError::Value { key, fault: newer })
}
