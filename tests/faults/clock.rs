//! The wall clock steps an hour, either way, and back when somebody notices: no repetition is taken for new meanwhile,
//! whether the router saw the step or was started by the wrong clock. The router has a wall clock of its own (`clock.c`).

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cluster::shared;
use crate::support::oracle::Expect;
use crate::support::{Bus, Follower, Router, Sender, Sent, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);
/// A step, in seconds.
const HOUR: i64 = 3600;

/// A wall clock that is told how many seconds it is off: `clock.c`.
struct Wall {
    library: PathBuf,
    off: PathBuf,
}

impl Wall {
    fn of(bus: &Bus) -> Self {
        let wall = Self { library: bus.dir.path().join("clock.so"), off: bus.dir.path().join("clock") };
        wall.show(0);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/clock.c");
        let mut built = Command::new("cc");
        built.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).args([&wall.library, &source]);
        assert!(built.status().unwrap().success());
        wall
    }

    /// Steps: a running process sees the bytes change.
    fn show(&self, off: i64) {
        let mut file = File::options().create(true).truncate(false).write(true).open(&self.off).unwrap();
        file.write_all(&off.to_ne_bytes()).unwrap();
    }

    /// A router with one worker, whose wall clock this is.
    fn router(&self, bus: &Bus, instance: &str) -> Router {
        bus.lone_router(instance, |command| command.env("LD_PRELOAD", &self.library).env("WALL_CLOCK", &self.off))
    }
}

/// A bus, and all that was sent so far.
struct Told<'b> {
    bus: &'b Bus,
    sender: Sender,
    audit: Follower,
    new: Vec<Sent>,
    count: usize,
}

impl<'b> Told<'b> {
    fn on(bus: &'b Bus) -> Self {
        let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
        Self { bus, sender: Sender::new(&bus.broker), audit, new: Vec::new(), count: 0 }
    }

    fn audited(&mut self, more: usize) {
        self.count += more;
        eventually("all are audited", LATEST, || (self.audit.count() >= self.count).then_some(()));
    }

    /// Sends ten facts.
    fn send(&mut self) {
        let first = self.new.len();
        self.new.extend(facts::send(&self.sender, facts::mixed(self.bus, first..first + 10, 1000)));
        self.audited(10);
    }

    /// Sends all of them once more.
    fn repeat(&mut self) {
        self.audited(facts::repeat(&self.sender, &self.new, &Expect::Audited("duplicate")).len());
    }

    /// Each fact has its command once.
    fn judge(&self) {
        assert_eq!(self.bus.drain("compensation.calculate").len(), self.new.len());
    }
}

#[test]
fn a_clock_that_steps_while_a_router_runs_makes_no_repetition_new() {
    let bus = Bus::lean(shared(), "steps", 1);
    let (wall, mut told) = (Wall::of(&bus), Told::on(&bus));
    let router = wall.router(&bus, "a");
    for off in [0, -HOUR, 0, HOUR, 0] {
        wall.show(off);
        told.repeat();
        told.send();
        told.repeat();
    }
    router.stop();
    told.judge();
}

#[test]
fn a_router_that_is_started_by_a_wrong_clock_takes_no_repetition_for_new() {
    let bus = Bus::lean(shared(), "wrong", 1);
    let (wall, mut told) = (Wall::of(&bus), Told::on(&bus));
    for off in [0, HOUR, 0, -HOUR, 0] {
        wall.show(off);
        let router = wall.router(&bus, "a");
        told.repeat();
        told.send();
        told.repeat();
        router.stop();
    }
    told.judge();
}

/// librdkafka waits by the wall clock, so that nothing may wake a thread of it for as long as the clock was set back.
#[test]
fn a_quiet_router_whose_clock_is_set_back_does_not_hang() {
    let bus = Bus::lean(shared(), "back", 1);
    let (wall, mut told) = (Wall::of(&bus), Told::on(&bus));
    let mut router = wall.router(&bus, "a");
    told.send();
    wall.show(-HOUR);
    router.signal("TERM");
    // Or, where something has woken it, in good order.
    let ended = router.exit_within(LATEST);
    assert!([0, 5].contains(&ended), "{ended}: {}", router.output());
}
