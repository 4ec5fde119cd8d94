//! From records to piles of entries, and from piles to findings.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use super::report::Counted;
use super::sorter::Sorter;
use crate::catalogue::Kind;
use crate::kafka::reader::ReadRecord;
use crate::kernel::Rules;
use crate::verify::reading::{Reading, Seen};
use crate::verify::{
    Count, Entry, Finding, Findings, Out, PILES, Pile, Place, Scope, What, causes, derived, entities, order, repeats,
    sources, values,
};

/// How many ids with other data are named.
const MOST_IDS: usize = 10;

/// Everything that was read, until it is judged.
#[derive(Debug)]
pub(super) struct Collector {
    piles: [Sorter; PILES],
    pub(super) findings: Findings,
    counted: Counted,
    /// For each partition of a topic, by its number: when its first record was written.
    first: HashMap<(u16, i32), i64>,
    /// For each partition of a source, what audit records name of it.
    audited: HashMap<(u16, i32), Audited>,
    /// Where the logs of the sources begin.
    starts: HashMap<(u16, i32), i64>,
    /// The first failure to write, which is told with the next record.
    failed: io::Result<()>,
}

/// Offsets of a partition that audit records name.
#[derive(Debug, Clone, Copy)]
struct Audited {
    lowest: i64,
    highest: i64,
    /// The highest of those that the log has no more.
    gone: Option<i64>,
}

impl Collector {
    /// Nothing yet, and room for so many examples of each kind of damage.
    pub(super) fn new(examples: usize, scope: &Scope) -> Self {
        Self {
            piles: std::array::from_fn(|_| Sorter::new()),
            findings: Findings::keeping(examples),
            counted: Counted::default(),
            first: HashMap::new(),
            audited: HashMap::new(),
            starts: scope.sources.iter().map(|(one, reach)| (*one, reach.from)).collect(),
            failed: Ok(()),
        }
    }

    /// When the first record of a partition was written.
    pub(super) fn first(&self, topic: u16, partition: i32) -> Option<i64> {
        self.first.get(&(topic, partition)).copied()
    }

    /// The lowest offset of a source's partition that is audited.
    pub(super) fn first_audited(&self, topic: u16, partition: i32) -> Option<i64> {
        self.audited.get(&(topic, partition)).map(|audited| audited.lowest)
    }

    /// The highest.
    pub(super) fn last_audited(&self, topic: u16, partition: i32) -> Option<i64> {
        self.audited.get(&(topic, partition)).map(|audited| audited.highest)
    }

    /// The offsets of each source's partition that were removed, behind the last one that was decided on before that.
    pub(super) fn unread(&self) -> impl Iterator<Item = ((u16, i32), Range<i64>)> {
        self.audited.iter().filter_map(|(one, audited)| {
            let unread = audited.gone? + 1..*self.starts.get(one)?;
            (!unread.is_empty()).then_some((*one, unread))
        })
    }

    /// Takes a record that was read.
    pub(super) fn take(&mut self, rules: &Rules, scope: &Scope, record: &ReadRecord) -> io::Result<()> {
        let Some(topic) = scope.topics.number(&record.topic) else { return Ok(()) };
        let place = Place { topic, partition: record.partition, offset: record.offset.0 };
        // What has no time is judged whenever anything is.
        let time = record.timestamp.map_or(i64::MAX, crate::time::Timestamp::millis);
        self.first.entry((topic, record.partition)).or_insert(time);
        // A little before that was read for what belongs together, and is not judged.
        if time >= scope.since {
            self.count_record(rules, scope, place);
        }
        let seen =
            Seen { place, time, key: record.key.as_deref(), value: record.value.as_deref(), headers: &record.headers };
        Reading { rules, scope }.take(&seen, self);
        std::mem::replace(&mut self.failed, Ok(()))
    }

    fn count_record(&mut self, rules: &Rules, scope: &Scope, place: Place) {
        let counted = &mut self.counted;
        let topics = &scope.topics;
        let kind = topics.event_type(place.topic).map(|id| &rules.catalogue.event_type(id).kind);
        *match kind {
            Some(Kind::Fact(_)) if scope.consumed(place) => &mut counted.consumed,
            Some(Kind::Fact(_)) => &mut counted.waiting,
            Some(Kind::Command(_)) => &mut counted.derived,
            None if place.topic == topics.updates() && scope.consumed(place) => &mut counted.updates,
            None if place.topic == topics.updates() => &mut counted.updates_waiting,
            None if place.topic == topics.state() => &mut counted.values,
            None if place.topic == topics.dead_letters() => &mut counted.dead_letters,
            None => &mut counted.audit_records,
        } += 1;
    }

    /// Judges pile after pile: what one hands on is judged by a later one.
    pub(super) fn judge(mut self, scope: &Scope) -> io::Result<(Counted, Findings)> {
        let mut judge = derived::Judge::new(scope);
        self.each(Pile::Derived, |entry, out| judge.take(entry, out))?;
        judge.close(&mut self);
        let mut judge = sources::Judge::new(scope);
        self.each(Pile::Sources, |entry, out| judge.take(entry, out))?;
        judge.close(&mut self);
        let mut judge = values::Judge::new(scope);
        self.each(Pile::Values, |entry, out| judge.take(entry, out))?;
        judge.close(&mut self);
        let mut judge = entities::Judge::new(scope);
        self.each(Pile::Entities, |entry, out| judge.take(entry, out))?;
        judge.close(&mut self);
        let mut judge = repeats::Judge::new(scope);
        self.each(Pile::Repeats, |entry, out| judge.take(entry, out))?;
        let mut judge = order::Judge::new(scope);
        self.each(Pile::Order, |entry, out| judge.take(entry, out))?;
        let mut judge = causes::Judge::new(scope);
        self.each(Pile::Causes, |entry, out| judge.take(entry, out))?;
        self.failed?;
        Ok((self.counted, self.findings))
    }

    fn each(&mut self, pile: Pile, mut judge: impl FnMut(&Entry, &mut Self)) -> io::Result<()> {
        let sorter = std::mem::replace(&mut self.piles[pile as usize], Sorter::new());
        for entry in sorter.sorted()? {
            judge(&entry?, self);
            std::mem::replace(&mut self.failed, Ok(()))?;
        }
        Ok(())
    }
}

impl Out for Collector {
    fn put(&mut self, pile: Pile, entry: Entry) {
        if matches!(entry.what, What::Audited(_)) {
            let Place { topic, partition, offset } = entry.source;
            let new = Audited { lowest: offset, highest: offset, gone: None };
            let audited = self.audited.entry((topic, partition)).or_insert(new);
            (audited.lowest, audited.highest) = (offset.min(audited.lowest), offset.max(audited.highest));
            if self.starts.get(&(topic, partition)).is_some_and(|start| offset < *start) {
                audited.gone = audited.gone.max(Some(offset));
            }
        }
        let put = self.piles[pile as usize].push(&entry);
        if self.failed.is_ok() {
            self.failed = put;
        }
    }

    fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn count(&mut self, what: Count, more: u64) {
        *match what {
            Count::Repeated => &mut self.counted.repeated,
            Count::OtherData => &mut self.counted.other_data,
            Count::DecidedAgain => &mut self.counted.decided_again,
            Count::OtherCatalogue => &mut self.counted.other_catalogue,
            Count::OtherTypes => &mut self.counted.other_types,
            Count::UnseenFirst => &mut self.counted.unseen_first,
        } += more;
    }

    fn differs(&mut self, id: String) {
        let ids = &mut self.counted.other_data_ids;
        if ids.len() < MOST_IDS {
            ids.push(id);
        }
    }
}
