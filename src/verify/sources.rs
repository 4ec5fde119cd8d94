//! By source record: one audit record, and one dead letter where that says so (AU-1, EO-1); and what it says is what
//! deciding again gives.

use super::values::change;
use super::verdict::{Verdict, Wrong};
use super::{Count, Damage, Entry, Fate, Finding, Out, Pile, Scope, What, repeats};
use crate::catalogue::AuditMode;

/// What is said of a record without any trace.
pub(super) const UNTRACED: &str = "was consumed, and nothing came of it: no audit record, dead letter or derived event";

/// Judges the pile [`Pile::Sources`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: Option<u128>,
    known: Known,
}

/// What is known of one source record.
#[derive(Debug, Default)]
struct Known {
    source: Option<Entry>,
    audit: Option<(Entry, Fate)>,
    letter: Option<Entry>,
    met: bool,
    missing: bool,
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub fn new(scope: &'a Scope) -> Self {
        Self { scope, group: None, known: Known::default() }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if self.group != Some(entry.group) {
            self.close(out);
            self.group = Some(entry.group);
        }
        let known = &mut self.known;
        let again = match entry.what {
            What::Audited(fate) => match known.audit {
                None => {
                    known.audit = Some((*entry, fate));
                    None
                }
                Some(_) => Some("audits"),
            },
            What::Buried => known.letter.replace(*entry).map(|_| "is a dead letter of"),
            What::Met => {
                known.met = true;
                None
            }
            What::Missing => {
                known.missing = true;
                None
            }
            What::Source => {
                known.source = Some(*entry);
                None
            }
            // Of other piles.
            What::Named
            | What::Possible
            | What::Again
            | What::Derived
            | What::Ordered
            | What::Unaudited
            | What::Untraced
            | What::Change
            | What::Value
            | What::Absent
            | What::Settled
            | What::Duplicate => None,
        };
        if let Some(verb) = again.filter(|_| entry.time >= self.scope.since) {
            let sentence = format!("{verb} {}, as another does already", self.scope.topics.place(entry.source));
            out.find(self.finding(Damage::Duplicated, entry, sentence));
        }
    }

    /// Judges what is left.
    pub fn close(&mut self, out: &mut impl Out) {
        let known = std::mem::take(&mut self.known);
        self.phantom(&known, out);
        self.compare_letter(&known, out);
        if let Some((audit, fate)) = &known.audit {
            self.ledger(audit, *fate, known.source.as_ref(), out);
            if let Some(source) = &known.source {
                self.compare(audit, source, out);
            }
        }
        match (known.audit, known.letter, self.scope.audit) {
            (Some((audit, Fate::Dead)), None, _) => self.unburied(&audit, out),
            (
                Some((_, Fate::Routed | Fate::Nothing | Fate::Denied | Fate::Changed | Fate::Repeated)),
                Some(letter),
                _,
            ) => {
                self.torn(&letter, "is a dead letter of a record that is audited as none", out);
            }
            (Some((audit, Fate::Changed)), None, _) => {
                out.put(Pile::Values, change(&audit, known.source.as_ref(), &self.scope.topics));
            }
            (None, Some(letter), AuditMode::On) if self.scope.judges(letter.time, self.scope.topics.audit()) => {
                let without = match self.scope.since {
                    i64::MIN => "is a dead letter without an audit record",
                    _ => "is a dead letter without an audit record of the time that is judged",
                };
                self.torn(&letter, without, out);
            }
            (None, None, AuditMode::On) => self.untraced(&known, out),
            (None, _, AuditMode::Off) => self.unaudited(&known, out),
            (Some(_), _, _) | (None, Some(_), AuditMode::On) => {}
        }
    }

    /// An audit record or a dead letter of a record that is not there.
    fn phantom(&self, known: &Known, out: &mut impl Out) {
        let of = known.audit.map(|(audit, _)| audit).or(known.letter);
        if let (None, Some(of)) = (known.source, of)
            && self.scope.has_no_record_at(of.source)
        {
            let sentence = format!("is of {}, where no record stands", self.scope.topics.place(of.source));
            self.torn(&of, &sentence, out);
        }
    }

    /// What is settled counts against its repetition, and what is a repetition was settled before.
    fn ledger(&self, audit: &Entry, fate: Fate, source: Option<&Entry>, out: &mut impl Out) {
        let what = match fate {
            Fate::Routed | Fate::Nothing | Fate::Changed => What::Settled,
            Fate::Repeated => What::Duplicate,
            Fate::Dead | Fate::Denied => return,
        };
        let cause = source.map_or(audit.cause, |source| source.cause);
        out.put(Pile::Repeats, Entry { group: repeats::group(cause, audit.source), what, ..*audit });
    }

