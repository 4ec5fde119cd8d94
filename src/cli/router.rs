//! `revbus router`.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::exit::exit_of;
use super::{Exit, Failure, catalogue, trouble};
use crate::catalogue::Catalogue;
use crate::config::{KafkaArgs, duration};
use crate::diagnostic::Severity;
use crate::http;
use crate::kafka::admin::Admin;
use crate::kafka::config::KafkaSettings;
use crate::kafka::ffi;
use crate::kafka::producer::Delivery;
use crate::kernel::worker::{Limits, MOST_AGE};
use crate::kernel::{Rules, Topology};
use crate::router::{
    self, Beginning, Bus, DeadLetterLimit, Editions, Ended, Options, Origin, Reloader, Reloads, Router, Start, Stop,
    StormGuard, SurveyError, Watched,
};
use crate::telemetry::logs::{self, LogFormat};
use crate::telemetry::{Health, Metrics};
use crate::time::{Timestamp, duration_text};

/// How long a transaction may stay open.
const COMMIT_INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=MOST_AGE;
/// How long one look at the cluster may take; a stop waits for it.
const SURVEY_TIMEOUT: Duration = Duration::from_secs(4);

/// Run the router: read facts, apply the trigger table, publish commands, exactly once
///
/// Runs until SIGTERM or SIGINT. Exit codes: 0 stopped, 1 the catalogue has errors, 2 wrong usage, 3 the cluster is
/// unreachable, does not let us in, or lacks topics, 4 fenced by another process with the same instance id, 5 a call
/// into the client hung.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus router --brokers 127.0.0.1:9092 --catalogue topics.yaml --group revbus --instance-id router-0 --workers 2\n  \
    revbus router --kafka-config client.properties --set fetch.min.bytes=1 --log-format json\n\n\
    Metrics are at http://LISTEN/metrics, readiness at /readyz. A new catalogue is loaded on SIGHUP, on \
    POST /-/reload,\nor with --watch when the file changes; one with errors is refused, and the old one stays.")]
pub(super) struct Args {
    #[command(flatten)]
    kafka: KafkaArgs,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", value_name = "FILE", default_value = "topics.yaml")]
    catalogue: PathBuf,
    /// Load the catalogue again whenever its file changes
    #[arg(long, env = "REVBUS_WATCH")]
    watch: bool,
    /// The consumer group, behind the catalogue's prefix: one for a bus, since beside another group everything is routed
    /// twice. Under a new name, --start must say where it begins
    #[arg(long, env = "REVBUS_GROUP", default_value = "revbus")]
    group: String,
    /// What tells this process from its peers: stable across restarts, different in each peer [default: the host name]
    #[arg(long, env = "REVBUS_INSTANCE_ID", value_name = "ID")]
    instance_id: Option<String>,
    /// Threads, each with a consumer and a producer [default: one per core]
    #[arg(long, env = "REVBUS_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256),
        allow_negative_numbers = true)]
    workers: Option<u16>,
    /// Where metrics and health are served
    #[arg(long, env = "REVBUS_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    listen: SocketAddr,
    /// What is guaranteed; at_least_once commits positions after delivery, without transactions: lower latency, and a
    /// crash in between delivers the same derived events (with the same ids) again
    #[arg(long, env = "REVBUS_DELIVERY", value_enum, default_value = "exactly_once")]
    delivery: Delivery,
    /// Where a group without positions begins [default: earliest, and on a bus that was routed before it must be said]
    #[arg(long, env = "REVBUS_START", value_enum)]
    start: Option<Start>,
    /// Wait this long for the cluster and its topics, instead of exit code 3 at once
    #[arg(long, env = "REVBUS_WAIT", value_name = "TIME", value_parser = duration, default_value = "0s")]
    wait: Duration,
    /// Most records of a transaction
    #[arg(long, env = "REVBUS_BATCH_RECORDS", value_name = "N", default_value_t = Limits::default().records,
        allow_negative_numbers = true)]
    batch_records: usize,
    /// How long a transaction stays open while facts keep coming, 1ms to 1s: shorter for less latency under load, longer
    /// for fewer transactions. Where nothing more comes it is committed at once; where the one before took longer to be
    /// committed, it stays open for as long as that, 500ms at most
    #[arg(long, env = "REVBUS_COMMIT_INTERVAL", value_name = "TIME", value_parser = duration, default_value = "100ms")]
    commit_interval: Duration,
    /// Stops an event type when more of its records of the last minute become dead letters, and at least 1,000 do:
    /// `off`, or 1% to 99%. It goes on after POST /-/resume, a reload of the catalogue, changed or not, or a
    /// restart. Counted by each process for itself; kept by whichever running process is given its partitions
    #[arg(long, env = "REVBUS_DEAD_LETTER_LIMIT", value_name = "N%", default_value_t = DeadLetterLimit::Percent(50))]
    dead_letter_limit: DeadLetterLimit,
    /// How a log line looks
    #[arg(long, env = "REVBUS_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    ffi::share_heaps(workers(args));
    logs::init(args.log_format, tracing::Level::INFO)?;
    match (route(args), args.log_format) {
        // Whoever reads the log as JSON has no line in it that is none.
        (Err(error), LogFormat::Json) => {
            tracing::error!("{error:#}");
            Ok(exit_of(&error))
        }
        (ended, _) => ended,
    }
}

