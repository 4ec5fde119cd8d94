//! Everything together: the router, the traffic, and the view of it, until the time is over or somebody ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::banner::Banner;
use super::generator::{Generator, Published};
use super::line;
use super::screen::Screen;
use super::stage::Stage;
use super::tally::Tally;
use super::traffic::Traffic;
use super::view::View;
use super::watch::Watch;
use crate::catalogue::Catalogue;
use crate::http::{self, Server};
use crate::kafka::producer::Delivery;
use crate::kafka::reader::{Reader, Start};
use crate::kafka::trouble::Trouble;
use crate::kernel::Rules;
use crate::kernel::worker::Limits;
use crate::router::{self, DeadLetterLimit, Editions, Ended, Reloads, Router, Stop, StormGuard, Watched};
use crate::telemetry::{Health, Metrics};
use crate::time::Timestamp;

/// How long what was published last may take, before it counts as lost.
const DRAIN: Duration = Duration::from_secs(10);

/// How it is tried out.
#[derive(Debug, Clone)]
pub struct Options {
    /// The router's consumer group, prefix included.
    pub group: String,
    /// What tells this process from its peers.
    pub instance: String,
    /// Which sample events.
    pub seed: u64,
    /// Events a second.
    pub rate: f64,
    /// When to end by itself, counted from the process's start.
    pub time: Option<Duration>,
    /// Where metrics and health are served.
    pub listen: SocketAddr,
}

/// Why it ended otherwise than it should.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Broker or cluster.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// Nobody can see it any more.
    #[error("failed to write to stdout: {0}")]
    Screen(#[from] std::io::Error),
    /// Metrics and health cannot be served.
    #[error(transparent)]
    Serve(#[from] http::ServeError),
    /// A mistake in the table of metrics.
    #[error(transparent)]
    Metrics(#[from] crate::telemetry::MetricsError),
    /// The catalogue has no facts.
    #[error("the catalogue has no facts, so there is nothing to publish")]
    NoFacts,
    /// Another process runs as this instance.
    #[error("the router was fenced: another process has the transactional id {0}")]
    Fenced(String),
    /// A thread of ours is gone.
    #[error("a part of the process broke down: {0}")]
    Broken(&'static str),
}

/// Everything together.
pub struct Session {
    /// What is routed, and how.
    pub catalogue: Arc<Catalogue>,
    /// Where.
    pub stage: Stage,
    /// How it is tried out.
    pub options: Options,
    /// Set when it is to end.
    pub ending: Arc<Stop>,
}

/// What runs beside the view.
struct Parts {
    router: JoinHandle<Ended>,
    /// Ends the router alone: what was published last shall be routed before.
    router_stop: Arc<Stop>,
    generator: JoinHandle<Result<Published, Trouble>>,
}

impl Session {
    /// Runs it to its end, and gives what was counted.
    ///
    /// # Errors
    /// No broker, no port, no stdout.
    pub fn run(self, screen: &mut Screen, begun: Instant) -> Result<Tally, SessionError> {
        let view = View::new(&self.catalogue);
        // On a cluster only what happens from now on is ours to show.
        let start = if self.stage.embedded.is_some() { Start::Beginning } else { Start::End };
        let watched = Watched {
            metrics: Arc::new(Metrics::new(&self.catalogue)?),
            health: Arc::new(Health::new(begun)),
            // Some of the traffic is bad on purpose, and never most of it.
            storm: Arc::new(StormGuard::new(DeadLetterLimit::Off, Timestamp::now())),
            // What it shows is of one catalogue.
            reloads: Reloads::new().0,
        };
        let server = http::serve(self.options.listen, watched.clone())?;
        screen.print(&self.banner(&server, screen))?;
        let (reader, _) = Reader::open(&self.stage.settings, &view.topics(), start)?;
        let parts = self.start(&watched)?;
        let mut watch = Watch::new(view, reader, (screen, watched.health), begun);
        watch.run(&self.ending, self.options.time)?;
        self.ending.set();
        let generator = parts.generator.join().map_err(|_| SessionError::Broken("the traffic"))??;
        watch.drain(generator.deliveries.delivered, DRAIN)?;
        parts.router_stop.set();
        let ended = parts.router.join().map_err(|_| SessionError::Broken("the router"))?;
        let tally = watch.finish()?;
        screen.print(&line::summary(&tally, generator.took, screen.colour()))?;
        match ended {
            Ended::Stopped => Ok(tally),
            Ended::Fenced(id) => Err(SessionError::Fenced(id)),
            Ended::Trouble(trouble) => Err(trouble.into()),
        }
    }

    fn start(&self, watched: &Watched) -> Result<Parts, SessionError> {
        let traffic = Traffic::new(Arc::clone(&self.catalogue), self.options.seed).ok_or(SessionError::NoFacts)?;
        let router_stop = Arc::new(Stop::default());
        let rules = Rules::new(Arc::clone(&self.catalogue), self.stage.topology.clone());
        let router = Router::start(self.router(), &Arc::new(Editions::new(rules)), watched, Arc::clone(&router_stop));
        let ending = Arc::clone(&self.ending);
        let router = thread::spawn(move || {
            let ended = router.wait();
            ending.set();
            ended
        });
        let generator = Generator {
            settings: self.stage.settings.clone(),
            catalogue: Arc::clone(&self.catalogue),
            traffic,
            rate: self.options.rate,
            health: Arc::clone(&watched.health),
            stop: Arc::clone(&self.ending),
        };
        Ok(Parts { router, router_stop, generator: generator.start() })
    }

    fn router(&self) -> router::Options {
        router::Options {
            settings: self.stage.settings.clone(),
            group: self.options.group.clone(),
            instance: self.options.instance.clone(),
            workers: 1,
            delivery: Delivery::ExactlyOnce,
            start: router::Start::Earliest,
            limits: Limits::default(),
            embedded: self.stage.embedded.is_some(),
        }
    }

    fn banner(&self, server: &Server, screen: &Screen) -> String {
        // The first of all triggers that most people look for, where the catalogue has it.
        let known = self.catalogue.resolve("pipeline.deal_won").map(|name| self.catalogue.event_type(name.id()));
        let example = known.or_else(|| self.catalogue.facts().next().map(|(_, fact, _)| fact));
        let banner = Banner {
            embedded: self.stage.embedded.is_some(),
            brokers: self.stage.settings.brokers(),
            topic: example.map_or("", |fact| &*fact.topic.name),
            listen: &server.address().to_string(),
            catalogue: &self.catalogue,
            options: &self.options,
        };
        banner.text(screen.colour())
    }
}