    /// Whether a fact's audit record says what deciding on it again gives.
    fn compare(&self, audit: &Entry, source: &Entry, out: &mut impl Out) {
        let topics = &self.scope.topics;
        if audit.time < self.scope.since {
            return;
        }
        if source.place.topic == topics.updates() {
            return self.compare_event(audit, source, out);
        }
        let (Some(said), Some(again)) = (Verdict::unpack(audit.more), Verdict::unpack(source.more)) else {
            out.count(Count::OtherCatalogue, 1);
            // Which event it is, every catalogue tells.
            return self.compare_cause(audit, source, out);
        };
        out.count(Count::DecidedAgain, 1);
        // Deciding again knew no time; the time of the decision says whether the fact's own lay too far ahead.
        let again = if audit.at < source.at { Verdict::ahead() } else { again };
        let Some(wrong) = said.against(again) else { return self.compare_event(audit, source, out) };
        let (of, sentence) = match wrong {
            Wrong::Lost => (source, format!("is audited as {said}, and deciding again gives {again}")),
            Wrong::Details => {
                let place = topics.place(source.place);
                (audit, format!("names other derived events, triggers or reasons than deciding on {place} again gives"))
            }
            Wrong::Another => {
                let place = topics.place(source.place);
                (audit, format!("audits {place} as {said}, and deciding again gives {again}"))
            }
        };
        out.find(self.finding(wrong.damage(), of, sentence));
    }

    /// Whether an audit record is of the event that its source record is.
    fn compare_cause(&self, audit: &Entry, source: &Entry, out: &mut impl Out) {
        if audit.cause != 0 && source.cause != 0 && audit.cause != source.cause {
            let place = self.scope.topics.place(source.place);
            self.torn(audit, &format!("names another event than {place} is"), out);
        }
    }

    /// Whether an audit record says of its event what stands in its source record.
    fn compare_event(&self, audit: &Entry, source: &Entry, out: &mut impl Out) {
        if audit.said != 0 && source.said != 0 && audit.said != source.said {
            let place = self.scope.topics.place(source.place);
            let sentence = if audit.cause == source.cause {
                format!("says something else of the event than {place} does")
            } else {
                format!("names another event than {place} is")
            };
            self.torn(audit, &sentence, out);
        }
    }

    /// Whether a dead letter is its source record, and says what its audit record says.
    fn compare_letter(&self, known: &Known, out: &mut impl Out) {
        let Some(letter) = &known.letter else { return };
        if let Some(source) = known.source
            && letter.content != 0
            && letter.content != source.content
        {
            let place = self.scope.topics.place(source.place);
            let sentence =
                format!("has another key, value, headers or time than {place}, of which it is a dead letter");
            self.torn(letter, &sentence, out);
        }
        if let Some((audit, Fate::Dead)) = known.audit
            && audit.content != 0
            && letter.said != audit.content
        {
            let place = self.scope.topics.place(audit.place);
            let sentence =
                format!("names other reasons, or another tenant, catalogue or count of replays, than {place}");
            self.torn(letter, &sentence, out);
        }
    }

    fn unburied(&self, audit: &Entry, out: &mut impl Out) {
        if self.scope.judges(audit.time, self.scope.topics.dead_letters()) && self.scope.consumed(audit.source) {
            let source = self.scope.topics.place(audit.source);
            self.torn(audit, &format!("audits {source} as refused, and there is no dead letter of it"), out);
        }
    }

    fn untraced(&self, known: &Known, out: &mut impl Out) {
        let Some(source) = known.source.filter(|source| self.scope.must_be_traced(source)) else { return };
        if source.cause == 0 {
            out.find(self.finding(Damage::Lost, &source, UNTRACED.to_owned()));
        } else {
            // Only its audit record may be missing: what it caused may be there.
            out.put(Pile::Causes, Entry { group: source.cause.into(), what: What::Untraced, ..source });
        }
    }

    /// What can be said where nothing is audited.
    fn unaudited(&self, known: &Known, out: &mut impl Out) {
        let Some(source) = known.source.filter(|source| self.scope.must_be_traced(source)) else { return };
        match (known.letter, known.met, known.missing) {
            (Some(letter), true, _) => self.torn(&letter, "is a dead letter of a record that was routed too", out),
            (None, true, true) => self.torn(&source, "was routed in part: a derived event is missing", out),
            (None, false, true) => {
                let sentence = "was consumed, and nothing came of it: no dead letter or derived event".to_owned();
                out.find(self.finding(Damage::Lost, &source, sentence));
            }
            (Some(_), false, _) | (None, _, false) => {}
        }
    }

    fn torn(&self, entry: &Entry, sentence: &str, out: &mut impl Out) {
        if entry.time >= self.scope.since {
            out.find(self.finding(Damage::Torn, entry, sentence.to_owned()));
        }
    }

    fn finding(&self, damage: Damage, entry: &Entry, sentence: String) -> Finding {
        self.scope.topics.finding(damage, entry.place, None, sentence)
    }
}
