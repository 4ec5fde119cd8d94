//! The thread that reloads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::file_watch::{Due, FileWatch};
use super::{Answer, Refused, Reloaded, Requests, Wishes, fixed};
use crate::catalogue::{self, Catalogue};
use crate::diagnostic::{Severity, render};
use crate::ids::CatalogueDigest;
use crate::kafka::admin::Admin;
use crate::kafka::config::KafkaSettings;
use crate::kernel::{Rules, Topology};
use crate::router::{Editions, SurveyError, Watched, survey};
use crate::telemetry::Reload;

/// How long one question to the cluster may take.
const SURVEY_TIMEOUT: Duration = Duration::from_secs(4);
/// How long the workers may take to end their transactions before whoever asked is told that some still do.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);
/// The compiler recurses into what the file nests: no less room than the process's first thread has.
const STACK: usize = 16 << 20;

/// Where the catalogue comes from.
pub struct Origin {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// Reads its text, or says why it cannot.
    pub read: Box<dyn Fn() -> Result<String, String> + Send>,
    /// Whether a change of the file is a reload.
    pub watch: bool,
}

/// What was last found in the file.
type Found = Result<CatalogueDigest, String>;

/// Reloads the catalogue of a running router.
pub struct Reloader {
    /// Where the catalogue comes from.
    pub origin: Origin,
    /// How to reach the cluster.
    pub settings: KafkaSettings,
    /// What is published to.
    pub editions: Arc<Editions>,
    /// What is told.
    pub watched: Watched,
}

/// What the thread remembers.
struct State {
    reloader: Reloader,
    /// What is known of the file: what decides, or was refused.
    known: Found,
    /// What a look found that is not known; it must be there at the next look too, or somebody is still writing.
    fresh: Option<Found>,
    /// What was logged of the cluster's refusal that is tried again.
    waiting: Option<String>,
}

impl Reloader {
    /// Answers requests, on a thread of its own, for as long as the process runs.
    ///
    /// # Errors
    /// No thread.
    pub fn start(self, requests: Requests) -> std::io::Result<()> {
        let known = Ok(self.editions.current().rules.catalogue.digest.clone());
        requests.open.store(true, Ordering::Release);
        let watch = self.origin.watch.then(|| FileWatch::new(&self.origin.path, self.watched.reloads.clone()));
        let state = State { reloader: self, known, fresh: None, waiting: None };
        let thread = std::thread::Builder::new().name("reload".to_owned()).stack_size(STACK);
        thread.spawn(move || state.run(&requests, watch))?;
        Ok(())
    }

    /// A defect of the compiler is no reason to route no more.
    fn answer(&self, text: Result<String, String>) -> Answer {
        catch_unwind(AssertUnwindSafe(|| self.reload(text))).unwrap_or_else(|_| {
            Err(Refused::Catalogue("the compiler panicked: a defect of revbus; the log has more".to_owned()))
        })
    }

    /// Compiles, compares, looks at the cluster, and only then publishes.
    fn reload(&self, text: Result<String, String>) -> Answer {
        let text = text.map_err(Refused::Catalogue)?;
        let current = self.editions.current();
        let before = &current.rules.catalogue;
        if CatalogueDigest::of(&text) == before.digest {
            return self.look_again(before, &current.rules.topology);
        }
        let catalogue = self.compile(&text)?;
        let refusals = fixed::refusals(before, &catalogue);
        if !refusals.is_empty() {
            return Err(Refused::Catalogue(refusals.join("\n")));
        }
        let topology = self.survey(&catalogue)?;
        Ok(self.publish(catalogue, topology))
    }

    /// The same text; but its topics may have grown.
    fn look_again(&self, catalogue: &Arc<Catalogue>, known: &Topology) -> Answer {
        match self.survey(catalogue) {
            Ok(topology) if topology != *known => Ok(self.publish(Arc::clone(catalogue), topology)),
            Ok(_) => {
                // Whoever asks for a reload has looked: the cause of a storm may have been a producer, and not the catalogue.
                self.watched.storm.resume();
                Ok(Reloaded::Unchanged(catalogue.digest.clone()))
            }
            Err(why) => Err(Refused::Cluster(format!("the catalogue has not changed, but its topics: {why}"))),
        }
    }

    /// The broker refused a record: a limit may have been lowered.
    fn look_at_topics(&self) {
        let current = self.editions.current();
        let Rules { catalogue, topology, .. } = &current.rules;
        match self.survey(catalogue) {
            Ok(found) if found != *topology => {
                tracing::warn!("the topics have other limits or partitions than before, which count from now on");
                self.put_in_force(Arc::clone(catalogue), found);
            }
            Ok(_) => {}
            Err(why) => tracing::warn!(%why, "the topics could not be looked at"),
        }
    }

