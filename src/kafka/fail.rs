//! Fail points: named places of a batch at which a test makes this process die, stop or hang, as a crash, an operator
//! or a paused machine would. They are there only where debug assertions are: a release binary has no such code and
//! reads no such variable.
//!
//! `REVBUS_FAIL_POINT=KILL:after_flush:17` sends this process a SIGKILL the 17th time that one of its workers comes to
//! `after_flush`. `TERM` and `STOP` are signals too; `PAUSE` keeps the worker, and none but it, for six seconds,
//! `HANG` for ever.
//! `CLIENT:gives_again:17` is a fault of the Kafka client: it gives the 17th record twice. It also `drops_pause` or
//! `drops_resume`: the 17th call does nothing, and says that all is well; or `stops_reading` the partition of the 17th record.

/// The places, in the order in which a batch comes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
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
    /// The client gives the record again that it has just given.
    GivesAgain,
    /// The client does not pause partitions.
    DropsPause,
    /// The client does not resume partitions.
    DropsResume,
    /// The client stops reading the partition of a record that it gives.
    StopsReading,
}

/// A worker comes to a place.
#[cfg(not(debug_assertions))]
pub(super) const fn reached(_: Point) {}

/// Whether the client is to fail in this way.
#[cfg(not(debug_assertions))]
pub(super) const fn client_fails(_: Point) -> bool {
    false
}

#[cfg(debug_assertions)]
pub(super) use armed::{client_fails, reached};

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use signal_hook::consts::{SIGKILL, SIGSTOP, SIGTERM};

    use super::Point;

    const VARIABLE: &str = "REVBUS_FAIL_POINT";
    /// Longer than a test's `max.poll.interval.ms`, shorter than a commit may take.
    const PAUSE: Duration = Duration::from_secs(6);
    const NAMES: &[(&str, Point)] = &[
        ("before_begin", Point::BeforeBegin),
        ("after_begin", Point::AfterBegin),
        ("after_produce", Point::AfterProduce),
        ("before_commit", Point::BeforeCommit),
        ("after_flush", Point::AfterFlush),
        ("after_positions", Point::AfterPositions),
        ("after_commit", Point::AfterCommit),
        ("gives_again", Point::GivesAgain),
        ("drops_pause", Point::DropsPause),
        ("drops_resume", Point::DropsResume),
        ("stops_reading", Point::StopsReading),
    ];

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum What {
        Signal(i32),
        Pause,
        Hang,
        Client,
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

    /// Whether the client is to fail in this way.
    pub(in crate::kafka) fn client_fails(point: Point) -> bool {
        let fails = planned(point).is_some();
        if fails {
            tracing::warn!(?point, "a fail point makes the client fail");
        }
        fails
    }

    /// A worker comes to a place.
    pub(in crate::kafka) fn reached(point: Point) {
        match planned(point) {
            None | Some(What::Client) => {}
            Some(What::Signal(signal)) => {
                if let Err(error) = signal_hook::low_level::raise(signal) {
                    tracing::error!(%error, signal, "a fail point could not raise its signal");
                }
            }
            Some(What::Pause) => {
                tracing::warn!(?point, "a fail point holds this worker up");
                std::thread::sleep(PAUSE);
            }
            Some(What::Hang) => {
                tracing::warn!(?point, "a fail point keeps this worker for ever");
                std::thread::sleep(Duration::MAX);
            }
        }
    }

    fn from_environment() -> Option<Plan> {
        let text = std::env::var(VARIABLE).ok()?;
        let plan = parse(&text);
        if plan.is_none() {
            // A test whose fault never happens would pass.
            tracing::error!("{VARIABLE}={text:?} is not KILL|TERM|STOP|PAUSE|HANG:POINT:N or CLIENT:FAULT:N");
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
            "HANG" => What::Hang,
            "CLIENT" => What::Client,
            _ => return None,
        };
        let wanted = parts.next()?;
        let (_, point) = *NAMES.iter().find(|(name, _)| *name == wanted)?;
        let of_client =
            matches!(point, Point::GivesAgain | Point::DropsPause | Point::DropsResume | Point::StopsReading);
        if (what == What::Client) != of_client {
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
            assert_eq!(parse("CLIENT:after_flush:1"), None);
            assert_eq!(parse("KILL:drops_pause:1"), None, "a fault of the client is no place");
        }
    }
}
