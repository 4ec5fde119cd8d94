//! Words that somebody else wrote, in sentences: short enough, and the one that was probably meant.

use std::borrow::Cow;

use super::is_hidden;

/// How many typing errors "did you mean" looks past.
const MAX_ERRORS: usize = 3;
/// What is longer than any name is not worth comparing.
const MAX_COMPARED: usize = 128;

/// What a stranger wrote, short enough for a sentence, and without what a terminal would obey.
#[must_use]
pub fn shorten(text: &str) -> Cow<'_, str> {
    const MOST: usize = 64;
    let end = text.char_indices().nth(MOST).map(|(end, _)| end);
    let shown = &text[..end.unwrap_or(text.len())];
    if end.is_none() && !shown.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut plain = shown.replace(is_hidden, " ");
    plain.push_str(if end.is_some() { "…" } else { "" });
    Cow::Owned(plain)
}

/// The candidate with the least typing errors between it and a word, case aside, if at most a third of the longer one is
/// wrong.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = word.chars().count();
    if length > MAX_COMPARED {
        return None;
    }
    let lower = word.to_lowercase();
    let distance = |candidate: &str| {
        let limit = (length.max(candidate.len()) / 3).clamp(1, MAX_ERRORS);
        if candidate.len().abs_diff(word.len()) > limit * 4 {
            return None;
        }
        let distance = if candidate.contains(char::is_uppercase) {
            strsim::osa_distance(&lower, &candidate.to_lowercase())
        } else {
            strsim::osa_distance(&lower, candidate)
        };
        (distance <= limit).then_some((distance, !candidate.starts_with(&lower)))
    };
    let compared = candidates.into_iter().filter_map(|candidate| Some((distance(candidate)?, candidate)));
    compared.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// `: did you mean …?` for a name that is none of those known: the closest of them, however far; of two as close the first.
pub(crate) fn did_you_mean<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> String {
    let close = |one: &S| strsim::jaro_winkler(name, one.as_ref());
    let order = |a: &S, b: &S| close(a).total_cmp(&close(b)).then_with(|| b.as_ref().cmp(a.as_ref()));
    let closest = known.into_iter().max_by(order);
    closest.map_or_else(String::new, |one| format!(": did you mean `{}`?", one.as_ref()))
}

#[cfg(test)]
mod tests;
