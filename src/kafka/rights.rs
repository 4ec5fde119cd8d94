//! The right to write, for errors that do not name it: a client that lacks it says that its state is wrong, that a record
//! was purged, or that it has failed for good.

use std::collections::BTreeSet;
use std::time::Duration;

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::ffi;
use super::trouble::{Remembering, Trouble, TroubleKind};

/// How long the broker may take to say which topics may be written.
const TIMEOUT: Duration = Duration::from_secs(2);

/// That some of these topics may not be written, by the broker's word; one that does not answer, or does not know, says
/// nothing.
pub(super) fn denied<C: ClientContext>(client: &Client<C>, topics: &BTreeSet<String>) -> Option<Trouble> {
    let names: Vec<_> = topics.iter().map(String::as_str).collect();
    let found = ffi::describe_topics(client, &names, true, TIMEOUT).unwrap_or_default();
    let denied = found.into_iter().filter(|topic| topic.may_write == Some(false)).map(|topic| topic.name);
    let denied = denied.collect::<Vec<_>>().join(", ");
    (!denied.is_empty()).then(|| not_to_write(&denied))
}

fn not_to_write(topics: &str) -> Trouble {
    let sentence = format!("not authorised to write to {topics}: that takes the right Write");
    Trouble { kind: TroubleKind::NotAuthorised, sentence }
}

/// Why a record did not get to its topic.
pub(super) fn unwritten<C: ClientContext>(
    (client, heard): (&Client<C>, &Remembering),
    error: &KafkaError,
    topic: &str,
) -> Trouble {
    use RDKafkaErrorCode as Code;
    let what = format!("write to {topic}");
    match (error.rdkafka_error_code(), client.fatal_error()) {
        // An idempotent producer needs no right of its own where it may write to any topic.
        (Some(Code::TopicAuthorizationFailed), _) | (_, Some((Code::ClusterAuthorizationFailed, _))) => {
            not_to_write(topic)
        }
        (Some(Code::Fatal | Code::State | Code::PurgeQueue | Code::PurgeInflight), Some((code, why))) => {
            Trouble::of_code(code, &what, &why)
        }
        // What is purged without a failure had its time.
        (Some(Code::PurgeQueue | Code::PurgeInflight), None) => {
            heard.explain(&KafkaError::MessageProduction(Code::MessageTimedOut), &what)
        }
        _ => heard.explain(error, &what),
    }
}
