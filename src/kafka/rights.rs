//! The right to write, and topics that are not there, for errors that do not name them: a client that lacks either says
//! that its state is wrong, that a record was purged, or that it has failed for good.

use std::collections::BTreeSet;
use std::time::Duration;

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::ffi::{self, Sight};
use super::trouble::{Remembering, Trouble, TroubleKind};

/// How long the broker may take to say which topics may be written.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Why some of these topics cannot be written, by the broker's word: they are not there, or it is not allowed. A broker that
/// does not answer, or does not know, says nothing. Where none is named, it is the one that the client takes for the controller.
pub(super) fn unwritable<C: ClientContext>(
    client: &Client<C>,
    broker: Option<i32>,
    topics: &BTreeSet<String>,
) -> Option<Trouble> {
    let found = described(client, broker, topics);
    let denied = |sight: &Sight| matches!(sight, Sight::Hidden | Sight::There { may_write: Some(false), .. });
    not_there(&found).or_else(|| Some(not_to_write(&named(&found, denied)?)))
}

/// Why some of these topics cannot be read, as far as it is that they are not there.
pub(super) fn missing<C: ClientContext>(
    client: &Client<C>,
    broker: Option<i32>,
    topics: &BTreeSet<String>,
) -> Option<Trouble> {
    not_there(&described(client, broker, topics))
}

fn described<C: ClientContext>(
    client: &Client<C>,
    broker: Option<i32>,
    topics: &BTreeSet<String>,
) -> Vec<(String, Sight)> {
    let names: Vec<_> = topics.iter().map(String::as_str).collect();
    ffi::describe_topics(client, broker, &names, true, TIMEOUT).unwrap_or_default()
}

/// The names of those of which this is so, if it is so of any.
fn named(found: &[(String, Sight)], so: impl Fn(&Sight) -> bool) -> Option<String> {
    let names: Vec<_> = found.iter().filter(|(_, sight)| so(sight)).map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn not_there(found: &[(String, Sight)]) -> Option<Trouble> {
    let names = named(found, |sight| *sight == Sight::Missing)?;
    let sentence = format!("the cluster lacks {names}: `revbus topics apply` creates what the catalogue has");
    Some(Trouble { kind: TroubleKind::TopicMissing, sentence })
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