fn route(args: &Args) -> anyhow::Result<Exit> {
    // Before anything else: whoever stops a process that has just started wants exit code 0 too.
    let stop = Stop::on_signals()?;
    let (reloads, requests) = Reloads::new();
    reloads.on_hangup()?;
    // A new catalogue's warnings are logged too.
    let (catalogue, _) = catalogue::load_from(&args.catalogue, Severity::Warning)?;
    let settings = args.kafka.settings()?;
    for setting in settings.unverified() {
        tracing::warn!("{setting}: whoever stands between this process and the brokers can read and change everything");
    }
    let options = options(args, &catalogue, settings)?;
    let watched = Watched {
        metrics: Arc::new(Metrics::new(&catalogue)?),
        health: Arc::new(Health::new(Instant::now())),
        storm: Arc::new(StormGuard::new(args.dead_letter_limit, Timestamp::now())),
        reloads,
    };
    let server = http::serve(args.listen, watched.clone())?;
    tracing::info!("listening on http://{}", server.address());
    let Some(topology) = wait_for_cluster(args, &options, &catalogue, &stop)? else { return Ok(Exit::Good) };
    let bus = Bus { options: &options, catalogue: &catalogue, topology: &topology, stop: &stop };
    if !may_begin(bus, args.start)? {
        return Ok(Exit::Good);
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        catalogue = %catalogue.digest,
        group = options.group,
        instance = options.instance,
        workers = options.workers,
        delivery = ?options.delivery,
        "routing"
    );
    let editions = Arc::new(Editions::new(Rules::new(catalogue, topology)));
    let instance = options.instance.clone();
    let reloader = Reloader {
        origin: origin(args),
        settings: options.settings.clone(),
        editions: Arc::clone(&editions),
        watched: watched.clone(),
    };
    let router = Router::start(options, &editions, &watched, stop);
    reloader.start(requests)?;
    match router.wait() {
        Ended::Stopped => {
            tracing::info!("stopped");
            Ok(Exit::Good)
        }
        Ended::Fenced(id) => Err(Failure::new(
            Exit::Fenced,
            format!(
                "fenced: another process runs as the instance `{instance}` (transactional id {id}); \
                 give each process an --instance-id of its own"
            ),
        )),
        Ended::Trouble(trouble) => Err(trouble::failure(&trouble)),
    }
}

/// How many there are: as many as cores, unless it is said.
fn workers(args: &Args) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    args.workers.map_or_else(cores, usize::from)
}

fn origin(args: &Args) -> Origin {
    let path = args.catalogue.clone();
    let read = move || catalogue::read(&path).map_err(|error| error.to_string());
    Origin { path: args.catalogue.clone(), read: Box::new(read), watch: args.watch }
}

