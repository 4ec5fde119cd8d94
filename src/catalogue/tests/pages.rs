//! `docs/errors/`: each code has a page of one form, whose examples are compiled.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::codes::{self, Code};
use super::{compile, line};
use crate::diagnostic::Severity;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors");

/// A page taken apart.
struct Page<'p> {
    title: &'p str,
    prose: &'p str,
    wrong: String,
    right: String,
}

impl<'p> Page<'p> {
    fn read(code: &'p Code) -> Self {
        let form = "# CODE: title, prose, then `## Wrong` and `## Right` with a block marked yaml each";
        let malformed = || -> ! { panic!("docs/errors/{}.md does not have the form: {form}", code.id) };
        let Some((head, examples)) = code.page.split_once("\n## Wrong\n") else { malformed() };
        let Some((title, prose)) = head.split_once('\n') else { malformed() };
        let Some((wrong, right)) = examples.split_once("\n## Right\n") else { malformed() };
        let Some(title) = title.strip_prefix(&format!("# {}: ", code.id)) else { malformed() };
        Self { title, prose: prose.trim(), wrong: example(code, wrong), right: example(code, right) }
    }
}

/// The one block marked `yaml` of a section. Where an example would be too long to be read, a comment before the block
/// says how often its last line is repeated, with the number in it counted up.
fn example(code: &Code, section: &str) -> String {
    let blocks: Vec<&str> = section.split("```yaml\n").collect();
    let [before, block] = blocks.as_slice() else { panic!("{}: one block marked yaml is needed", code.id) };
    let (block, _) = block.split_once("```").unwrap_or_else(|| panic!("{}: a block does not end", code.id));
    let times = before.split_once("<!-- repeat the last line ").and_then(|(_, rest)| rest.split(' ').next());
    let Some(times) = times.map(|times| times.parse::<usize>().unwrap()) else { return block.to_owned() };
    let start = block.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let (head, last) = block.split_at(start);
    (1..=times).fold(head.to_owned(), |text, n| text + &last.replace("0001", &format!("{n:04}")))
}

#[test]
fn each_code_has_a_page_that_says_what_the_code_says() {
    for code in codes::ALL {
        let page = Page::read(code);
        let words = |text: &str| {
            let mut letters = text.trim_end_matches('.').chars();
            letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>())
        };
        assert_eq!(words(page.title), words(code.means), "the title of docs/errors/{}.md", code.id);
        assert!(!page.title.ends_with('.') && page.prose.len() > 100, "docs/errors/{}.md explains", code.id);
    }
}

#[test]
fn each_page_has_its_code_and_each_code_is_there_once() {
    let codes: BTreeSet<String> = codes::ALL.iter().map(|code| format!("{}.md", code.id)).collect();
    assert_eq!(codes.len(), codes::ALL.len());
    assert!(codes::ALL.is_sorted_by_key(|code| code.id), "codes stand in their order");
    let files = std::fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<String> = files.filter(|name| name != "README.md").collect();
    assert_eq!(pages, codes);
}

#[test]
fn the_wrong_example_gives_the_code_and_the_right_one_does_not() {
    let mut broken = Vec::new();
    for code in codes::ALL {
        let page = Page::read(code);
        let (_, wrong) = compile("wrong.yaml", &page.wrong);
        if !wrong.iter().any(|found| found.code == code.id) {
            let found: Vec<String> = wrong.iter().take(5).map(line).collect();
            broken.push(format!("{}: the wrong example does not give it, but {found:#?}", code.id));
        }
        let (_, right) = compile("right.yaml", &page.right);
        let bad = |severity: Severity, found: &str| severity == Severity::Error || found == code.id;
        for found in right.iter().filter(|found| bad(found.severity, found.code)) {
            broken.push(format!("{}: the right example gives {}", code.id, line(found)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_index_is_of_these_pages() {
    let mut index =
        "# What `revbus check` can find\n\n`revbus check --explain RB0107` prints a page. A code never changes \
                     its meaning. Errors must be mended;\nwarnings and notes that are meant are named under `allow` in \
                     the file.\n\n| code | what is found |\n|---|---|\n"
            .to_owned();
    for code in codes::ALL {
        let means = code.means.trim_end_matches('.').replace('|', "\\|");
        let _ = writeln!(index, "| [{0}]({0}.md) | {means} |", code.id);
    }
    crate::golden::check("docs/errors/README.md", &index);
}
