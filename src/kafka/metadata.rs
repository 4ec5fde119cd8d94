//! Asking for the metadata of all topics, so that a cluster that cannot be reached says why.

use std::time::Duration;

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::KafkaError;
use rdkafka::metadata::Metadata;

use super::trouble::{Trouble, TroubleKind};

/// One try, after which errors of the connection are heard.
const STEP: Duration = Duration::from_secs(1);

/// Asks in short steps. `serve` lets the client hear its errors between them, and `explain` turns an error into a
/// sentence. All topics are asked for: naming one could create it.
pub(super) fn fetch<C: ClientContext>(
    client: &Client<C>,
    timeout: Duration,
    serve: impl Fn(),
    explain: impl Fn(&KafkaError) -> Trouble,
) -> Result<Metadata, Trouble> {
    let mut left = timeout;
    loop {
        let step = left.min(STEP);
        let result = client.fetch_metadata(None, step);
        serve();
        left = left.saturating_sub(step);
        let error = match result {
            Ok(metadata) => return Ok(metadata),
            Err(error) => error,
        };
        let trouble = explain(&error);
        if trouble.kind != TroubleKind::Unreachable || left.is_zero() {
            return Err(trouble);
        }
    }
}
