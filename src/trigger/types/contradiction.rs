//! What a chain of `&&` asks of one value that no value answers, such as `x > 1.0 && x < 0.0`; and a chain of `||` that
//! would be false only so, and always holds.

use std::sync::Arc;

use cel::common::ast::{CallExpr, IdedExpr, operators as op};

use super::facts::{Asks, Fact, Facts, SIZE, Says};
use super::given::{Given, Ty};
use super::guards;
use super::kinds::Kind;
use super::known::{Known, Range};
use super::operators::Sides;
use super::walk::Walk;
use super::words::list_of;

/// A chain that answers alike whatever the event says.
#[derive(Debug, Clone)]
pub(super) struct Contradiction {
    /// Where it stands.
    pub(super) at: Option<usize>,
    /// Its answer.
    pub(super) answer: bool,
    /// The value, and what is asked of it.
    pub(super) asked: (String, String),
}

impl Contradiction {
    /// What makes it answer so.
    pub(super) fn help(&self) -> String {
        let (value, all) = &self.asked;
        if self.answer {
            format!("it is false only where {value} is {all} at once, and there is no such value")
        } else {
            format!("{value} is never {all} at once")
        }
    }
}

impl<'c> Walk<'c, '_> {
    /// `&&` and `||`: each side under what the other makes sure of.
    pub(super) fn logic(&mut self, (node, call): (&IdedExpr, &CallExpr), sides: Sides<'_>) -> Given<'c> {
        let goes_on = call.func_name == op::LOGICAL_AND;
        let (of_left, of_right) = (guards::implied(sides.left, goes_on), guards::implied(sides.right, goes_on));
        let one = self.under(of_right.clone().presence(), |walk| walk.boolean(sides.left));
        let two = self.under(of_left.clone().presence(), |walk| walk.boolean(sides.right));
        Given::bool(match (one, two) {
            (Some(truth), _) | (_, Some(truth)) if truth != goes_on => Some(truth),
            (Some(_), Some(_)) => Some(goes_on),
            // Where the two together cannot go on, the chain has its other answer.
            _ => self.contradicted(&of_left.and(of_right), !goes_on).map(|asked| {
                let at = self.place(node);
                self.contradictions.push(Contradiction { at, answer: !goes_on, asked });
                !goes_on
            }),
        })
    }

    /// The first value of which these facts say what excludes itself. What `||` would have to ask counts only of a value
    /// that is declared: what may be anything may also fail.
    pub(super) fn contradicted(&self, facts: &Facts, declared_only: bool) -> Option<(String, String)> {
        let mut seen: Vec<&[Arc<str>]> = Vec::new();
        for fact in facts.iter() {
            if seen.contains(&&*fact.path) {
                continue;
            }
            seen.push(&fact.path);
            let about: Vec<&Fact> = facts.iter().filter(|other| other.path == fact.path).collect();
            let given = self.at_path(&fact.path);
            let sure = given.is_some() || !declared_only || about.iter().all(|fact| fact.says.is_presence());
            if sure && about.len() > 1 && excludes_itself(&about, given.as_ref()) {
                let said: Vec<String> = about.iter().map(|fact| fact.says.text()).collect();
                return Some((format!("`{}`", guards::written(&fact.path)), list_of(&said)));
            }
        }
        None
    }

    /// The declared value at a path, with what is known of it here.
    fn at_path(&self, path: &[Arc<str>]) -> Option<Given<'c>> {
        let (variable, rest) = path.split_first()?;
        let found = rest.iter().try_fold(self.ident(variable), |given, step| {
            if **step == *SIZE {
                return Some(Given::size());
            }
            let Ty::Object(contract) = &given.ty else { return Self::element(&given, step) };
            Some(given.facts.field(&contract.fields[contract.position(step)?]))
        })?;
        (!found.is_open()).then_some(found)
    }
}

