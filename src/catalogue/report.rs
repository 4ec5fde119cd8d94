//! Where findings are collected, placed and put in order.

use std::ops::Range;

use super::allow::Allow;
use super::codes;
use super::names::is_event;
pub(super) use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Severity};

/// How many findings are shown at most.
pub(super) const MAX_FINDINGS: usize = 1000;
/// How many findings get a "did you mean", which compares a word with every name there is.
const MAX_SUGGESTIONS: usize = 200;

/// The findings about one file.
pub(super) struct Report<'t> {
    file: &'t str,
    text: &'t str,
    lines: Vec<usize>,
    found: Vec<Diagnostic>,
    suggested: usize,
}

impl<'t> Report<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file, text, lines: std::iter::once(0).chain(starts).collect(), found: Vec::new(), suggested: 0 }
    }

    pub(super) const fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Found<'_> {
        self.add(Severity::Error, code, span, message.into())
    }

    pub(super) fn warning(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Found<'_> {
        self.add(Severity::Warning, code, span, message.into())
    }

    pub(super) fn note(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Found<'_> {
        self.add(Severity::Note, code, span, message.into())
    }

    /// Whether there is an error among the findings so far.
    pub(super) fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The line of a byte, from 1, for sentences that name a second place.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    /// "`x`?" for the candidate that is nearest to what was written, if any is near.
    pub(super) fn suggest<'c>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
        self.suggested += 1;
        if self.suggested > MAX_SUGGESTIONS {
            return None;
        }
        nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
    }

    /// As [`Self::suggest`], for names of event types: also one of the same module that begins or ends alike, such as
    /// `pipeline.deal_won` for `pipeline.closed_won`.
    pub(super) fn suggest_event<'c, I>(&mut self, word: &str, candidates: impl Fn() -> I) -> Option<String>
    where
        I: Iterator<Item = &'c str>,
    {
        self.suggested += 1;
        if self.suggested > MAX_SUGGESTIONS {
            return None;
        }
        if let Some(near) = nearest(word, candidates()) {
            return Some(match is_event(near) {
                true => format!("did you mean `{near}`?"),
                false => format!("`{near}` is declared, and is no name of an event type: put it right there"),
            });
        }
        let Some((module, action)) = word.split_once('.') else {
            let named = |name: &&str| name.split_once('.').is_some_and(|(_, action)| action == word);
            return candidates().find(named).map(|near| format!("did you mean `{near}`?"));
        };
        let alike = |other: &str| {
            let last = |name: &str| name.rsplit_once('_').map(|(_, last)| last.to_owned());
            other.starts_with(action)
                || action.starts_with(other)
                || (last(action).is_some() && last(action) == last(other))
        };
        candidates()
            .find(|name| name.split_once('.').is_some_and(|(of, other)| of == module && alike(other)))
            .map(|near| format!("did you mean `{near}`?"))
    }

    fn add(&mut self, severity: Severity, code: &'static str, span: &Range<usize>, message: String) -> Found<'_> {
        debug_assert!(severity == Severity::Error || !codes::ALWAYS_ERRORS.contains(&code), "{code} is no error here");
        self.found.push(Diagnostic {
            code,
            severity,
            message,
            file: self.file.to_owned(),
            // Places are filled in at the end, for those that are shown.
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            help: None,
            span: span.clone(),
        });
        Found(self.found.last_mut())
    }

    /// The findings by place, without those that are allowed.
    pub(super) fn finish(mut self, allow: &Allow) -> Vec<Diagnostic> {
        for idle in allow.apply(&mut self.found) {
            idle.report(&mut self);
        }
        self.found.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.span.start, std::cmp::Reverse(d.severity), d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        // What stands once in the file and is used twice through a YAML alias is said once.
        self.found.dedup();
        let all = self.found.len();
        for least in [Severity::Warning, Severity::Error] {
            if self.found.len() > MAX_FINDINGS {
                self.found.retain(|finding| finding.severity >= least);
            }
        }
        self.cut(all);
        for at in 0..self.found.len() {
            let Range { start, end } = self.found[at].span;
            (self.found[at].line, self.found[at].column) = self.place(start);
            (self.found[at].end_line, self.found[at].end_column) = self.place(end.min(self.text.len()));
        }
        self.found
    }

    /// Leaves out what is more than a person reads, and says so in the place of it.
    fn cut(&mut self, all: usize) {
        self.found.truncate(MAX_FINDINGS);
        let more = all - self.found.len();
        if more > 0
            && let Some(last) = self.found.last()
        {
            let (severity, span) = (last.severity, last.span.clone());
            self.add(severity, codes::TOO_MANY, &span, format!("{more} more findings are not shown"));
        }
    }

    /// Line and column, both from 1, the column in characters.
    fn place(&self, at: usize) -> (u32, u32) {
        let line = self.line(at);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or("").trim_start_matches('\u{feff}');
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (narrow(line), narrow(before.chars().count() + 1))
    }
}

/// A finding that was just added.
pub(super) struct Found<'r>(Option<&'r mut Diagnostic>);

impl Found<'_> {
    /// Adds what to do about it.
    pub(super) fn help(self, help: impl Into<Option<String>>) {
        if let (Some(found), Some(help)) = (self.0, help.into()) {
            found.help = Some(help);
        }
    }

    /// Adds what to do about it.
    pub(super) fn hint(self, help: &str) {
        self.help(help.to_owned());
    }
}
