//! What went wrong with an expression, as one sentence. Values are named by their type and never shown: they may be
//! somebody's salary.

use cel::{ExecutionError, ParseErrors, Value};

use super::functions::{self, NAMES, Style};
use super::{ExpressionError, Subject, pattern};
use crate::diagnostic::{nearest, shorten};

/// The sentence for what went wrong at run time.
#[allow(clippy::wildcard_enum_match_arm, reason = "the rest is deprecated, internal, or not there yet")]
pub(super) fn of(error: &ExecutionError) -> ExpressionError {
    use ExecutionError as E;
    ExpressionError::new(match error {
        E::NoSuchKey(name) => format!("there is no field `{}`", shorten(name)),
        E::UndeclaredReference(name) => format!("there is no variable or function `{}`", shorten(name)),
        E::NoSuchOverload(call) => {
            let types: Vec<&str> = call.argument_types().iter().map(|t| type_name(t)).collect();
            let operator = operator(call.function());
            // Numbers of every type have an order: one of these is none.
            if matches!(operator, "<" | "<=" | ">" | ">=")
                && types.iter().all(|ty| matches!(*ty, "double" | "int" | "uint"))
            {
                format!("`{operator}` has no answer for what is not a number, as 0.0 / 0.0 is")
            } else {
                format!("`{operator}` does not work on {}", types.join(" and "))
            }
        }
        E::ValuesNotComparable(left, right) => {
            format!("{} cannot be compared with {}", kind(left), kind(right))
        }
        E::UnsupportedBinaryOperator(name, left, right) => {
            format!("`{}` does not work on {} and {}", operator(name), kind(left), kind(right))
        }
        E::UnsupportedIndex(index, value) => format!("{} is no index of {}", kind(index), kind(value)),
        E::IndexOutOfBounds(_) => "an index is beyond the end of its list".to_owned(),
        E::DivisionByZero(_) => "a division by zero".to_owned(),
        E::RemainderByZero(_) => "a remainder of a division by zero".to_owned(),
        E::Overflow(name, _, _) => format!("`{}` goes beyond 64 bits", operator(name)),
        E::UnsupportedKeyType(value) => format!("{} cannot be the key of a map", kind(value)),
        E::DuplicateKey(_) => "a map has the same key twice".to_owned(),
        E::UnexpectedType { got, want } => {
            format!("found {} where {} is needed", with_article(got), with_article(want))
        }
        E::InvalidArgumentCount { expected, actual } => {
            format!("a function takes {expected} arguments and is given {actual}")
        }
        E::FunctionError { function, message } if function == functions::WALK => message.clone(),
        // The library shows what its parser holds, and in it the value.
        E::FunctionError { function, message } if function == "duration" && !message.starts_with("range") => {
            "`duration` failed: the text is no duration, such as `1h30m`, `90s` or `250ms`".to_owned()
        }
        // It shows the text here, too.
        E::FunctionError { function, .. } if function == "timezone" => {
            "the text is no time zone, such as `Europe/Berlin` or `+02:00`".to_owned()
        }
        // The messages of these are known: none shows what it was given.
        E::FunctionError { function, message }
            if matches!(
                function.as_str(),
                "bool" | "double" | "duration" | "int" | "string" | "timestamp" | "uint" | "value"
            ) =>
        {
            format!("`{function}` failed: {}", shorten(message))
        }
        E::FunctionError { function, .. } => format!("`{function}` failed"),
        E::NotSupportedAsMethod { method, target } => format!("{} has no function `{method}`", kind(target)),
        E::UnsupportedTargetType { target } => format!("a function does not work on {}", kind(target)),
        E::MissingArgumentOrTarget => "a function is called without its argument".to_owned(),
        // What is left are errors of the evaluator itself; their texts show values.
        _ => "the expression could not be evaluated".to_owned(),
    })
}