fn options(args: &Args, catalogue: &Catalogue, settings: KafkaSettings) -> anyhow::Result<Options> {
    let instance = match &args.instance_id {
        Some(instance) => instance.clone(),
        None => gethostname::gethostname().to_string_lossy().into_owned(),
    };
    for (flag, value) in [("--group", &args.group), ("--instance-id", &instance)] {
        if value.is_empty() || value.len() > 200 || value.chars().any(char::is_control) {
            anyhow::bail!("{flag} must have 1 to 200 characters, none of them a control character");
        }
    }
    if args.batch_records == 0 {
        anyhow::bail!("--batch-records must be 1 or more");
    }
    if !COMMIT_INTERVALS.contains(&args.commit_interval) {
        let [least, most] = [COMMIT_INTERVALS.start(), COMMIT_INTERVALS.end()].map(|bound| duration_text(*bound));
        anyhow::bail!("--commit-interval must be from {least} to {most}");
    }
    Ok(Options {
        // What a broker tells of its clients says which process it is.
        settings: settings.called(&format!("revbus.{instance}")),
        group: catalogue.prefixed(&args.group),
        instance,
        workers: workers(args),
        delivery: args.delivery,
        start: args.start.unwrap_or(Start::Earliest),
        limits: Limits { records: args.batch_records, age: args.commit_interval, ..Limits::default() },
        embedded: false,
    })
}

/// Makes sure that it is meant where a group without positions begins; `false`: stopped meanwhile.
fn may_begin(bus: Bus<'_>, start: Option<Start>) -> anyhow::Result<bool> {
    let group = &bus.options.group;
    match (bus.beginning().map_err(|trouble| trouble::failure(&trouble))?, start) {
        (Beginning::Clear, _) => Ok(true),
        (Beginning::Stopped, _) => Ok(false),
        // It may have died before it could commit the positions of its first batch; to deliver again is what it is for.
        (Beginning::Unclear, None) if bus.options.delivery == Delivery::AtLeastOnce => {
            tracing::warn!(group, "the group has no positions, and this bus was routed before: it is routed again");
            Ok(true)
        }
        (Beginning::Unclear, None) => Err(Failure::new(
            Exit::Usage,
            format!(
                "the group {group} has no positions, and this bus was routed before: under another group, or so long ago \
                 that Kafka has forgotten them (offsets.retention.minutes); say where to begin: `--start audited` goes \
                 on behind what the audit trail tells of, `--start latest` takes only what comes from now on, and \
                 `--start earliest` routes again all that is still there"
            ),
        )),
        (Beginning::Unclear, Some(Start::Audited)) => {
            tracing::info!(group, "reading the audit trail, to go on behind it");
            let adopted = bus.adopt().map_err(|trouble| trouble::failure(&trouble))?;
            let Some(partitions) = adopted else { return Ok(false) };
            tracing::info!(group, partitions, "positions are taken from the audit trail");
            Ok(true)
        }
        (Beginning::Unclear, Some(start)) => {
            tracing::warn!(group, ?start, "the group has no positions, and this bus was routed before");
            Ok(true)
        }
    }
}

/// Looks at the cluster until its topics are there, or the time is over. `None`: stopped meanwhile.
fn wait_for_cluster(
    args: &Args,
    options: &Options,
    catalogue: &Arc<Catalogue>,
    stop: &Stop,
) -> anyhow::Result<Option<Topology>> {
    let deadline = Instant::now() + args.wait;
    loop {
        let error = match look(options, catalogue) {
            Ok(topology) => return Ok(Some(topology)),
            Err(error) => error,
        };
        if stop.is_set() {
            return Ok(None);
        }
        if Instant::now() >= deadline {
            return Err(explain(error, args));
        }
        tracing::warn!(%error, "waiting for the cluster");
        if stop.wait(Duration::from_secs(1)) {
            return Ok(None);
        }
    }
}

fn look(options: &Options, catalogue: &Arc<Catalogue>) -> Result<Topology, SurveyError> {
    let admin = Admin::connect(&options.settings, SURVEY_TIMEOUT)?;
    router::survey(&admin, catalogue)
}

fn explain(error: SurveyError, args: &Args) -> anyhow::Error {
    match error {
        SurveyError::Trouble(trouble) => trouble::failure(&trouble),
        SurveyError::Uneven { .. } | SurveyError::NotCompacted(_) => Failure::new(Exit::Unreachable, error.to_string()),
        SurveyError::Missing(_) => Failure::new(
            Exit::Unreachable,
            format!("{error}\ncreate them: revbus topics apply --catalogue {} --yes", args.catalogue.display()),
        ),
    }
}
