//! Fail points: named places of a batch at which a test makes this process die, stop or hang, as a crash, an operator
//! or a paused machine would. They are there only where debug assertions are: a release binary has no such code and
//! reads no such variable.
//!
//! `REVBUS_FAIL_POINT=KILL:after_flush:17` sends this process a SIGKILL the 17th time that one of its workers comes to
//! `after_flush`. `TERM` and `STOP` are signals too; `PAUSE` keeps the worker, and none but it, for six seconds; and with
//! `AGAIN`, which only `after_poll` knows, the client gives that record twice.

/// The places, in the order in which a batch comes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The client has handed a record over, and nobody knows of it yet.
    #[cfg(debug_assertions)]
    AfterPoll,
    /// A record is there, or positions are; no transaction is open.
    BeforeBegin,
    /// The transaction is open.
    AfterBegin,
    /// A record is in the producer's queue.
    AfterProduce,
    /// All records of the batch are in the queue, and nothing was waited for.
    BeforeCommit,
    /// The broker has all records.
    AfterFlush,
    /// Positions are part of the transaction.
    AfterPositions,
    /// The commit is answered, and nobody was told.
    AfterCommit,
}

/// A worker comes to a place.
#[cfg(not(debug_assertions))]
pub(super) const fn reached(_: Point) {}

/// The client has handed a record over.
#[cfg(not(debug_assertions))]
pub(super) const fn handed_over(_: &super::consumer::GroupConsumer, _: &rdkafka::message::BorrowedMessage<'_>) {}

#[cfg(debug_assertions)]
pub(super) use armed::{handed_over, reached};

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use rdkafka::Message as _;
    use rdkafka::message::BorrowedMessage;
    use signal_hook::consts::{SIGKILL, SIGSTOP, SIGTERM};

    use super::Point;
    use crate::ids::Position;
    use crate::kafka::consumer::GroupConsumer;

    const VARIABLE: &str = "REVBUS_FAIL_POINT";
    /// Longer than a test's `max.poll.interval.ms`, shorter than a commit may take.
    const PAUSE: Duration = Duration::from_secs(6);
    const NAMES: &[(&str, Point)] = &[
        ("after_poll", Point::AfterPoll),
        ("before_begin", Point::BeforeBegin),
        ("after_begin", Point::AfterBegin),
        ("after_produce", Point::AfterProduce),
        ("before_commit", Point::BeforeCommit),
        ("after_flush", Point::AfterFlush),
        ("after_positions", Point::AfterPositions),
        ("after_commit", Point::AfterCommit),
    ];

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum What {
        Signal(i32),
        Pause,
        Again,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Plan {
        what: What,
        point: Point,
        nth: u64,
    }

    /// What is planned for a place, this time.
    fn planned(point: Point) -> Option<What> {
        static PLAN: LazyLock<Option<Plan>> = LazyLock::new(from_environment);
        static TIMES: AtomicU64 = AtomicU64::new(0);
        let plan = PLAN.filter(|plan| plan.point == point)?;
        (TIMES.fetch_add(1, Ordering::Relaxed) + 1 == plan.nth).then_some(plan.what)
    }

    /// The client has handed a record over, and gives it again where that is planned, as it may do by itself in a
    /// rebalance.
    pub(in crate::kafka) fn handed_over(consumer: &GroupConsumer, message: &BorrowedMessage<'_>) {
        if planned(Point::AfterPoll).is_some() {
            let place = ((message.topic().to_owned(), message.partition()), Position(message.offset()));
            let failed = consumer.seek(&[place], PAUSE);
            tracing::warn!(?failed, "a fail point makes the client give a record again");
        }
    }

    /// A worker comes to a place.
    pub(in crate::kafka) fn reached(point: Point) {
        match planned(point) {
            None | Some(What::Again) => {}
            Some(What::Signal(signal)) => {
                if let Err(error) = signal_hook::low_level::raise(signal) {
                    tracing::error!(%error, signal, "a fail point could not raise its signal");
                }
            }
            Some(What::Pause) => {
                tracing::warn!(?point, "a fail point holds this worker up");
                std::thread::sleep(PAUSE);
            }
        }
    }

    fn from_environment() -> Option<Plan> {
        let text = std::env::var(VARIABLE).ok()?;
        let plan = parse(&text);
        if plan.is_none() {
            // A test whose fault never happens would pass.
            tracing::error!("{VARIABLE}={text:?} is not KILL|TERM|STOP|PAUSE:POINT:N or AGAIN:after_poll:N");
            std::process::exit(2);
        }
        plan
    }

    fn parse(text: &str) -> Option<Plan> {
        let mut parts = text.split(':');
        let what = match parts.next()? {
            "KILL" => What::Signal(SIGKILL),
            "TERM" => What::Signal(SIGTERM),
            "STOP" => What::Signal(SIGSTOP),
            "PAUSE" => What::Pause,
            "AGAIN" => What::Again,
            _ => return None,
        };
        let wanted = parts.next()?;
        let (_, point) = *NAMES.iter().find(|(name, _)| *name == wanted)?;
        if (what == What::Again) != (point == Point::AfterPoll) {
            return None;
        }
        let nth = parts.next()?.parse().ok().filter(|nth| *nth > 0)?;
        parts.next().is_none().then_some(Plan { what, point, nth })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_plan_names_what_where_and_when() {
            let plan = Plan { what: What::Signal(SIGKILL), point: Point::AfterFlush, nth: 17 };
            assert_eq!(parse("KILL:after_flush:17"), Some(plan));
            for wrong in
                ["", "KILL", "KILL:after_flush", "KILL:after_lunch:1", "HUG:after_flush:1", "KILL:after_flush:0"]
            {
                assert_eq!(parse(wrong), None, "{wrong}");
            }
            assert_eq!(parse("KILL:after_flush:1:2"), None);
            assert_eq!(parse("KILL:after_poll:1"), None, "a record is only given again there");
        }
    }
}