/// The sentence, and the place, of the first syntax error.
pub(super) fn of_syntax(text: &str, errors: &ParseErrors) -> ExpressionError {
    if errors.errors.iter().any(|error| error.msg.contains("Recursion limit")) {
        return ExpressionError::new(format!("the expression nests deeper than {} levels", super::check::MAX_DEPTH));
    }
    // The parser also reports what its own error left of the tree ("No `X`!"): no reader is helped by that.
    let internal = |message: &str| message.starts_with("No `") || message.starts_with("Incomplete `");
    let Some(error) = errors.errors.iter().find(|error| !internal(&error.msg)).or(errors.errors.first()) else {
        return ExpressionError::new("the expression is not CEL");
    };
    let at = offset(text, error.pos);
    syntax_message(text, at, &error.msg).at(at)
}

fn syntax_message(text: &str, at: usize, message: &str) -> ExpressionError {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let message = message.split(" expecting ").next().unwrap_or(message);
    if message.contains("has() macro") {
        return ExpressionError::new("`has` asks for one field, and this is none").help(
            "write `has(data.amount)`, or `'lost-reason' in data` for a name that cannot stand behind a point"
                .to_owned(),
        );
    }
    if message.contains("'<EOF>'") || message.starts_with("Incomplete `") {
        return ExpressionError::new("the expression ends too early").help(unfinished(text));
    }
    let quoted = message.find('\'').and_then(|from| message.rfind('\'').and_then(|to| message.get(from + 1..to)));
    let Some(quoted) = quoted.map(str::trim) else { return ExpressionError::new(shorten(message)) };
    if message.starts_with("token recognition") && quoted.starts_with(['\'', '"']) {
        let sentence = format!("a string does not end, or has an unknown escape: `{}`", shorten(quoted));
        return ExpressionError::new(sentence).help("end it with the quote that it begins with".to_owned());
    }
    let before: String = text.chars().take(at).collect();
    let instead = match (before.trim_end().chars().last(), quoted) {
        (Some(sign @ ('>' | '<' | '!' | '=')), "=") => Some(format!("{sign}=")),
        (_, "=" | "===") => Some("==".to_owned()),
        (_, "=>") => Some(">=".to_owned()),
        (_, "=<") => Some("<=".to_owned()),
        (_, "and" | "&" | "AND") => Some("&&".to_owned()),
        (_, "or" | "|" | "OR") => Some("||".to_owned()),
        (_, "not" | "NOT") => Some("!".to_owned()),
        _ => None,
    };
    let help = instead.map(|instead| format!("write `{instead}`"));
    ExpressionError::new(format!("unexpected `{}`", shorten(quoted))).help(help)
}

/// What an expression that ends too early lacks.
fn unfinished(text: &str) -> String {
    let count = |c: char| text.matches(c).count();
    let open = [('(', ')'), ('[', ']'), ('{', '}')].into_iter().find(|(open, close)| count(*open) > count(*close));
    match open {
        Some((open, close)) => format!("a `{open}` is not closed with `{close}`"),
        None if text.trim().is_empty() => "write a condition such as `data.amount > 1000.0`".to_owned(),
        None => "the last operator lacks its second operand".to_owned(),
    }
}

/// Line and column from 1 as characters from 0.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let before: usize = text.split_inclusive('\n').take(line).map(|line| line.chars().count()).sum();
    (before + usize::try_from(column - 1).unwrap_or(0)).min(text.chars().count())
}

/// The sentence for a variable that does not exist.
pub(super) fn unknown_variable(name: &str, subject: Subject) -> ExpressionError {
    let names: Vec<&str> = subject.variables().iter().map(|variable| variable.name()).collect();
    let near = match (subject, name) {
        (Subject::Change, "data" | "payload" | "state") => Some("new"),
        (Subject::Event | Subject::State, "payload" | "body") | (Subject::State, "new" | "state") => Some("data"),
        (Subject::Event | Subject::Change, "envelope") => Some("event"),
        (Subject::Event | Subject::Change, "meta") => Some("metadata"),
        _ => nearest(name, names.iter().copied()),
    };
    let help = near.map(|near| format!("did you mean `{near}`?"));
    let sentence = format!("there is no variable `{}`, only {}", shorten(name), super::types::list(&names));
    ExpressionError { unknown: Some(name.to_owned()), ..ExpressionError::new(sentence).help(help) }
}

