//! Diagnostics as a compiler prints them: the code, the sentence, the source line, the help.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity};

/// How much of a long span is underlined, in bytes: the rest of a folded text says nothing new.
const MAX_UNDERLINE: usize = 400;
/// How much of a long line is shown on either side, in bytes.
const MAX_AROUND: usize = 400;

/// Renders diagnostics against the text that they are about, in the order given, with colour where asked. Each ends
/// with an empty line.
#[must_use]
pub fn render(text: &str, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(text, diagnostic)]));
        out.push_str("\n\n");
    }
    out
}

fn group<'a>(text: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let span = span(text, diagnostic);
    let shown = excerpt(text, &span);
    let snippet = Snippet::source(&text[shown.clone()])
        .line_start(diagnostic.line as usize)
        .annotation(AnnotationKind::Primary.span(span.start - shown.start..span.end - shown.start));
    let group = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let group = if text[..shown.start].ends_with('\n') || shown.start == 0 {
        group.element(snippet.path(diagnostic.file.as_str()))
    } else {
        // The snippet would count columns from where the excerpt starts.
        let origin = Origin::path(diagnostic.file.as_str()).line(diagnostic.line as usize);
        group.element(origin.char_column(diagnostic.column as usize)).element(snippet)
    };
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The lines of a span, or as much of them as one can read: the renderer goes through all that it is given, for each
/// diagnostic.
fn excerpt(text: &str, span: &Range<usize>) -> Range<usize> {
    let before = floor(text, span.start.saturating_sub(MAX_AROUND));
    let after = floor(text, span.end.saturating_add(MAX_AROUND));
    let start = text[before..span.start].rfind('\n').map_or(before, |at| before + at + 1);
    let end = text[span.end..after].find('\n').map_or(after, |at| span.end + at);
    start..end
}

/// The last character boundary up to a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The span within the text and on character boundaries, whatever the diagnostic says.
fn span(text: &str, diagnostic: &Diagnostic) -> Range<usize> {
    let start = floor(text, diagnostic.span.start);
    let end = floor(text, diagnostic.span.end.min(start.saturating_add(MAX_UNDERLINE)));
    start..end.max(start)
}

#[cfg(test)]
mod tests;