/// Whether no value is all of this.
fn excludes_itself(about: &[&Fact], given: Option<&Given<'_>>) -> bool {
    let says = |wanted: &Says| about.iter().any(|fact| fact.says == *wanted);
    let opposed = |one: &&Fact| about.iter().any(|two| one.says.opposes(&two.says));
    (says(&Says::Is(true)) && says(&Says::Is(false)))
        || about.iter().any(opposed)
        || (says(&Says::Present) && says(&Says::Absent))
        || no_word(about, given)
        || no_number(about, given)
}

/// Whether no string is left.
fn no_word(about: &[&Fact], given: Option<&Given<'_>>) -> bool {
    let mut left: Option<Vec<Arc<str>>> = match given.map(|given| &given.known) {
        Some(Known::Words(words)) => Some(words.clone()),
        _ => None,
    };
    for fact in about {
        if let Says::OneOf(words) = &fact.says {
            left.get_or_insert_with(|| words.clone());
        }
    }
    left.is_some_and(|left| !left.iter().any(|word| about.iter().all(|fact| fact.says.takes(word))))
}

/// Whether no number is left.
fn no_number(about: &[&Fact], given: Option<&Given<'_>>) -> bool {
    let range = given.map_or(Range::ALL, |given| given.known.range());
    let whole = given.is_some_and(|given| given.ty == Ty::Plain(Kind::Int));
    let (mut min, mut max) = ((range.min, false), (range.max, false));
    let mut asked = false;
    for fact in about {
        let Says::Within { range, open } = &fact.says else { continue };
        asked = true;
        if range.min > min.0 || (range.min == min.0 && *open) {
            min = (range.min, *open);
        }
        if range.max < max.0 || (range.max == max.0 && *open) {
            max = (range.max, *open);
        }
    }
    if whole {
        min = (if min.1 { min.0.floor() + 1.0 } else { min.0.ceil() }, false);
        max = (if max.1 { max.0.ceil() - 1.0 } else { max.0.floor() }, false);
    }
    let excepted = |value: f64| about.iter().any(|fact| matches!(fact.says, Says::Not(other) if other == value));
    asked && (min.0 > max.0 || (min.0 == max.0 && (min.1 || max.1 || excepted(min.0))))
}

impl Says {
    /// Whether no text is both.
    fn opposes(&self, other: &Self) -> bool {
        let (Self::Text { asks, with, truth }, Self::Text { asks: asked, with: word, truth: answer }) = (self, other)
        else {
            return false;
        };
        let two_begins = *truth && *answer && *asks == Asks::Begins && !with.starts_with(&**word);
        asks == asked && ((with == word && truth != answer) || (two_begins && !word.starts_with(&**with)))
    }

    const fn is_presence(&self) -> bool {
        matches!(self, Self::Present | Self::Absent)
    }

    /// Behind "is".
    fn text(&self) -> String {
        let words = |words: &[Arc<str>]| {
            let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            list_of(&quoted).replace(" and ", " or ")
        };
        match self {
            Self::Present => "there".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Is(answer) => answer.to_string(),
            Self::OneOf(some) => words(some),
            Self::NoneOf(none) => format!("other than {}", words(none)),
            Self::Not(value) => format!("other than {value}"),
            Self::Text { asks, with, truth } => {
                let asked = match asks {
                    Asks::Begins => "beginning with",
                    Asks::Ends => "ending with",
                    Asks::Contains => "a text with",
                    Asks::Matches => "like",
                };
                format!("{}{asked} `{with}`", if *truth { "" } else { "not " })
            }
            Self::Within { range, open } => match (range.single(), *open, range.min.is_finite()) {
                (Some(value), ..) => value.to_string(),
                (None, true, true) => format!("more than {}", range.min),
                (None, true, false) => format!("less than {}", range.max),
                (None, false, true) => format!("at least {}", range.min),
                (None, false, false) => format!("at most {}", range.max),
            },
        }
    }
}