/// The macros that walk, each with what it takes behind the name of an element. With other arguments the parser leaves
/// them as calls of functions, which they are not.
const MACROS: &[(&str, &str)] = &[
    ("all", "a condition"),
    ("exists", "a condition"),
    ("exists_one", "a condition"),
    ("filter", "a condition"),
    ("map", "what to make of it"),
];

/// The sentence for a function that does not exist, or not in this style.
pub(super) fn unknown_function(name: &str, style: Style) -> ExpressionError {
    if name == "has" {
        let sentence = "`has` takes one field";
        return ExpressionError::new(sentence).help("write `has(data.amount)`".to_owned());
    }
    if let Some((_, asked)) = MACROS.iter().find(|(known, _)| *known == name) {
        let sentence = format!("`{name}` is called on a list or a map, and takes the name of an element and {asked}");
        return ExpressionError::new(sentence).help(format!("write `x.{name}(each, …)`"));
    }
    match style {
        Style::Global if functions::exists(name, Style::Member) => {
            ExpressionError::new(format!("`{name}` is called on a value")).help(format!("write `x.{name}(…)`"))
        }
        Style::Member if functions::exists(name, Style::Global) => {
            ExpressionError::new(format!("`{name}` is not called on a value")).help(format!("write `{name}(x)`"))
        }
        Style::Global | Style::Member => {
            let near = || nearest(name, NAMES.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            ExpressionError::new(format!("there is no function `{name}`")).help(elsewhere(name).or_else(near))
        }
    }
}

/// What stands for a function that other languages have.
fn elsewhere(name: &str) -> Option<String> {
    let help = match name {
        "now" | "today" | "current_time" | "current_date" | "current_timestamp" => {
            "no expression reads a clock; the time of the event is `timestamp(event.timestamp)`"
        }
        "date" | "datetime" | "time" | "to_date" | "to_timestamp" | "parse_date" => {
            "`timestamp(…)` makes a time of a text; of a day `timestamp(data.day + 'T00:00:00Z')`"
        }
        "len" | "length" | "count" => "write `size(…)`",
        "float" | "number" | "decimal" => "write `double(…)`",
        "str" | "text" | "to_string" => "write `string(…)`",
        _ => return None,
    };
    Some(help.to_owned())
}

/// The sentence for a regular expression that is none.
pub(super) fn bad_pattern(pattern: &str, why: &str) -> ExpressionError {
    // The regex crate draws a picture over several lines; its last line is the reason.
    let reason = why.lines().last().unwrap_or(why).trim().trim_start_matches("error: ");
    ExpressionError::new(format!("`{}` is no regular expression: {reason}", shorten(pattern)))
        .help("a pattern that means its characters as they are escapes them: `[` is `\\\\[`".to_owned())
}

/// "a string", "an int".
pub(super) fn with_article(noun: &str) -> String {
    let noun = type_name(noun);
    if noun == "null" {
        return noun.to_owned();
    }
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn kind(value: &Value) -> String {
    with_article(&value.type_of().to_string())
}

fn type_name(name: &str) -> &str {
    match name {
        "null_type" => "null",
        "float" => "double",
        "google.protobuf.Timestamp" => "timestamp",
        "google.protobuf.Duration" => "duration",
        name => name,
    }
}

/// The name of an operator as it is written.
fn operator(name: &str) -> &str {
    match name {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" | "mod" => "%",
        "_[_]" => "[]",
        pattern::WRITTEN | pattern::GIVEN => "matches",
        name => name.trim_matches(['_', '@']),
    }
}
