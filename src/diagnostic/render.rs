//! Diagnostics as a compiler prints them: the code, the sentence, the source line, the help.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};

/// How much of a long span is underlined, in bytes: the rest of a folded text says nothing new.
const MAX_UNDERLINE: usize = 400;

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
    let snippet = Snippet::source(text)
        .path(diagnostic.file.as_str())
        .annotation(AnnotationKind::Primary.span(span(text, diagnostic)));
    let group = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code).element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The span within the text and on character boundaries, whatever the diagnostic says.
fn span(text: &str, diagnostic: &Diagnostic) -> std::ops::Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = floor(diagnostic.span.start);
    let end = floor(diagnostic.span.end.min(start.saturating_add(MAX_UNDERLINE)));
    start..end.max(start)
}

#[cfg(test)]
mod tests;
