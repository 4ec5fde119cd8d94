//! Who routes, and one run of each.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::bento;
use crate::broker::Broker;
use crate::correct::{Expected, Output, Repeats};
use crate::entry::{Entry, Work};
use crate::facts::{self, AUDIT, Audit, COMMANDS, COPY, COPY_AGAIN, DEAD_LETTERS, FACT, WARM};
use crate::figures::Figures;
use crate::measure::Process;
use crate::streams;

/// Who routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Contender {
    /// Bytes copied by the same client, exactly once: the ceiling.
    Copy,
    /// The same, each record to two topics: the ceiling where every command has an audit record beside it.
    CopyTwice,
    /// The router, exactly once, audit off.
    AuditOff,
    /// The router, exactly once, audit on.
    AuditOn,
    /// The router, at least once, audit on.
    AtLeastOnce,
    /// Kafka Streams, exactly once, tuned and warm: only where it is asked for.
    #[value(skip)]
    Streams,
    /// Bento, at least once, tuned: only where it is asked for.
    #[value(skip)]
    Bento,
}

impl Contender {
    /// Those that need nothing but what Cargo builds.
    pub const ALL: &[Self] = &[Self::Copy, Self::CopyTwice, Self::AuditOff, Self::AuditOn, Self::AtLeastOnce];

    /// As the table names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "bare copy, exactly once",
            Self::CopyTwice => "bare copy of two records",
            Self::AuditOff => "router, exactly once, audit off",
            Self::AuditOn => "router, exactly once, audit on",
            Self::AtLeastOnce => "router, at least once, audit on",
            Self::Streams => "Kafka Streams, exactly once",
            Self::Bento => "Bento, at least once",
        }
    }

    /// What it guarantees.
    pub fn repeats(self) -> Repeats {
        match self {
            Self::AtLeastOnce | Self::Bento => Repeats::Allowed,
            Self::Copy | Self::CopyTwice | Self::AuditOff | Self::AuditOn | Self::Streams => Repeats::Refused,
        }
    }

    /// What its result is.
    pub fn output(self) -> Output {
        if self.copies().is_empty() { Output::Derived(0) } else { Output::Copied }
    }

    /// The topics that it copies the facts to, if that is all it does.
    const fn copies(self) -> &'static [&'static str] {
        match self {
            Self::Copy => &[COPY],
            Self::CopyTwice => &[COPY, COPY_AGAIN],
            Self::AuditOff | Self::AuditOn | Self::AtLeastOnce | Self::Streams | Self::Bento => &[],
        }
    }

    /// Whether it is the router.
    pub const fn is_router(self) -> bool {
        matches!(self, Self::AuditOff | Self::AuditOn | Self::AtLeastOnce)
    }

    const fn audit(self) -> Audit {
        match self {
            Self::Copy | Self::CopyTwice | Self::AuditOff | Self::Streams | Self::Bento => Audit::Off,
            Self::AuditOn | Self::AtLeastOnce => Audit::On,
        }
    }
}

/// Where the contenders run.
pub struct Arena<'b> {
    pub broker: &'b Broker,
    pub prefix: String,
    pub dir: TempDir,
}

impl<'b> Arena<'b> {
    /// A place for contenders, its topics created.
    pub fn new(broker: &'b Broker, prefix: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("revbus-bench.").tempdir().unwrap();
        let arena = Self { broker, prefix: prefix.to_owned(), dir };
        std::fs::write(arena.all(), facts::catalogue(prefix, Audit::On, Work { derived: 3, ..Work::plain(1) }))
            .unwrap();
        arena.apply();
        arena
    }

    /// The full name of a topic.
    pub fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Makes the topics of outputs anew.
    pub fn clear(&self) {
        let outputs = COMMANDS.iter().chain(&[AUDIT, DEAD_LETTERS, COPY, COPY_AGAIN, WARM]);
        self.broker.delete(&outputs.map(|name| self.topic(name)).collect::<Vec<_>>());
        self.apply();
    }

    /// One run: all facts from their beginning, into empty topics; the output is compared before anything is said.
    pub fn run(&self, entry: Entry, round: usize, (facts, expected): (usize, &Expected)) -> Figures {
        let group = format!("{}-{round}", entry.slug());
        let command = self.command(entry, &group, facts);
        let positions = self.broker.positions(&self.topic(&group), &self.topic(FACT));
        let mut process = Process::start(command, &self.log(&group));
        let samples = process.watch(self.broker, &positions, facts);
        let peak_mb = process.peak_mb();
        process.stop();
        self.check(entry, expected);
        Figures::of(&samples, facts, peak_mb)
    }

    fn check(&self, Entry { contender, work }: Entry, expected: &Expected) {
        let of = |topic, output| expected.check(self.broker, &self.topic(topic), (output, contender.repeats()));
        let check = |output: Output| of(output.topic(), output);
        check(contender.output());
        contender.copies().iter().skip(1).for_each(|topic| of(topic, Output::Copied));
        (1..work.derived).for_each(|number| check(Output::Derived(number)));
        if contender.audit() == Audit::On {
            check(Output::Audited);
        }
    }

    /// What starts a contender, its topics there; so many facts are there already.
    pub fn command(&self, entry: Entry, group: &str, facts: usize) -> Command {
        match entry.contender {
            Contender::Copy | Contender::CopyTwice => self.copy_command(entry, group),
            Contender::AuditOff | Contender::AuditOn | Contender::AtLeastOnce => self.router_command(entry, group),
            Contender::Streams => {
                self.broker.create(&self.topic(WARM));
                streams::command(self, (group, entry.work.workers), facts)
            }
            Contender::Bento => bento::command(self, group, entry.work.workers),
        }
    }

    fn copy_command(&self, Entry { contender, work }: Entry, group: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["copy", "--brokers", &self.broker.address, "--group", &self.topic(group)]);
        command.args(["--from", &self.topic(FACT), "--workers", &work.workers.to_string()]);
        for topic in contender.copies().iter().map(|name| self.topic(name)) {
            self.broker.create(&topic);
            command.args(["--to", &topic]);
        }
        command
    }

    fn router_command(&self, entry: Entry, group: &str) -> Command {
        let Entry { contender, work } = entry;
        let catalogue = self.dir.path().join(format!("{}.yaml", entry.slug()));
        std::fs::write(&catalogue, facts::catalogue(&self.prefix, contender.audit(), work)).unwrap();
        let mut command = self.revbus(&["router"], &catalogue);
        command.args(["--group", group, "--instance-id", "bench", "--listen", "127.0.0.1:0"]);
        command.args(["--workers", &work.workers.to_string()]);
        if contender == Contender::AtLeastOnce {
            command.args(["--delivery", "at_least_once"]);
        }
        command
    }

    /// Where a process of this group logs.
    pub fn log(&self, group: &str) -> PathBuf {
        self.dir.path().join(format!("{group}.log"))
    }

    fn apply(&self) {
        let output = self.revbus(&["topics", "apply", "--yes"], &self.all()).output().unwrap();
        assert!(output.status.success(), "topics apply: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn revbus(&self, verb: &[&str], catalogue: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_revbus"));
        command.args(verb).args(["--brokers", &self.broker.address]).arg("--catalogue").arg(catalogue);
        command
    }

    /// The catalogue of all topics.
    fn all(&self) -> PathBuf {
        self.dir.path().join("all.yaml")
    }
}
