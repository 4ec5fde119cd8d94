//! Why a text is no YAML: the reader's sentence, or a better one where it speaks of itself, and what to do.

use std::ops::Range;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Location};

use super::codes;
use super::names::shorten;
use super::tree::MAX_DEPTH;

/// Why there is no tree.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) span: Range<usize>,
}

impl SyntaxError {
    /// A tag, which says nothing here.
    pub(super) fn of_tag(tag: &str, span: Range<usize>) -> Self {
        let message = format!("an unquoted `!` makes a YAML tag, and `{}` means nothing here", shorten(tag));
        let help = Some("put the whole value into quotes, as in `\"!data.ok\"`".to_owned());
        Self { code: codes::SYNTAX, message, help, span }
    }

    /// What the reader found wrong with a text.
    pub(super) fn of(error: &Error, text: &str) -> Self {
        let place = error.location().unwrap_or(Location::UNKNOWN);
        let mut start = offset(text, place.line(), place.column());
        let message = message(error);
        let code = if is_too_large(error) { codes::TOO_LARGE } else { codes::SYNTAX };
        if message == TAB {
            start = tab(text, start).unwrap_or(start);
        }
        if is_about_a_quote(&message)
            && let Some(quote) = open_quote(&text[..start])
        {
            let help = Some("end the text with the quote that it begins with".to_owned());
            let message = "a quote opens here, and does not end where it should".to_owned();
            return Self { code, message, help, span: quote..quote + 1 };
        }
        if code == codes::SYNTAX
            && let Some((at, control)) = control_character(text, start)
        {
            let message =
                format!("the control character U+{:04X} stands here, which YAML does not allow", control as u32);
            let help = Some(format!("remove it, or write `\\u{:04X}` between double quotes", control as u32));
            return Self { code, message, help, span: at..at + control.len_utf8() };
        }
        let word = text[start..].split_whitespace().next().unwrap_or_default();
        let at = text[start..].starts_with(word);
        let help = help(&message, word);
        let end = if at && help.is_some() { start + word.trim_end_matches(':').len() } else { start };
        let least = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
        Self { code, message, help, span: start..end.max(least) }
    }
}

/// The reader's sentence, or ours where its speaks of the program instead of the file.
#[allow(clippy::wildcard_enum_match_arm, reason = "the reader has some seventy errors, and more with each release")]
fn message(error: &Error) -> String {
    match error.without_snippet() {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => format!("the file nests deeper than {MAX_DEPTH}"),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } | Error::MultipleDocuments { .. } => {
            "a second YAML document begins here, and the file has one".to_owned()
        }
        bare if is_too_deep(bare) => format!("the file nests deeper than {MAX_DEPTH}"),
        _ if is_too_large(error) => "the file is more work to read than is allowed".to_owned(),
        Error::MergeKeyNotAllowed { .. } => "the merge key `<<` has no place in a catalogue".to_owned(),
        Error::NonFiniteFloat { .. } => "neither an infinite number nor `.nan` has a place in a catalogue".to_owned(),
        bare => {
            // The place is said by the diagnostic itself.
            let place = error.location().unwrap_or(Location::UNKNOWN);
            let suffix = format!(" at line {}, column {}", place.line(), place.column());
            let message = bare.to_string();
            ours(message.strip_suffix(suffix.as_str()).unwrap_or(&message))
        }
    }
}

const TAB: &str = "a tab stands in the indentation";

/// Whether lists or mappings between brackets nest deeper than the reader goes.
fn is_too_deep(bare: &Error) -> bool {
    bare.to_string().starts_with("recursion limit")
}

/// Whether the file is too much, and not wrong.
fn is_too_large(error: &Error) -> bool {
    let bare = error.without_snippet();
    let documents = matches!(bare, Error::Budget { breach: BudgetBreach::Documents { .. }, .. });
    let aliases = bare.to_string().starts_with("alias ") && bare.to_string().contains("limit exceeded");
    aliases || is_too_deep(bare) || (matches!(bare, Error::Budget { .. }) && !documents)
}

/// The first tab in an indentation, from the line of a byte on: the reader points at what stands before it.
fn tab(text: &str, from: usize) -> Option<usize> {
    let start = line_start(text, from);
    let mut at = start;
    text[start..].split_inclusive('\n').find_map(|line| {
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        let found = line[..blank].find('\t').map(|tab| at + tab);
        at += line.len();
        found
    })
}

