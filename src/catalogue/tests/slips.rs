//! The mutation test of the compiler: tests/catalogue/mutations.yaml breaks the shipped catalogue in many ways; each slip
//! is found, at its line, with a help that names the right thing, and nothing else is said to be wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Deserialize;

use super::shipped::SHIPPED;
use super::{compile, line};
use crate::diagnostic::{Diagnostic, Severity};

const SLIPS: &str = include_str!("../../../tests/catalogue/mutations.yaml");

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slip {
    slip: String,
    /// What is replaced; the shipped file has it once.
    replace: String,
    by: String,
    code: String,
    /// The text of the line at which it is found.
    line: String,
    /// Where several lines have that text and none was changed: it is the next one below the line with this text.
    below: Option<String>,
    /// Words of the help.
    help: Vec<String>,
    /// The codes of other errors and warnings that follow from it.
    #[serde(default)]
    also: Vec<String>,
}

impl Slip {
    fn text(&self) -> String {
        SHIPPED.replacen(&self.replace, &self.by, 1)
    }

    /// The numbers of the lines with the text; of several, those that were changed.
    fn lines(&self, text: &str) -> Vec<u32> {
        let numbered = || (1..).zip(text.lines());
        let all: Vec<u32> = numbered().filter(|(_, line)| line.trim() == self.line).map(|(number, _)| number).collect();
        if let Some(below) = &self.below {
            let after = numbered().find(|(_, line)| line.trim() == below).map_or(u32::MAX, |(number, _)| number);
            return all.into_iter().find(|number| *number > after).into_iter().collect();
        }
        if all.len() < 2 {
            return all;
        }
        let start = SHIPPED.find(&self.replace).unwrap_or(0);
        let first = u32::try_from(text[..start].matches('\n').count()).unwrap() + 1;
        let last = first + u32::try_from(self.by.matches('\n').count()).unwrap();
        all.into_iter().filter(|number| (first..=last).contains(number)).collect()
    }

    /// What is wrong with what is said of it.
    fn judge(&self) -> Result<(), String> {
        if SHIPPED.matches(&self.replace).count() != 1 {
            return Err(format!("the shipped file does not have {:?} exactly once", self.replace));
        }
        let text = self.text();
        let lines = self.lines(&text);
        if lines.is_empty() {
            return Err(format!("the changed file has no line `{}`", self.line));
        }
        let (_, found) = compile("topics.yaml", &text);
        let of_code: Vec<&Diagnostic> = found.iter().filter(|found| found.code == self.code).collect();
        let here: Vec<&&Diagnostic> = of_code.iter().filter(|found| lines.contains(&found.line)).collect();
        if here.is_empty() {
            let place = of_code.first().map_or("not found".to_owned(), |found| format!("found in line {}", found.line));
            return Err(format!("{} is {place}, and should be in line {lines:?}", self.code));
        }
        let helps = |found: &Diagnostic| {
            self.help.iter().all(|word| found.help.as_ref().is_some_and(|help| help.contains(word.as_str())))
        };
        if !here.iter().any(|found| helps(found)) {
            return Err(format!("the help does not name {:?}", self.help));
        }
        self.judge_rest(&found)
    }

    fn judge_rest(&self, found: &[Diagnostic]) -> Result<(), String> {
        let known: BTreeSet<&str> =
            self.also.iter().map(String::as_str).chain(std::iter::once(self.code.as_str())).collect();
        // What the types of expressions and the paths of events have to say beside it has tests of its own.
        let elsewhere = |code: &str| ["RB0165".."RB0170", "RB0180".."RB0200"].iter().any(|codes| codes.contains(&code));
        let loud = found.iter().filter(|found| found.severity > Severity::Note && !elsewhere(found.code));
        let codes: BTreeSet<&str> = loud.map(|found| found.code).collect();
        if let Some(more) = codes.iter().find(|code| !known.contains(*code)) {
            return Err(format!("{more} is one too many"));
        }
        match self.also.iter().find(|code| !codes.contains(code.as_str())) {
            Some(missing) => Err(format!("{missing} is expected too")),
            None => Ok(()),
        }
    }
}

fn slips() -> Vec<Slip> {
    serde_saphyr::from_str(SLIPS).unwrap()
}

#[test]
fn each_slip_is_found_at_its_line_with_a_help_that_names_the_right_thing() {
    let mut report = String::new();
    for slip in slips() {
        if let Err(wrong) = slip.judge() {
            let (_, found) = compile("topics.yaml", &slip.text());
            let said: Vec<String> = found.iter().filter(|found| found.severity > Severity::Note).map(line).collect();
            let _ =
                write!(report, "\n{}: {wrong}\n  line: {}\n  said:\n    {}", slip.slip, slip.line, said.join("\n    "));
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_table_is_large_and_says_each_slip_once() {
    let slips = slips();
    let changes: BTreeSet<(&str, &str)> = slips.iter().map(|slip| (slip.replace.as_str(), slip.by.as_str())).collect();
    assert_eq!(changes.len(), slips.len());
    assert!(slips.len() >= 60 && slips.iter().all(|slip| !slip.help.is_empty() && slip.text() != SHIPPED));
}