    fn compile(&self, text: &str) -> Result<Arc<Catalogue>, Refused> {
        let (catalogue, mut diagnostics) = catalogue::compile(&self.origin.path.display().to_string(), text);
        diagnostics.retain(|diagnostic| diagnostic.severity > Severity::Note);
        let said = render(text, &diagnostics, false);
        let catalogue = catalogue.ok_or_else(|| Refused::Catalogue(said.trim_end().to_owned()))?;
        if !diagnostics.is_empty() {
            tracing::warn!("the new catalogue has warnings:\n{}", said.trim_end());
        }
        Ok(Arc::new(catalogue))
    }

    fn survey(&self, catalogue: &Arc<Catalogue>) -> Result<Topology, Refused> {
        let look = || survey(&Admin::connect(&self.settings, SURVEY_TIMEOUT)?, catalogue);
        look().map_err(|error| {
            Refused::Cluster(match error {
                SurveyError::Trouble(trouble) => trouble.sentence,
                SurveyError::Uneven { .. } | SurveyError::NotCompacted(_) => error.to_string(),
                SurveyError::Missing(_) => {
                    format!(
                        "{error}\ncreate them: revbus topics apply --catalogue {} --yes",
                        self.origin.path.display()
                    )
                }
            })
        })
    }

    fn publish(&self, catalogue: Arc<Catalogue>, topology: Topology) -> Reloaded {
        let digest = catalogue.digest.clone();
        let number = self.put_in_force(catalogue, topology);
        // After the rules: whoever goes on now has them.
        self.watched.storm.resume();
        Reloaded::Taken(digest, self.editions.wait_until_taken(number, TAKEN_WITHIN))
    }

    fn put_in_force(&self, catalogue: Arc<Catalogue>, topology: Topology) -> u64 {
        if let Err(error) = self.watched.metrics.catalogue(&catalogue) {
            tracing::error!(%error, "the metrics do not name the new catalogue");
        }
        self.editions.publish(Rules::new(catalogue, topology))
    }
}

impl State {
    fn run(mut self, requests: &Requests, mut watch: Option<FileWatch>) {
        let mut due = Due::new(Instant::now());
        loop {
            match requests.next(watch.as_ref().map(|_| due.left(Instant::now()))) {
                Ok(Wishes { reload, askers, touched, topics }) => {
                    if touched {
                        due.touched(Instant::now());
                    }
                    if reload {
                        let answer = self.asked();
                        for asker in askers {
                            // Whoever has gone away meanwhile finds it in the log.
                            let _ = asker.send(answer.clone());
                        }
                    } else if topics {
                        self.reloader.look_at_topics();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    due.looked(Instant::now());
                    if self.look() {
                        due.touched(Instant::now());
                    }
                    watch.iter_mut().for_each(FileWatch::follow);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Somebody asked: whatever is in the file is tried.
    fn asked(&mut self) -> Answer {
        let text = (self.reloader.origin.read)();
        self.known = found(&text);
        self.fresh = None;
        let answer = self.reloader.answer(text);
        self.report(&answer);
        answer
    }

    /// Looks at the file: what is new there is tried once it has stood there for two looks, and what the cluster was
    /// not ready for is tried again. Whether another look is wanted soon.
    fn look(&mut self) -> bool {
        let text = (self.reloader.origin.read)();
        let found = found(&text);
        if found == self.known {
            self.fresh = None;
            self.try_again(text);
            return false;
        }
        let settled = self.fresh.as_ref() == Some(&found);
        self.fresh = Some(found.clone());
        if settled {
            self.known = found;
            let answer = self.reloader.answer(text);
            self.report(&answer);
        }
        !settled
    }

    /// What waits for the cluster is tried again, in silence as long as that says the same.
    fn try_again(&mut self, text: Result<String, String>) {
        let Some(logged) = &self.waiting else { return };
        let answer = self.reloader.answer(text);
        if !matches!(&answer, Err(Refused::Cluster(why)) if why == logged) {
            self.report(&answer);
        }
    }

    fn report(&mut self, answer: &Answer) {
        let waiting = match answer {
            Ok(Reloaded::Taken(digest, late)) => {
                tracing::info!(catalogue = %digest, late, "the catalogue was reloaded");
                None
            }
            Ok(Reloaded::Unchanged(digest)) => {
                tracing::info!(catalogue = %digest, "the catalogue has not changed");
                None
            }
            Err(why) => {
                tracing::error!("the new catalogue is refused and the old one stays:\n{why}");
                matches!(why, Refused::Cluster(_)).then(|| why.to_string())
            }
        };
        self.waiting = waiting;
        self.reloader.watched.metrics.reloaded(match answer {
            Ok(Reloaded::Taken(..)) => Reload::Taken,
            Ok(Reloaded::Unchanged(_)) => Reload::Unchanged,
            Err(_) => Reload::Refused,
        });
    }
}

fn found(text: &Result<String, String>) -> Found {
    text.as_ref().map(|text| CatalogueDigest::of(text)).map_err(Clone::clone)
}
