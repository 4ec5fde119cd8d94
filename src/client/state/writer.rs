//! The writing half of a client: one producer, one reader of answers, and many updates in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::StateError;
use super::event::NewUpdate;
use super::options::{StateClientOptions, Write};
use super::outcome::Done;
use super::pending::Pending;
use super::replies::Replies;
use crate::catalogue::ControlTopic;
use crate::ids::{MAX_EVENT_ID_BYTES, hex, new_event_id};
use crate::kafka::async_producer::AsyncProducer;
use crate::kafka::plain_producer::Outgoing;
use crate::kafka::reader::Reader;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::partition_of;
use crate::state::{EntityKey, ReplyTo, UpdateBody};
use crate::time::Timestamp;

/// How many updates of a client are in flight at most; further ones wait for their turn, within their deadline.
const MAX_IN_FLIGHT: usize = 10_000;

/// What writes.
pub(super) struct Writer {
    producer: AsyncProducer,
    /// Ends with the writer.
    _replies: Replies,
    pending: Arc<Pending>,
    turns: Semaphore,
    topic: String,
    max_event_bytes: u64,
    client_id: String,
    partition: i32,
    module: String,
    user: Option<String>,
    deadline: Duration,
}

impl Writer {
    /// Connects, and finds where in its partition of answers to begin: before the first update is sent, so that no
    /// answer is missed. Blocks.
    pub(super) fn connect(options: &StateClientOptions) -> Result<Self, StateError> {
        let catalogue = &options.catalogue;
        let client_id = format!("client_{}", hex(&random()?));
        let replies = catalogue.prefixed(ControlTopic::Replies.name());
        let choose = |partitions| partition_of(client_id.as_bytes(), partitions);
        let Some((reader, partition)) = Reader::open_end(&options.settings, &replies, choose)? else {
            let sentence = format!(
                "{replies} is not on the cluster, or not to be seen: `revbus topics apply --yes` creates what the \
                 catalogue needs"
            );
            return Err(Trouble { kind: TroubleKind::TopicMissing, sentence }.into());
        };
        let pending = Arc::new(Pending::new(&options.tenant, &client_id));
        Ok(Self {
            producer: AsyncProducer::connect(&options.settings)?,
            _replies: Replies::read(reader, Arc::clone(&pending))?,
            pending,
            turns: Semaphore::new(MAX_IN_FLIGHT),
            topic: catalogue.prefixed(ControlTopic::StateUpdates.name()),
            max_event_bytes: catalogue.settings.max_event_bytes.into(),
            client_id,
            partition,
            module: options.module.clone(),
            user: options.user.clone(),
            deadline: options.deadline,
        })
    }

    /// Sends an update, and waits for its answer. Gives the id that it has.
    pub(super) async fn write(
        &self,
        entity: EntityKey<'_>,
        body: UpdateBody<'_>,
        write: &Write,
    ) -> Result<(Done, String), StateError> {
        let now = Timestamp::now();
        let event_id = match &write.event_id {
            Some(given) if given.is_empty() || given.len() > MAX_EVENT_ID_BYTES || given.contains('\0') => {
                let what = format!("an event id has 1 to {MAX_EVENT_ID_BYTES} bytes and no NUL");
                return Err(StateError::Malformed(what));
            }
            Some(given) => given.clone(),
            None => new_event_id(now, &random()?),
        };
        let value = NewUpdate {
            event_id: &event_id,
            entity,
            body,
            expected: write.expected,
            by: (&self.module, self.user.as_deref()),
            reply_to: Some(ReplyTo { client_id: (&*self.client_id).into(), partition: self.partition }),
        }
        .sendable(now, self.max_event_bytes)?;
        let within = write.deadline.unwrap_or(self.deadline);
        let asked = tokio::time::timeout(within, self.ask(&event_id, &entity.to_bytes(), &value)).await;
        let done =
            asked.unwrap_or_else(|_| Err(StateError::DeadlineExceeded { event_id: event_id.clone(), within }))?;
        Ok((done, event_id))
    }

    async fn ask(&self, event_id: &str, key: &[u8], value: &[u8]) -> Result<Done, StateError> {
        let gone = || StateError::Unavailable {
            trouble: Trouble { kind: TroubleKind::Refused, sentence: "the client is closed".to_owned() },
            event_id: Some(event_id.to_owned()),
        };
        let _turn = self.turns.acquire().await.map_err(|_| gone())?;
        let mut waiting = self.pending.expect(event_id)?;
        let outgoing = Outgoing { topic: &self.topic, key: Some(key), value: Some(value), headers: &[] };
        self.producer.send(&outgoing).await.map_err(|trouble| {
            // What only was not acknowledged may have been written.
            let event_id = (trouble.kind == TroubleKind::Unreachable).then(|| event_id.to_owned());
            StateError::Unavailable { trouble, event_id }
        })?;
        waiting.answer().await.ok_or_else(gone)?
    }
}

fn random() -> Result<[u8; 10], StateError> {
    let mut bytes = [0; 10];
    let failed = |error| StateError::Malformed(format!("failed to get random bytes: {error}"));
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
