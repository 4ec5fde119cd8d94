//! Files that are large on purpose: what is allowed compiles, what is not is refused, and neither takes long.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{compile, lines};
use crate::diagnostic::Severity;

/// Far more than anything here takes, even in a debug build on a busy machine.
const QUICK: Duration = Duration::from_secs(180);

/// What is found in a text, in good time.
fn quick(text: &str) -> Vec<String> {
    let begun = Instant::now();
    let found = lines(text);
    assert!(begun.elapsed() < QUICK, "{} bytes took {:?}", text.len(), begun.elapsed());
    found
}

/// A text that is refused with one error of a code.
fn refused(text: &str, code: &str) {
    let found = quick(text);
    assert!(found.len() == 1 && found[0].contains(code), "{code}: {:?}", &found[..found.len().min(3)]);
}

/// A catalogue of one fact, with these lines below it.
fn one_fact(lines: &str) -> String {
    format!(
        "version: 1\nmodules:\n  a:\n    outbound:\n      a.f:\n        key: i\n        payload: {{i: string}}\n{lines}\
         \n  b:\n    actions:\n      b.c: {{payload: {{i: string}}}}\n"
    )
}

#[test]
fn ten_megabytes_are_refused() {
    let row = "          - b.c\n";
    refused(&one_fact(&format!("        triggers:\n{}", row.repeat(10_000_000 / row.len()))), "RB0102");
    refused(&"x".repeat(10_000_000), "RB0102");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut bomb = "version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, of) in "bcdefghijklmnop".chars().zip("abcdefghijklmno".chars()) {
        let _ = writeln!(bomb, "{name}: &{name} [{}]", vec![format!("*{of}"); 9].join(","));
    }
    assert_eq!(quick(&bomb).len(), 1);
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(1000), "*a,".repeat(1000));
    assert_eq!(quick(&wide).len(), 1);
}

/// However an expression nests, it is an error at the trigger, and not the end of the process.
#[test]
fn a_deep_expression_is_refused() {
    let deep = |n: usize| {
        [
            format!("{}true{}", "(".repeat(n), ")".repeat(n)),
            format!("{}true", "!".repeat(n)),
            format!("{}1{} == 1", "[".repeat(n), "]".repeat(n)),
            format!("data{}", ".i".repeat(n)),
            format!("{}data.i", "true ? true : ".repeat(n)),
            vec!["true"; n].join(" && "),
        ]
    };
    let texts = deep(10_000).into_iter().chain(deep(250));
    for (number, text) in texts.enumerate() {
        let found = quick(&one_fact(&format!("        triggers: [{{emit: b.c, when: \"{text}\"}}]\n")));
        let at_the_condition = |line: &&String| line.starts_with("8:") && line.contains(" error ");
        let errors = found.iter().filter(at_the_condition).count();
        // The parser balances a chain of `&&`, and takes `!!` away: these are not deep.
        let flat = [7, 11].contains(&number);
        assert!(errors == 1 || flat, "{number}: {} bytes: {found:?}", text.len());
    }
}

#[test]
fn a_hundred_thousand_triggers_are_refused() {
    let rows: String = (0..100_000).map(|n| format!("          - {{emit: b.c, id: t{n}}}\n")).collect();
    let found = quick(&one_fact(&format!("        triggers:\n{rows}")));
    assert!(found.iter().any(|line| line.contains("RB0102")), "{:?}", &found[..found.len().min(3)]);
    // Over many facts: as many as the file may hold.
    let facts: String = (0..1200)
        .map(|n| {
            format!("      a.g{n}: {{key: i, payload: {{i: string}}, triggers: [{}]}}\n", vec!["b.c"; 80].join(", "))
        })
        .collect();
    let found = quick(&one_fact(&facts));
    assert!(found.iter().any(|line| line.contains("RB0142")), "{:?}", &found[..found.len().min(3)]);
}

#[test]
fn very_long_names_are_refused_and_cut_short() {
    let long = "n".repeat(1_000_000);
    for text in [
        format!("version: 1\nmodules: {{{long}: {{}}}}\n"),
        format!("version: 1\nmodules: {{a: {{outbound: {{a.{long}: }}}}}}\n"),
        format!("version: 1\n{long}: 1\nmodules: {{a: {{}}}}\n"),
        one_fact(&format!("        triggers: [b.{long}]\n")),
        one_fact(&format!("        triggers: [{{emit: b.c, id: {long}}}]\n")),
        one_fact(&format!("    inbound: {{b.{long}: }}\n")),
        one_fact(&format!("    inbound: {{\"{long}*\": }}\n")),
        one_fact(&format!("        triggers: [{{emit: b.c, map: {{{long}: \"1\"}}}}]\n")),
    ] {
        let found = quick(&text);
        assert!(found.iter().any(|line| line.contains(" error ")));
        assert!(found.iter().all(|line| line.len() < 2000), "{}", found.iter().map(String::len).max().unwrap_or(0));
    }
}

/// A cycle through two thousand facts and commands is found, and its sentence is still a sentence.
#[test]
fn a_long_cycle_is_told_in_a_sentence() {
    let mut text = "version: 1\nmodules:\n".to_owned();
    for n in 0..400 {
        let next = (n + 1) % 400;
        let _ = write!(
            text,
            "  m{n}:\n    outbound:\n      m{n}.done: {{key: i, payload: {{i: string}}, triggers: [m{next}.do]}}\n    \
             actions:\n      m{n}.do: {{payload: {{i: string}}, may_emit: [m{n}.done]}}\n"
        );
    }
    let found = quick(&text);
    let cycles: Vec<_> = found.iter().filter(|line| line.contains("RB0190")).collect();
    assert_eq!(cycles.len(), 1, "{:?}", &cycles[..cycles.len().min(2)]);
    assert!(cycles[0].contains("more …") && cycles[0].len() < 1500, "{}", cycles[0]);
}

/// As large as a catalogue is said to get: 1,000 event types, 5,000 triggers with a condition and a mapping each. The
/// bound here is loose; docs/performance.md has the figure of a release build.
#[test]
fn a_large_catalogue_compiles() {
    let mut text = "version: 1\nallow: [RB0154]\nmodules:\n".to_owned();
    for m in 0..20 {
        let _ = write!(text, "  m{m}:\n    outbound:\n");
        for f in 0..25 {
            let _ = write!(
                text,
                "      m{m}.f{f}:\n        key: id\n        payload: {{id: string, amount: number, note: string?}}\n        triggers:\n"
            );
            for t in 0..10 {
                let (target, command) = ((m + t) % 20, (f + t) % 25);
                let _ = writeln!(
                    text,
                    "          - {{emit: m{target}.c{command}, when: \"data.amount > {t}.0 && data.id != ''\", map: {{amount: \"data.amount * 2.0\"}}}}"
                );
            }
        }
        text.push_str("    actions:\n");
        for c in 0..25 {
            let _ = writeln!(text, "      m{m}.c{c}: {{key: id, payload: {{id: string, amount: number}}}}");
        }
    }
    let begun = Instant::now();
    let (catalogue, found) = compile("large.yaml", &text);
    let errors: Vec<_> = found.iter().filter(|one| one.severity > Severity::Note).take(3).collect();
    assert!(begun.elapsed() < 2 * QUICK, "{:?}", begun.elapsed());
    let catalogue = catalogue.unwrap_or_else(|| panic!("{errors:?}"));
    assert_eq!(
        (catalogue.types.len(), catalogue.facts().map(|(_, _, fact)| fact.triggers.len()).sum()),
        (1000, 5000_usize)
    );
}
