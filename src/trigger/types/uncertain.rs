//! What fails on some events, though they keep their contracts: a field that is declared nowhere, a place that a list may
//! not have, a text that may be no number.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::CelString;
use cel::{Context, Value};

use super::facts::{Facts, SIZE, Says};
use super::fields::{Access, Asked, answer, ask_first};
use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::kinds::Kind;
use super::known::{Form, Known};
use super::walk::Walk;
use crate::diagnostic::nearest;
use crate::trigger::functions;

impl<'c> Walk<'c, '_> {
    /// A field of which nothing is declared.
    pub(super) fn open_field(&mut self, facts: &Facts, asked: Asked<'_>) -> Given<'c> {
        if asked.access == Access::Read
            && !facts.has(asked.name)
            && let Some(path) = asked.path()
        {
            let message = format!("`{path}` is declared nowhere, and where it is absent this fails");
            if let Some(found) = self.find(FindingKind::MayFail, asked.at, message) {
                found.help(ask_first(&path));
            }
        }
        let value = Given { facts: Facts::about(facts.iter(), asked.name), ..Given::unknown() };
        answer(asked.access, value, None)
    }

    /// A field of `metadata` that the bus does not know: a producer may have its own.
    pub(super) fn foreign(&mut self, asked: Asked<'_>) {
        let names = |of: &'c [crate::schema::Field]| of.iter().map(|field| &*field.name);
        let (event, metadata) = (&self.scope.event.event.fields, &self.scope.event.metadata.fields);
        let moved = names(event).find(|name| *name == asked.name).map(|name| format!("event.{name}"));
        let near = moved.or_else(|| nearest(asked.name, names(metadata)).map(str::to_owned));
        let (kind, help) = match near {
            Some(near) => (FindingKind::Misspelt, format!("did you mean `{near}`?")),
            // Where it is read without asking, that is what is said.
            None if asked.access == Access::Read => return,
            None => {
                let known: Vec<&str> = names(metadata).collect();
                (FindingKind::Foreign, format!("the bus knows {}", super::words::list(&known)))
            }
        };
        let message = format!("`metadata.{}` is there only where a producer adds it", asked.name);
        if let Some(found) = self.find(kind, asked.at, message) {
            found.help(help);
        }
    }

    /// A place that a list may not have.
    pub(super) fn place_in_list(&mut self, given: &Given<'c>, step: &str, operand: &IdedExpr, at: Option<usize>) {
        let place = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')?.parse::<u32>().ok());
        let (Ty::List(_), Some(place), Some(path)) = (&given.ty, place, guards::path(operand)) else { return };
        if given.facts.has(step) || given.facts.least_size() > f64::from(place) {
            return;
        }
        let list = guards::written(&path);
        let message = format!("`{list}[{place}]` fails where the list is shorter");
        if let Some(found) = self.find(FindingKind::MayFail, at, message) {
            found.help(format!("ask first: `size({list}) > {place} && …`, or write `{list}[?{place}].orValue(…)`"));
        }
    }

    /// A conversion of a text, which may be of none of the texts that it reads.
    pub(super) fn converted(&mut self, (node, call): (&IdedExpr, &CallExpr), given: &Given<'c>) {
        let name = call.func_name.as_str();
        let ([argument], None, "int" | "uint" | "double" | "bool" | "timestamp" | "duration") =
            (call.args.as_slice(), &call.target, name)
        else {
            return;
        };
        let at = self.place(node);
        if given.ty == Ty::Decimal && matches!(name, "int" | "uint") {
            let message = format!("`{name}(…)` fails where a producer writes the decimal as a string with a point");
            if let Some(found) = self.find(FindingKind::MayFail, at, message) {
                let path = guards::path(argument).map_or_else(|| "…".to_owned(), |path| guards::written(&path));
                found.help(format!("write `{name}(double({path}))`"));
            }
        }
        if given.ty != Ty::Plain(Kind::String) {
            return;
        }
        match (&given.known, name) {
            // What is no time is said by `made_time`.
            (Known::Form(_), "timestamp") => {}
            (Known::Form(form @ (Form::Date | Form::DateTime)), _) => {
                let message = format!("`{name}(…)` always fails on a {}", form.noun());
                self.find(FindingKind::Operands, at, message);
            }
            (Known::Words(words), _) => {
                let wrong: Vec<&str> = words.iter().map(|word| &**word).filter(|word| !reads(name, word)).collect();
                let Some(first) = wrong.first() else { return };
                if wrong.len() == words.len() {
                    self.find(
                        FindingKind::Operands,
                        at,
                        format!("`{name}(…)` always fails: it does not read `{first}`"),
                    );
                } else {
                    self.find(FindingKind::MayFail, at, format!("`{name}(…)` fails on `{first}`"));
                }
            }
            (Known::Form(_) | Known::Nothing | Known::Range(_) | Known::Digits(..) | Known::Truth(_), _) => {
                self.converted_text((name, at), argument);
            }
        }
    }

    /// A pattern or a time zone that comes with the event.
    pub(super) fn read_by(&mut self, (node, call): (&IdedExpr, &CallExpr), text: &IdedExpr, given: &Given<'c>) {
        let (noun, help) = match call.func_name.as_str() {
            "matches" => {
                ("regular expression", "write the pattern in quotes, or ask for a part of the text, `….contains(…)`")
            }
            get if get.starts_with("get") => ("time zone", "write the zone in quotes, such as `'Europe/Berlin'`"),
            _ => return,
        };
        let any_text = given.ty == Ty::Plain(Kind::String) && !matches!(given.known, Known::Words(_));
        let (true, Some(path)) = (any_text, guards::path(text)) else { return };
        let (at, path) = (self.place(node), guards::written(&path));
        let message = format!("`{}(…)` fails where the text of `{path}` is no {noun}", call.func_name);
        if let Some(found) = self.find(FindingKind::MayFail, at, message) {
            found.help(help.to_owned());
        }
    }

    /// A conversion of any text of an event.
    fn converted_text(&mut self, (name, at): (&str, Option<usize>), argument: &IdedExpr) {
        let Some(path) = guards::path(guards::as_written(argument)) else { return };
        let tested = |says: &Says| matches!(says, Says::Text { asks, truth: true, .. } if asks.is_pattern());
        if self.facts.iter().any(|fact| fact.path == path && tested(&fact.says)) {
            return;
        }
        let path = guards::written(&path);
        let (noun, declared, pattern) = match name {
            "int" | "uint" => ("a whole number", "integer", Some("^[0-9]{1,18}$")),
            "double" => ("a number", "number", Some("^-?[0-9]+([.][0-9]+)?$")),
            "bool" => ("a boolean", "boolean", Some("^(true|false)$")),
            "timestamp" => ("a time", "datetime", None),
            _ => ("a duration", "integer", Some("^[0-9]+(ms|s|m|h)$")),
        };
        let help = match pattern {
            Some(pattern) => format!("declare it as `{declared}`, or ask first: `{path}.matches('{pattern}') && …`"),
            None => format!("declare it as `{declared}`"),
        };
        let message = format!("`{name}(…)` fails where the text of `{path}` is not {noun}");
        if let Some(found) = self.find(FindingKind::MayFail, at, message) {
            found.help(help);
        }
    }
}

/// Whether a conversion reads a text.
fn reads(name: &str, word: &str) -> bool {
    if name == "timestamp" {
        return Form::DateTime.has(word);
    }
    let text = Expr::Literal(LiteralValue::String(CelString::from(word.to_owned())));
    let args = vec![IdedExpr { id: 0, expr: text }];
    let call = Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args });
    Value::resolve(&IdedExpr { id: 0, expr: call }, &Context::with_env(functions::environment())).is_ok()
}

impl Facts {
    /// How many elements a list has at least, as far as that is known.
    fn least_size(&self) -> f64 {
        let sizes = self.iter().filter(|fact| fact.path.len() == 1 && *fact.path[0] == *SIZE);
        sizes.fold(0.0, |least, fact| {
            let own = if let Says::Within { range, open } = fact.says {
                if open { range.min.floor() + 1.0 } else { range.min.ceil() }
            } else {
                f64::from(u8::from(fact.says == Says::Not(0.0)))
            };
            f64::max(least, own)
        })
    }
}
