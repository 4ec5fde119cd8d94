//! `allow`: the codes whose warnings and notes are meant.

use std::collections::BTreeSet;
use std::ops::Range;

use super::codes;
use super::fields::Fields;
use super::names::shorten;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Severity};

/// The codes, and where each stands.
#[derive(Default)]
pub(super) struct Allow(Vec<(&'static str, Range<usize>)>);

impl Allow {
    /// Reads the key.
    pub(super) fn read(report: &mut Report<'_>, top: &Fields<'_>) -> Self {
        let mut allowed = Vec::new();
        let listed = top.get("allow").map(|node| report.scalars(node, "`allow`")).unwrap_or_default();
        for (name, node) in listed {
            match codes::find(name) {
                Some(code) => allowed.push((code.id, node.span.clone())),
                None => {
                    // One digit away stands a code of something else.
                    let numbered = name.len() == 6 && name.ends_with(|c: char| c.is_ascii_digit());
                    let mut near = || report.suggest(name, codes::ALL.iter().map(|code| code.id));
                    let help = if numbered { None } else { near() };
                    let help = help.unwrap_or_else(|| "a code is `RB` and four digits, as in `RB0154`".to_owned());
                    let message = format!("there is no code `{}`", shorten(name));
                    report.error(codes::BAD_ALLOW, &node.span, message).help(help);
                }
            }
        }
        Self(allowed)
    }

    /// Takes what is allowed out of the findings, and gives the entries that took nothing out. Errors stay.
    pub(super) fn apply(&self, found: &mut Vec<Diagnostic>) -> Vec<Idle> {
        let mut hidden = BTreeSet::new();
        let mut errors = BTreeSet::new();
        found.retain(|finding| {
            let error = finding.severity == Severity::Error;
            let hide = !error && self.names(finding.code);
            if error {
                errors.insert(finding.code);
            } else if hide {
                hidden.insert(finding.code);
            }
            !hide
        });
        let mut idle = Vec::new();
        let mut seen = BTreeSet::new();
        for (code, at) in &self.0 {
            let why = if codes::ALWAYS_ERRORS.contains(code) && !errors.contains(code) {
                Why::NeverHidden
            } else if !hidden.contains(code) && errors.contains(code) {
                Why::Error
            } else if !seen.insert(code) {
                Why::Again
            } else if !hidden.contains(code) && errors.is_empty() {
                Why::Nothing
            } else {
                continue;
            };
            idle.push(Idle { code, at: at.clone(), why });
        }
        self.without_those_allowed(idle)
    }

    /// Idle entries may themselves be allowed, by an entry that is idle where there are none.
    fn without_those_allowed(&self, mut idle: Vec<Idle>) -> Vec<Idle> {
        if self.names(codes::UNUSED_ALLOW) && idle.iter().any(|entry| entry.code != codes::UNUSED_ALLOW) {
            idle.retain(|entry| matches!(entry.why, Why::Error | Why::NeverHidden));
        }
        idle
    }

    fn names(&self, code: &str) -> bool {
        self.0.iter().any(|(allowed, _)| *allowed == code)
    }
}

/// An entry that hides nothing.
pub(super) struct Idle {
    code: &'static str,
    at: Range<usize>,
    why: Why,
}

#[derive(Clone, Copy)]
enum Why {
    /// What is found is an error.
    Error,
    /// What would be found would be an error.
    NeverHidden,
    /// It is there already.
    Again,
    /// Nothing of the kind is found.
    Nothing,
}

impl Idle {
    /// Says so.
    pub(super) fn report(&self, report: &mut Report<'_>) {
        let Self { code, at, why } = self;
        match why {
            Why::Error => report
                .error(codes::BAD_ALLOW, at, format!("`{code}` is an error here, and errors cannot be allowed"))
                .hint("mend it, and remove the code from `allow`"),
            Why::NeverHidden => report
                .error(codes::BAD_ALLOW, at, format!("`{code}` is always an error, and errors cannot be allowed"))
                .hint("remove the code from `allow`"),
            Why::Again => {
                report.warning(codes::UNUSED_ALLOW, at, format!("`{code}` is allowed already")).hint("remove it")
            }
            Why::Nothing => report
                .warning(codes::UNUSED_ALLOW, at, format!("`{code}` is allowed, and nothing of it is found"))
                .hint("remove it"),
        }
    }
}
