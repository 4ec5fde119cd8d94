//! Verifying a cluster: everything is read that the group of a router consumed and wrote, up to the ends that the logs
//! have now, and judged by [`crate::verify`].

mod collect;
mod naming;
mod report;
mod sorter;
mod survey;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use report::{Counted, Report};

use collect::Collector;
use survey::Survey;

use crate::catalogue::Catalogue;
use crate::kafka::config::KafkaSettings;
use crate::kafka::span::{Next, SpanReader};
use crate::kafka::trouble::Trouble;
use crate::kernel::{Rules, Topology};
use crate::time::Timestamp;
use crate::verify::Scope;

/// One wait for a record.
const STEP: Duration = Duration::from_millis(50);
/// How many records are read between two reports of progress.
const REPORT_EVERY: u64 = 1_000;

/// What to verify.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// How to reach the cluster.
    pub settings: &'a KafkaSettings,
    /// The catalogue.
    pub catalogue: &'a Arc<Catalogue>,
    /// The router's group, prefix included.
    pub group: &'a str,
    /// From when on.
    pub since: Option<Timestamp>,
    /// What the time is.
    pub now: Timestamp,
    /// How long an open transaction is waited for before it is said to hang.
    pub patience: Duration,
    /// The most examples of each kind of damage.
    pub examples: usize,
}

/// Why a cluster could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The cluster.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// A group that has consumed nothing.
    #[error("the group {group} has no positions in the catalogue's topics, so nothing counts as consumed{}", named(.others))]
    NoPositions {
        /// The group, prefix included.
        group: String,
        /// The groups that there are, without the prefix.
        others: Vec<String>,
    },
    /// Topics without which nothing can be judged.
    #[error("these topics are not on the cluster, or may not be seen: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// The folder for temporary files.
    #[error("failed to keep what was read in temporary files ({0}): TMPDIR names a folder with more room")]
    Files(#[from] io::Error),
    /// More event types than can be numbered.
    #[error("the catalogue has more event types than can be verified at once (65,000)")]
    TooManyTopics,
}

fn named(others: &[String]) -> String {
    if others.is_empty() { String::new() } else { format!("; --group names one of: {}", others.join(", ")) }
}

/// Reads and judges. `progress` is told how many offsets are behind, of how many.
///
/// # Errors
/// Why nothing can be said.
pub fn verify(question: &Question<'_>, mut progress: impl FnMut(u64, u64)) -> Result<Report, VerifyError> {
    let (survey, mut scope) = Survey::of(question)?;
    let mut collector = Collector::new(question.examples, &scope);
    read(question, &survey, &scope, &mut collector, &mut progress)?;
    survey.bound(&mut scope, &collector)?;
    let mut notes = survey.notes(&scope);
    notes.extend(survey.unread(&scope, &collector));
    let moved_back = survey.moved_back(&scope.topics, &collector)?;
    for finding in survey.hanging(&scope.topics).chain(moved_back) {
        collector.findings.push(finding);
    }
    let (counted, mut findings) = collector.judge(&scope)?;
    notes.extend(counted.notes());
    if counted.is_nothing() {
        notes.push("nothing was judged: within what was asked for nothing was consumed or written".to_owned());
    }
    findings.sort();
    naming::name(question.settings, &mut findings);
    Ok(Report { counted, findings, notes })
}

fn read(
    question: &Question<'_>,
    survey: &Survey<'_>,
    scope: &Scope,
    collector: &mut Collector,
    progress: &mut impl FnMut(u64, u64),
) -> Result<(), VerifyError> {
    let spans = survey.spans(&scope.topics);
    let total = spans.iter().map(|span| u64::try_from(span.to.0 - span.from.0).unwrap_or(0)).sum();
    let mut reader = SpanReader::open(question.settings, &spans)?;
    progress(0, total);
    let rules = Rules::new(Arc::clone(question.catalogue), Topology::unlimited(question.catalogue));
    let mut done = 0_u64;
    loop {
        match reader.next(STEP)? {
            Next::Record(record) => {
                collector.take(&rules, scope, &record)?;
                done += 1;
                if done.is_multiple_of(REPORT_EVERY) {
                    progress(done, total);
                }
            }
            Next::Quiet => {}
            Next::End => return Ok(()),
        }
    }
}
