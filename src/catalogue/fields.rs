//! Mappings of the tree: which keys they have, and which they should not have.

use std::ops::Range;

use super::codes;
use super::report::Report;
use super::tree::{Node, Value};

/// How many entries a mapping or list may have.
pub(super) const MAX_ENTRIES: usize = 10_000;

/// Keys that let less through. Where their value was forgotten, to go on without would do what nobody asked for: send
/// every command, take every tenant, show every field to every reader, expect nothing of a case.
const NARROWING: &[&str] = &["when", "keep", "tenants", "redact", "readers", "derived"];

/// A key and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'n> {
    pub(super) key: &'n str,
    pub(super) at: &'n Range<usize>,
    pub(super) value: &'n Node,
}

/// A mapping whose keys are fixed.
#[derive(Default)]
pub(super) struct Fields<'n>(Vec<Entry<'n>>);

impl<'n> Fields<'n> {
    /// Opens a mapping; reports keys that are none of `known`, are there twice, or have no value.
    pub(super) fn open(report: &mut Report<'_>, node: &'n Node, what: &str, known: &[&[&str]]) -> Option<Self> {
        let mut fields = Vec::new();
        for entry in entries(report, node, what)? {
            if !known.iter().any(|keys| keys.contains(&entry.key)) {
                let known = || known.iter().copied().flatten().copied();
                let help = synonym(entry.key, known).or_else(|| report.suggest(entry.key, known()));
                let help =
                    help.or_else(|| misplaced(&entry)).unwrap_or_else(|| format!("the keys are {}", list(known())));
                report.error(codes::UNKNOWN_KEY, entry.at, format!("{what} has no key `{}`", entry.key)).help(help);
            } else if matches!(entry.value.value, Value::Null) {
                let message = format!("`{}` has no value", entry.key);
                if NARROWING.contains(&entry.key) {
                    report
                        .error(codes::EMPTY_KEY, entry.at, message)
                        .hint("it would let everything through: say what is meant, or leave the key out");
                } else {
                    report.warning(codes::EMPTY_KEY, entry.at, message).hint("leave it out");
                }
            } else {
                fields.push(entry);
            }
        }
        Some(Self(fields))
    }

    /// As [`Self::open`], for what is all said by its name: nothing need follow.
    pub(super) fn below(report: &mut Report<'_>, entry: &Entry<'n>, what: &str, known: &[&[&str]]) -> Option<Self> {
        match &entry.value.value {
            Value::Null => Some(Self::default()),
            Value::Scalar(_) | Value::List(_) | Value::Map(_) => Self::open(report, entry.value, what, known),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| entry.value)
    }

    /// A key with its value.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'n>> {
        self.0.iter().find(|entry| entry.key == key).copied()
    }

    /// Says that keys are checked and not yet used (decision 79).
    pub(super) fn note_no_effect(&self, report: &mut Report<'_>, keys: &[&str]) {
        for entry in self.0.iter().filter(|entry| keys.contains(&entry.key)) {
            report
                .note(codes::NO_EFFECT, entry.at, format!("`{}` is checked, but has no effect yet", entry.key))
                .hint("`allow: [RB0110]` hides this until it has");
        }
    }
}

/// The entries of a mapping whose keys are names; reports anything else, and keys that are there twice. Of those the
/// first is given.
pub(super) fn entries<'n>(report: &mut Report<'_>, node: &'n Node, what: &str) -> Option<Vec<Entry<'n>>> {
    let Value::Map(pairs) = &node.value else {
        report
            .error(
                codes::WRONG_KIND,
                &node.span,
                format!("{what} must be a mapping, and this is {}", node.value.kind()),
            )
            .hint("write lines of `key: value`, indented alike");
        return None;
    };
    if pairs.len() > MAX_ENTRIES {
        report.error(codes::TOO_LARGE, &node.span, format!("{what} has more than {MAX_ENTRIES} entries"));
        return None;
    }
    let mut seen = std::collections::HashMap::new();
    let mut entries = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let Value::Scalar(name) = &key.value else {
            report.error(codes::WRONG_KIND, &key.span, format!("a key of {what} must be a name"));
            continue;
        };
        if let Some(first) = seen.insert(name.as_str(), key.span.start) {
            let (first_line, line) = (report.line(first), report.line(key.span.start));
            let message = format!("{what} has the key `{name}` twice: in line {first_line} and in line {line}");
            report.error(codes::DUPLICATE_KEY, &key.span, message).hint("keep one of them");
            seen.insert(name.as_str(), first);
            continue;
        }
        entries.push(Entry { key: name, at: &key.span, value });
    }
    Some(entries)
}

/// Other words for keys, for those who know another system.
const SYNONYMS: &[(&str, &str)] = &[
    ("if", "when"),
    ("condition", "when"),
    ("filter", "when"),
    ("where", "when"),
    ("command", "emit"),
    ("target", "emit"),
    ("facts", "outbound"),
    ("events", "outbound"),
    ("publishes", "outbound"),
    ("subscribes", "inbound"),
    ("subscriptions", "inbound"),
    ("commands", "actions"),
    ("requests", "actions"),
    ("data", "payload"),
    ("fields", "payload"),
    ("schema", "payload"),
    ("response", "reply"),
    ("returns", "reply"),
    ("timeout", "timeout_seconds"),
    ("replicas", "replication_factor"),
    ("ttl", "retention"),
];

fn synonym<'k, I: Iterator<Item = &'k str>>(word: &str, known: impl Fn() -> I) -> Option<String> {
    let of_word = SYNONYMS.iter().filter(|(other, _)| *other == word).map(|(_, key)| *key);
    of_word.into_iter().find(|key| known().any(|known| known == *key)).map(|key| format!("did you mean `{key}`?"))
}

/// A module that is indented too little or too much is a key of the file, or of the module before it.
fn misplaced(entry: &Entry<'_>) -> Option<String> {
    let Value::Map(pairs) = &entry.value.value else { return None };
    let a_module = pairs.iter().any(|(key, _)| {
        matches!(&key.value, Value::Scalar(key) if ["outbound", "inbound", "actions", "name"].contains(&key.as_str()))
    });
    a_module.then(|| "a module stands under `modules`, indented as the others: look at its indentation".to_owned())
}

/// "`a`, `b` and `c`".
pub(super) fn list<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// As [`list`], of many the first few, and how many more there are.
pub(super) fn first<T: AsRef<str>>(words: &[T]) -> String {
    const SHOWN: usize = 8;
    if words.len() <= SHOWN {
        return list(words);
    }
    let shown: Vec<String> = words[..SHOWN].iter().map(|word| format!("`{}`", word.as_ref())).collect();
    format!("{} and {} more", shown.join(", "), words.len() - SHOWN)
}
