//! Carries dead letters back: each transaction holds some of them, and the marks that say so.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::judge::Going;
use super::{Judge, Letter, Mark};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::kafka::config::KafkaSettings;
use crate::kafka::transactions::{Outgoing, TransactionError, Transactions};
use crate::kafka::trouble::TroubleKind;
use crate::kernel::Rules;

/// When a transaction is full. Who reads committed records waits behind an open one, so it is a short one.
const MOST_RECORDS: usize = 1000;
const MOST_BYTES: usize = 4 << 20;
const MOST_TIME: Duration = Duration::from_millis(500);

/// Carries dead letters back.
pub(super) struct Courier<'a> {
    transactions: Transactions,
    rules: &'a Rules,
    marks: String,
    edits: Vec<String>,
    open: Option<Batch>,
    committed: u64,
}

/// What the open transaction holds.
struct Batch {
    begun: Instant,
    records: usize,
    bytes: usize,
    marks: BTreeMap<i32, Mark>,
}

impl<'a> Courier<'a> {
    /// Becomes the one process that sends dead letters of this catalogue back; another one is fenced, and what it left
    /// open is taken back.
    pub(super) fn connect(
        settings: &KafkaSettings,
        rules: &'a Rules,
        edits: Vec<String>,
    ) -> Result<Self, TransactionError> {
        let facts = rules.catalogue.facts().map(|(id, ..)| rules.topology.types[id.index()].max_message_bytes);
        let updates = rules.topology.state.updates.max_message_bytes;
        let least = facts.chain([updates]).min().unwrap_or(usize::MAX);
        let transactions = Transactions::connect(settings, &transactional_id(&rules.catalogue), least)?;
        let marks = rules.catalogue.prefixed(ControlTopic::Replays.name());
        Ok(Self { transactions, rules, marks, edits, open: None, committed: 0 })
    }

    /// How many were sent back for good.
    pub(super) const fn committed(&self) -> u64 {
        self.committed
    }

    /// Sends a letter back, in the open transaction.
    pub(super) fn send(&mut self, judge: &Judge<'_>, letter: &Letter, going: &Going) -> Result<(), TransactionError> {
        if self.open.is_none() {
            self.transactions.begin()?;
        }
        let empty = || Batch { begun: Instant::now(), records: 0, bytes: 0, marks: BTreeMap::new() };
        // Out of its place until the letter is in the queue: of a transaction that failed nothing is left.
        let mut batch = self.open.take().unwrap_or_else(empty);
        let value = going.edited.as_deref().or(letter.record.value.as_deref());
        let count = letter.replays.saturating_add(1).to_string();
        self.transactions.send(&Outgoing {
            topic: &going.topic.topic(&self.rules.catalogue),
            partition: going.partition,
            key: letter.record.key.as_deref(),
            value,
            headers: &letter.headers_back(judge.note(), &count),
        })?;
        batch.records += 1;
        batch.bytes += value.map_or(0, <[u8]>::len);
        let partition = letter.place().partition;
        let mark = batch.marks.entry(partition).or_insert_with(|| Mark::new(partition, self.edits.clone()));
        mark.add(letter);
        self.open = Some(batch);
        Ok(())
    }

    /// Commits the open transaction once it is full or old.
    pub(super) fn commit_if_due(&mut self) -> Result<(), TransactionError> {
        let due = self.open.as_ref().is_some_and(|batch| {
            batch.records >= MOST_RECORDS || batch.bytes >= MOST_BYTES || batch.begun.elapsed() >= MOST_TIME
        });
        if due { self.commit() } else { Ok(()) }
    }

    /// Commits the open transaction.
    pub(super) fn commit(&mut self) -> Result<(), TransactionError> {
        let Some(batch) = self.open.take() else { return Ok(()) };
        for (partition, mark) in &batch.marks {
            let key = partition.to_string();
            self.transactions.send(&Outgoing {
                topic: &self.marks,
                partition: None,
                key: Some(key.as_bytes()),
                value: Some(&mark.write()),
                headers: &[],
            })?;
        }
        self.transactions.commit().map_err(slow)?;
        self.committed += batch.records as u64;
        Ok(())
    }
}

/// Where brokers are slow, or a quota is small, a whole transaction may not pass in its time.
fn slow(error: TransactionError) -> TransactionError {
    match error {
        TransactionError::Trouble(mut trouble) if trouble.kind == TroubleKind::Unreachable => {
            trouble
                .sentence
                .push_str("; with `--rate 100/s` fewer go at a time, where a quota or a slow broker lets few pass");
            trouble.into()
        }
        other @ (TransactionError::Fenced(_) | TransactionError::Trouble(_)) => other,
    }
}

/// One for each catalogue's prefix, so that two replays never run side by side: each would send what the other has not
/// marked yet.
fn transactional_id(catalogue: &Catalogue) -> String {
    catalogue.prefixed("revbus.replay")
}
