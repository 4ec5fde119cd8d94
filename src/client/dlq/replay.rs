//! Sending dead letters back, or saying what that would do.

use std::num::NonZeroU32;
use std::slice;
use std::time::{Duration, Instant};

use super::courier::Courier;
use super::judge::type_name;
use super::scan::{Order, Step, missing_topic};
use super::trail::{marks_are_kept, no_mark_is_hidden, read_marks};
use super::{Edit, Fate, Filter, Held, Judge, Letter, Report, Scan};
use crate::catalogue::ControlTopic;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::Start;
use crate::kafka::transactions::TransactionError;
use crate::kafka::trouble::Trouble;
use crate::kernel::Rules;
use crate::router::Stop;
use crate::telemetry::RateLimit;
use crate::time::Timestamp;

/// The longest pause of a paced replay, after which it is looked whether a transaction is old.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: only what would be.
    DryRun,
    /// Yes.
    Send,
}

/// What is sent back, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// These and no others; all that there are where it is empty.
    pub letters: Vec<Letter>,
    /// Which of them.
    pub filter: Filter,
    /// Those that were written since.
    pub start: Start,
    /// Only those that would not be dead letters again.
    pub only_passing: bool,
    /// Also those whose marks may be gone, of which nobody knows whether they were sent back.
    pub unmarked: bool,
    /// How they are changed.
    pub edits: Vec<Edit>,
    /// Most a second.
    pub rate: Option<NonZeroU32>,
    /// Most at all.
    pub max: Option<u64>,
    /// A dead letter that was sent back so often stays.
    pub max_replays: u32,
    /// Whether anything is sent.
    pub mode: Mode,
}

/// Why a replay ended early. It can be run again: what was sent is marked, and is not sent twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Another replay has begun.
    #[error("another replay of the same dead letters has begun, and this one ends; {0} went back before")]
    Fenced(u64),
    /// The cluster, or what stands on it.
    #[error("{trouble}{}", behind(*.before))]
    Trouble {
        /// What.
        trouble: Trouble,
        /// How many went back before.
        before: u64,
    },
}

impl From<Trouble> for ReplayError {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble { trouble, before: 0 }
    }
}

impl From<TransactionError> for ReplayError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Fenced(_) => Self::Fenced(0),
            TransactionError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl ReplayError {
    fn after(self, before: u64) -> Self {
        match self {
            Self::Trouble { trouble, .. } => Self::Trouble { trouble, before },
            Self::Fenced(_) => Self::Fenced(before),
        }
    }
}

fn behind(before: u64) -> String {
    if before == 0 {
        String::new()
    } else {
        format!("; {before} went back before, and the same command goes on behind them")
    }
}

/// Sends dead letters back.
pub struct Replay<'a> {
    rules: &'a Rules,
    options: &'a Options,
    judge: Judge<'a>,
    courier: Option<Courier<'a>>,
    pace: Option<RateLimit>,
    report: Report,
}

/// Where letters come from.
enum Letters<'a> {
    All(Box<Scan>),
    These(slice::Iter<'a, Letter>),
}

impl Letters<'_> {
    fn look(&mut self) -> Result<Step, Trouble> {
        match self {
            Self::All(scan) => scan.look(),
            Self::These(letters) => {
                Ok(letters.next().map_or(Step::Done, |letter| Step::Letter(Box::new(letter.clone()))))
            }
        }
    }
}

impl<'a> Replay<'a> {
    /// Goes through all dead letters there are now. `watch` hears how many were read, of how many at most.
    ///
    /// # Errors
    /// The cluster, or what stands on it; another replay that has begun.
    pub fn run(
        settings: &KafkaSettings,
        rules: &'a Rules,
        options: &'a Options,
        stop: &Stop,
        watch: &mut dyn FnMut(u64, u64),
    ) -> Result<Report, ReplayError> {
        let courier = match options.mode {
            Mode::DryRun => None,
            Mode::Send => {
                let edits = options.edits.iter().map(ToString::to_string).collect();
                Some(Courier::connect(settings, rules, edits)?)
            }
        };
        let mut replay = Replay {
            rules,
            options,
            judge: Judge::new(rules, &options.edits, options.max_replays),
            courier,
            pace: options.rate.map(|rate| RateLimit::new(rate, burst(rate))),
            report: Report::default(),
        };
        let ended = replay.go(settings, stop, watch);
        // What was sent before the end is sent, also where the reading failed.
        let committed = replay.courier().map_or(Ok(()), Courier::commit).map_err(ReplayError::from);
        ended.and(committed).map_err(|error| error.after(replay.committed()))?;
        Ok(replay.report.end())
    }

