//! `--explain`: the page about a code, for a terminal.

use crate::catalogue::codes::{self, Code};
use crate::cli::{Exit, Failure};

/// The page about a code.
///
/// # Errors
/// There is no such code (exit code 2): the message has those that there are.
pub(super) fn of(name: &str) -> anyhow::Result<String> {
    match codes::find(name.trim()) {
        Some(code) => Ok(plain(code.page)),
        None => Err(Failure::new(Exit::Usage, unknown(name.trim()))),
    }
}

/// Markdown as one reads it without: headings bare, examples indented, comments left out.
fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut example = false;
    let kept = page.lines().filter(|line| !(line.starts_with("<!--") && line.ends_with("-->")));
    for line in kept {
        if line.starts_with("```") {
            example = !example;
            continue;
        }
        match line {
            "" => {}
            line if example => out.extend(["    ", line]),
            line => out.push_str(line.trim_start_matches('#').trim_start()),
        }
        out.push('\n');
    }
    out
}

fn unknown(name: &str) -> String {
    let shown: String = name.chars().take(40).collect();
    // `107`, `rb107` and `E0107` name a number all the same.
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let meant = digits.parse::<u16>().ok().and_then(|number| codes::find(&format!("RB{number:04}")));
    if let Some(Code { id, .. }) = meant {
        return format!("there is no code `{shown}`; did you mean `{id}`?");
    }
    let all: String = codes::ALL.iter().map(|code| format!("\n  {}  {}", code.id, code.means)).collect();
    format!("there is no code `{shown}`; there are{all}")
}

#[cfg(test)]
mod tests;
