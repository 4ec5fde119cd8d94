//! Reads what flows and shows it, until it is told to end and everything published has had its time.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line;
use super::screen::Screen;
use super::session::SessionError;
use super::tally::Tally;
use super::view::View;
use crate::kafka::reader::Reader;
use crate::router::Stop;
use crate::telemetry::Health;
use crate::time::Timestamp;

/// How long one look for a record waits.
const STEP: Duration = Duration::from_millis(20);
/// How long the first fact may take to come, where the session is to end by itself.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long its group may let the router wait before that is worth a line.
const JOINING: Duration = Duration::from_secs(10);
/// Over which time a rate is taken.
const WINDOW: Duration = Duration::from_secs(5);

/// Reads and shows.
pub(super) struct Watch<'s> {
    view: View,
    reader: Reader,
    screen: &'s mut Screen,
    health: Arc<Health>,
    begun: Instant,
    /// When the first fact came.
    flowing: Option<Instant>,
    /// When how many facts had been read, over the last [`WINDOW`].
    past: VecDeque<(Instant, u64)>,
    /// What kept the router from its work when it was last shown.
    trouble: Vec<String>,
}

impl<'s> Watch<'s> {
    pub(super) fn new(view: View, reader: Reader, shown: (&'s mut Screen, Arc<Health>), begun: Instant) -> Self {
        let (screen, health) = shown;
        Self { view, reader, screen, health, begun, flowing: None, past: VecDeque::new(), trouble: Vec::new() }
    }

    /// Goes on until the end is asked for, or facts have flowed for that time.
    pub(super) fn run(&mut self, ending: &Stop, time: Option<Duration>) -> Result<(), SessionError> {
        while !ending.is_set() && !time.is_some_and(|time| self.is_over(time)) {
            self.step()?;
        }
        Ok(())
    }

    fn is_over(&self, time: Duration) -> bool {
        match self.flowing {
            Some(since) => since.elapsed() >= time,
            None => self.begun.elapsed() >= time + PATIENCE,
        }
    }

    /// Goes on until everything that was published has been decided on and can be read.
    pub(super) fn drain(&mut self, published: u64, within: Duration) -> Result<(), SessionError> {
        let begun = Instant::now();
        while !self.view.tally().settled(published) && begun.elapsed() < within {
            self.step()?;
        }
        Ok(())
    }

    /// No more comes.
    pub(super) fn finish(mut self) -> io::Result<Tally> {
        self.screen.clear()?;
        self.view.finish();
        Ok(self.view.tally().clone())
    }

    fn step(&mut self) -> Result<(), SessionError> {
        if let Some(record) = self.reader.poll(STEP)?
            && let Some(entry) = self.view.read(&record, Timestamp::now())
        {
            self.flowing.get_or_insert_with(Instant::now);
            self.screen.print(&line::entry(&entry, self.screen.colour()))?;
        }
        let now = Instant::now();
        if self.screen.due(now) {
            self.trouble(now)?;
            let rate = self.rate(now);
            let status = line::status(self.view.tally(), self.begun.elapsed(), rate);
            self.screen.status(&status, now)?;
        }
        Ok(())
    }

    /// Facts a second.
    fn rate(&mut self, now: Instant) -> f64 {
        let facts = self.view.tally().facts;
        self.past.push_back((now, facts));
        // One that is older than the window stays, to count from.
        while self.past.get(1).is_some_and(|(then, _)| now.duration_since(*then) >= WINDOW) {
            self.past.pop_front();
        }
        let (then, before) = self.past.front().copied().unwrap_or((self.begun, 0));
        let (then, before) = if then == now { (self.begun, 0) } else { (then, before) };
        (facts - before) as f64 / now.duration_since(then).as_secs_f64().max(0.001)
    }

    /// Says what keeps the router from its work, once.
    fn trouble(&mut self, now: Instant) -> io::Result<()> {
        let trouble = self.health.readiness(now).err().unwrap_or_default();
        // An embedded cluster's group lets its first members wait for three seconds.
        if self.health.assigned() == 0 && now.duration_since(self.begun) < JOINING {
            return Ok(());
        }
        for new in trouble.iter().filter(|one| !self.trouble.contains(one)) {
            let text = self.screen.colour().paint(line::Ink::Bad, &format!("the router is not ready: {new}"));
            self.screen.print(&text)?;
        }
        self.trouble = trouble;
        Ok(())
    }
}