    fn go(
        &mut self,
        settings: &KafkaSettings,
        stop: &Stop,
        watch: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ReplayError> {
        // Behind the courier's start: no other replay is at work any more, so no mark can be missing but behind a stranger's
        // transaction.
        if self.courier.is_some() {
            no_mark_is_hidden(settings, &self.rules.catalogue)?;
        }
        marks_are_kept(settings, &self.rules.catalogue)?;
        let Some(marks) = read_marks(settings, &self.rules.catalogue)? else {
            return Err(missing_topic(&self.rules.catalogue.prefixed(ControlTopic::Replays.name())).into());
        };
        // The first so many that are sent are those of the dry run before.
        let order = if self.options.max.is_some() { Order::ByPlace } else { Order::AsTheyCome };
        let mut letters = match &*self.options.letters {
            [] => Letters::All(Box::new(Scan::open(settings, &self.rules.catalogue, (self.options.start, order))?)),
            these => Letters::These(these.iter()),
        };
        while self.options.max.is_none_or(|max| self.report.goes < max) {
            self.courier().map_or(Ok(()), Courier::commit_if_due)?;
            if stop.is_set() {
                self.report.stopped = true;
                break;
            }
            let letter = match letters.look()? {
                Step::Letter(letter) => letter,
                Step::Quiet => continue,
                Step::Done => break,
            };
            if let Letters::All(scan) = &letters {
                let (read, of) = scan.progress();
                watch(read, of);
            }
            // Of every letter: marks of what stood on a topic made anew say nothing of those that are meant either.
            let sent_back = marks.have(&letter).map_err(Trouble::from)?;
            if self.options.filter.means(&letter) {
                let fate = if sent_back {
                    Fate::Held(Held::SentBack)
                } else if marks.may_have_had(&letter) && !self.options.unmarked {
                    Fate::Held(Held::MarkGone)
                } else {
                    self.judge.fate(&letter, Timestamp::now())
                };
                self.carry_out(&letter, fate, stop)?;
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, letter: &Letter, fate: Fate, stop: &Stop) -> Result<(), ReplayError> {
        let fate = match fate {
            Fate::Goes(going) if self.options.only_passing && !going.now.passes() => {
                Fate::Held(Held::WouldFail(going.now))
            }
            fate @ (Fate::Goes(_) | Fate::Held(_)) => fate,
        };
        if let Fate::Goes(going) = &fate
            && self.courier.is_some()
        {
            if !self.pause(stop)? {
                return Ok(());
            }
            if let Some(courier) = &mut self.courier {
                courier.send(&self.judge, letter, going)?;
            }
        }
        let event_type = type_name(&self.rules.catalogue, letter.topic.as_deref());
        self.report.count(event_type, letter, &fate);
        Ok(())
    }

    /// Waits for its turn; false where it is to stop.
    fn pause(&mut self, stop: &Stop) -> Result<bool, ReplayError> {
        let Some(rate) = self.options.rate else { return Ok(true) };
        let turn = Duration::from_secs(1).div_f64(rate.get().into()).clamp(Duration::from_millis(1), PAUSE);
        while self.pace.as_mut().is_some_and(|pace| pace.admit(Instant::now()).is_none()) {
            self.courier().map_or(Ok(()), Courier::commit_if_due)?;
            if stop.wait(turn) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    const fn courier(&mut self) -> Option<&mut Courier<'a>> {
        self.courier.as_mut()
    }

    fn committed(&self) -> u64 {
        self.courier.as_ref().map_or(0, Courier::committed)
    }
}

/// What may go at once: what a pause holds up.
fn burst(rate: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(rate.get() / 10).unwrap_or(NonZeroU32::MIN)
}
