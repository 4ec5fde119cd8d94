//! Diagnostics as a compiler prints them: the code, the sentence, the source line, the help.

use super::Diagnostic;

/// Renders diagnostics against the text that they are about, in the order given, with colour where asked.
#[must_use]
pub fn render(_text: &str, _diagnostics: &[Diagnostic], _colour: bool) -> String {
    String::new()
}
