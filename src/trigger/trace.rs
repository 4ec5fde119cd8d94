//! Why an expression answered as it did: the parts that made the answer, and the fields that they saw.
//!
//! There is no second evaluator here: a condition is only taken apart, at `&&`, `||`, `!` and `? :`, and each part is
//! put to the same evaluator as the whole, which says itself what came of it.

mod junction;
mod names;
mod text;

use std::cell::Cell;
use std::ops::Range;

use cel::common::ast::IdedExpr;

use self::junction::Junction;
use super::expression::{boolean, push_json};
use super::{Expression, ExpressionError, Facts};

/// How many times a condition is taken apart: what is deeper is shown as one part.
const MAX_SPLITS: usize = 64;
/// How many fields are shown of a part.
const MAX_SEEN: usize = 16;

/// A part of a condition that had its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its source text.
    pub text: String,
    /// What it answered.
    pub answer: Answer,
    /// The fields that it names, in the order of the text.
    pub saw: Vec<Seen>,
}

/// What a part of a condition answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It has no answer, and this is why.
    Failed(String),
}

/// A field that an expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The names on the way to it, from the variable on: `data`, `address`, `city`.
    pub path: Vec<String>,
    /// Its value as JSON; `None` where it is absent.
    pub json: Option<String>,
}

impl Expression {
    /// The parts that gave a condition its answer: of an `&&` that is false those that are false, of one that is true
    /// all of them, and of one that failed those that failed.
    #[must_use]
    pub fn parts(&self, facts: &Facts<'_>) -> Vec<Part> {
        let tracing = Tracing { expression: self, facts, splits: Cell::new(0) };
        tracing.judge(self.tree(), 0..self.text().len()).parts
    }

    /// The fields that the expression names, in the order of its text.
    #[must_use]
    pub fn inputs(&self, facts: &Facts<'_>) -> Vec<Seen> {
        seen(self, self.tree(), facts)
    }
}

struct Tracing<'t, 'f> {
    expression: &'t Expression,
    facts: &'t Facts<'f>,
    splits: Cell<usize>,
}

/// What came of a part, and the parts of it that made it so.
struct Judged {
    answer: Result<bool, ExpressionError>,
    parts: Vec<Part>,
}

impl Tracing<'_, '_> {
    fn judge(&self, node: &IdedExpr, extent: Range<usize>) -> Judged {
        let answer = self.expression.evaluate(node, self.facts, |value| boolean(&value));
        let splits = self.splits.get();
        let extent = text::bare(self.expression.text(), extent);
        let parts = Junction::of(node, self.expression.source(), self.expression.text(), &extent)
            .filter(|_| splits < MAX_SPLITS)
            .map(|junction| {
                self.splits.set(splits + 1);
                let parts = self.behind(&junction, &answer);
                if !matches!(junction, Junction::Not(_)) {
                    return parts;
                }
                // Its parts have the other answer: it stands before them itself, once for all around one another.
                let inner = self.expression.text()[extent.clone()].trim_start_matches('!');
                let inner = text::bare(inner, 0..inner.len()).len();
                let within = parts.into_iter().filter(|part| !part.text.starts_with('!') && part.text.len() < inner);
                std::iter::once(self.part(node, extent.clone(), &answer)).chain(within).collect()
            })
            .filter(|parts| !parts.is_empty());
        Judged { parts: parts.unwrap_or_else(|| vec![self.part(node, extent, &answer)]), answer }
    }

    /// The parts behind the answer of a junction.
    fn behind(&self, junction: &Junction<'_>, answer: &Result<bool, ExpressionError>) -> Vec<Part> {
        match junction {
            Junction::Both(sides) => {
                let alike = |side: &Judged| match (&side.answer, answer) {
                    (Ok(side), Ok(whole)) => side == whole,
                    (Err(_), Err(_)) => true,
                    (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
                };
                let judged = sides.iter().map(|(node, extent)| self.judge(node, extent.clone()));
                judged.filter(alike).flat_map(|side| side.parts).collect()
            }
            Junction::Not((node, extent)) => self.judge(node, extent.clone()).parts,
            Junction::Choice { condition, then, otherwise } => {
                let mut condition = self.judge(condition.0, condition.1.clone());
                if let Ok(holds) = condition.answer {
                    let (node, extent) = if holds { then } else { otherwise };
                    condition.parts.extend(self.judge(node, extent.clone()).parts);
                }
                condition.parts
            }
        }
    }

    fn part(&self, node: &IdedExpr, extent: Range<usize>, answer: &Result<bool, ExpressionError>) -> Part {
        Part {
            text: self.expression.text()[extent].to_owned(),
            answer: match answer {
                Ok(true) => Answer::True,
                Ok(false) => Answer::False,
                Err(error) => Answer::Failed(error.message.clone()),
            },
            saw: seen(self.expression, node, self.facts),
        }
    }
}

/// The fields that a part names.
fn seen(expression: &Expression, part: &IdedExpr, facts: &Facts<'_>) -> Vec<Seen> {
    let value = |node: &IdedExpr| {
        let mut json = Vec::new();
        let read = expression.evaluate(node, facts, |value| push_json(&value, &mut json));
        read.ok().and_then(|()| String::from_utf8(json).ok())
    };
    let named = names::of(part).into_iter().take(MAX_SEEN);
    named.map(|(path, node)| Seen { path, json: value(&node) }).collect()
}

#[cfg(test)]
mod tests;