/// Where the line of a byte begins.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

/// The first control character in the line of a byte, but those that YAML has a use for.
fn control_character(text: &str, from: usize) -> Option<(usize, char)> {
    let start = line_start(text, from);
    let line = text[start..].split('\n').next().unwrap_or_default();
    let (at, control) = line.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\r' | '\u{85}'))?;
    Some((start + at, control))
}

/// Some of the reader's sentences in the words of the file.
fn ours(theirs: &str) -> String {
    let known = [
        ("unknown anchor", "an unquoted `*` makes an alias, and no anchor of this name is there"),
        ("tabs disallowed", TAB),
        ("found a tab", TAB),
        ("simple key expected ':'", "a key has no `:` behind it"),
        ("did not find expected key", "this line is indented neither as those before it nor as a part of one of them"),
        ("recursive references", "an alias stands inside of what it means"),
        ("unexpected character", "an unquoted value cannot begin with this character"),
    ];
    known.iter().find(|(part, _)| theirs.contains(part)).map_or(theirs, |(_, ours)| ours).to_owned()
}

/// What to do about it; `word` is what stands at the place.
fn help(message: &str, word: &str) -> Option<String> {
    let tells = [
        ("a tab", "indent with spaces"),
        ("unclosed quote", "end the text with the quote that it begins with"),
        ("a key has no", "write `key: value`, or put the value into quotes"),
        ("this line is indented", "look at the indentation: the keys of one mapping stand in one column"),
        ("cannot begin", "put the value into quotes"),
        ("mapping values are not allowed", "quote a value that contains `: `, or look at the indentation"),
        ("merge key", "write its keys out where they are meant"),
        ("a second YAML", "remove the `---`: one file is one catalogue"),
        ("invalid indentation", "look at the indentation: the keys of one mapping stand in one column"),
    ];
    if message.starts_with("the file ") {
        return message
            .contains("more work")
            .then(|| "write less, or with fewer aliases (`*name`), which are read anew each time".to_owned());
    }
    if message.starts_with("an alias stands inside") {
        return Some("write out what is meant, without the alias".to_owned());
    }
    // The source document lists a bare `*.*`, which YAML takes for an alias (decision 8).
    match word.strip_prefix('*') {
        Some(name) if name.contains(['.', '*']) => Some("a pattern with `*` must be quoted: `\"*.*\"`".to_owned()),
        Some(name) => Some(format!(
            "write `&{}` in front of what is meant, or put the value into quotes",
            name.trim_end_matches([']', '}', ','])
        )),
        None => tells.iter().find(|(part, _)| message.contains(part)).map(|(_, help)| (*help).to_owned()),
    }
}

fn is_about_a_quote(message: &str) -> bool {
    ["unclosed quote", "trailing content after", "quoted scalar"].iter().any(|part| message.contains(part))
}

/// The quote of a value that begins on an earlier line and goes on up to the last line of a text: where a quote is
/// missing the reader takes the next one, wherever that is, for the end, and complains behind it.
fn open_quote(text: &str) -> Option<usize> {
    let last_line = text.rfind('\n')?;
    let mut before = '\n';
    let mut open: Option<(char, usize)> = None;
    let mut found = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match open {
            Some(('"', _)) if c == '\\' => drop(chars.next()),
            Some((quote, start)) if c == quote => {
                found = Some(start).filter(|start| *start < last_line && at > last_line);
                open = None;
                before = quote;
            }
            Some(_) => {}
            None if c == '#' && text[..at].ends_with([' ', '\n']) => {
                let _ = chars.find(|(_, c)| *c == '\n');
                before = '\n';
            }
            None if matches!(c, '"' | '\'') && matches!(before, '\n' | ':' | '-' | '[' | '{' | ',') => {
                open = Some((c, at));
            }
            None if c == '\n' || !c.is_whitespace() => before = c,
            None => {}
        }
    }
    open.map(|(_, start)| start).filter(|start| *start < last_line).or(found)
}

/// The byte at which a line and a column of characters, both from 1, stand.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
    let ahead = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    text[start..].char_indices().nth(ahead).map_or(text.len(), |(at, _)| start + at)
}

#[cfg(test)]
mod tests;
