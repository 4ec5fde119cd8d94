//! The source document's own blocks, and the rows of docs/decisions.md that the check must find in them.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use super::super::codes;
use super::shipped::DOCUMENT;
use super::{compile, line};
use crate::diagnostic::{Diagnostic, Severity, render, tally};

/// The one block that is not YAML.
const WILDCARD: &str = include_str!("../../../tests/catalogue/wildcard_document.yaml");

/// The whole report, as `check` prints it.
fn report(file: &str, text: &str) -> String {
    let (catalogue, found) = compile(file, text);
    assert!(catalogue.is_none());
    format!("{}{}\n", render(text, &found, false), tally(&found))
}

#[test]
fn the_whole_reports_are_these() {
    let whole = report("source_document.yaml", DOCUMENT);
    crate::golden::check("tests/catalogue/source_document.txt", &whole);
    let wildcard = report("wildcard_document.yaml", WILDCARD);
    crate::golden::check("tests/catalogue/wildcard_document.txt", &wildcard);
}

/// What is found in the document, by code: the line as it stands there, and the finding.
fn found(text: &str) -> BTreeMap<&'static str, Vec<(String, Diagnostic)>> {
    let mut by_code: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for found in compile("document.yaml", text).1 {
        let line = text.lines().nth(found.line as usize - 1).unwrap().trim().to_owned();
        by_code.entry(found.code).or_default().push((line, found));
    }
    by_code
}

/// What the document says, read by another YAML reader: each trigger, by fact and command; what each module listens to.
struct Said {
    triggers: Vec<(String, String)>,
    inbound: BTreeMap<String, Vec<String>>,
}

fn said() -> Said {
    let read = YamlLoader::load_from_str(DOCUMENT).unwrap();
    let text = |yaml: &Yaml| yaml.as_str().unwrap().to_owned();
    let (mut triggers, mut inbound) = (Vec::new(), BTreeMap::new());
    for (module, sections) in read[0]["modules"].as_hash().unwrap() {
        let keys = sections["inbound"].as_hash().map(|hash| hash.keys().map(text).collect()).unwrap_or_default();
        inbound.insert(text(module), keys);
        for (fact, declared) in sections["outbound"].as_hash().into_iter().flatten() {
            let commands = declared["triggers"].as_vec().unwrap();
            triggers.extend(commands.iter().map(|command| (text(fact), text(command))));
        }
    }
    Said { triggers, inbound }
}

#[test]
fn row_1_trigger_targets_are_declared_nowhere() {
    let (said, found) = (said(), found(DOCUMENT));
    let undeclared = &found[codes::UNDECLARED_TARGET];
    let at: Vec<&str> = undeclared.iter().map(|(line, _)| line.strip_prefix("- ").unwrap()).collect();
    let triggers: Vec<&str> = said.triggers.iter().map(|(_, command)| command.as_str()).collect();
    assert_eq!(at, triggers, "each trigger, at its line");
    assert_eq!((at.len(), at.iter().collect::<BTreeSet<_>>().len()), (31, 30));
    for (line, found) in undeclared {
        let command = line.strip_prefix("- ").unwrap();
        let (module, _) = command.split_once('.').unwrap();
        assert_eq!(found.message, format!("no command `{command}` is declared"));
        assert_eq!(found.help, Some(format!("declare it under `modules.{module}.actions`")));
    }
}

#[test]
fn rows_2_to_5_inbound_facts_are_emitted_by_nobody() {
    let found = found(DOCUMENT);
    let nobody = &found[codes::EMITTED_BY_NOBODY];
    let of: Vec<_> = nobody.iter().map(|(line, found)| (line.as_str(), found.help.as_deref().unwrap())).collect();
    let declare =
        |module: &str| format!("declare it under `modules.{module}.outbound`, or as an alias of a fact there");
    let ask = |name: &str| {
        format!(
            "a question is a request: a command with a `reply` under `actions` of who answers it, of which `{name}` can \
             be an alias"
        )
    };
    assert_eq!(
        of,
        [
            ("pipeline.closed_won:", "did you mean `pipeline.deal_won`?"),
            ("customer_success.churn_risk:", "did you mean `customer_success.churn_risk_high`?"),
            ("compensation.attainment_check:", ask("compensation.attainment_check").as_str()),
            ("forecast.capacity_check:", ask("forecast.capacity_check").as_str()),
            ("deal_desk.pricing_approved:", declare("deal_desk").as_str()),
            ("planning.quota_changed:", declare("planning").as_str()),
        ]
    );
    let concrete = said().inbound.values().flatten().filter(|name| !name.contains('*')).count();
    assert_eq!((nobody.len(), concrete), (6, 9));
}

#[test]
fn row_6_five_of_ten_modules_have_no_events() {
    let found = found(DOCUMENT);
    let silent: Vec<&str> = found[codes::SILENT_MODULE]
        .iter()
        .filter(|(_, found)| found.message.ends_with("has no events"))
        .map(|(line, _)| line.trim_end_matches(':'))
        .collect();
    assert_eq!(silent, ["planning", "my_customers", "deal_desk", "partner_management", "market_intelligence"]);
    assert_eq!(said().inbound.len(), 10);
}

#[test]
fn row_8_the_wildcard_must_be_quoted() {
    let (_, found) = compile("document.yaml", WILDCARD);
    let lines: Vec<String> = found.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "5:7 error RB0101: an unquoted `*` makes an alias, and no anchor of this name is there [a pattern with `*` must be quoted: `\"*.*\"`]"
        ]
    );
}

#[test]
fn row_9_the_dashboard_is_served_twice() {
    let found = found(DOCUMENT);
    let [(line, found)] = found[codes::DOUBLE_DELIVERY].as_slice() else { panic!("not once") };
    assert_eq!((line.as_str(), found.severity), ("\"*.*\":", Severity::Note));
    assert!(
        found.message.ends_with(
            "as `dashboard.celebrate`, `dashboard.refresh`, `dashboard.update` and `dashboard.update_metrics`"
        ),
        "{}",
        found.message
    );
}

#[test]
fn row_10_pairs_are_on_one_side_only() {
    let (said, found) = (said(), found(DOCUMENT));
    let mut pairs = BTreeSet::new();
    for (fact, command) in &said.triggers {
        let (module, _) = command.split_once('.').unwrap();
        let listed = said.inbound[module].iter().any(|name| name == fact || name == "*.*");
        if !listed {
            pairs.insert(format!("`{fact}` triggers into `{module}`, whose `inbound` does not list it"));
        }
    }
    let one_sided = &found[codes::ONE_SIDED];
    assert!(one_sided.iter().all(|(line, found)| line.starts_with("- ") && found.severity == Severity::Note));
    let messages: BTreeSet<String> = one_sided.iter().map(|(_, found)| found.message.clone()).collect();
    assert_eq!(messages, pairs);
    assert_eq!((one_sided.len(), pairs.len()), (24, 24));
}

/// Quoted with the words behind it, the key is an error, and everything else is found all the same.
#[test]
fn words_behind_the_wildcard_hide_nothing() {
    let sentences = |text: &str| compile("document.yaml", text).1.iter().map(line).collect::<Vec<_>>();
    let (plain, mut wordy) = (sentences(DOCUMENT), sentences(&DOCUMENT.replace("\"*.*\":", "\"*.* (all events)\":")));
    let at = wordy.iter().position(|line| line.contains("RB0151")).unwrap();
    assert!(wordy.remove(at).ends_with("`*.* (all events)` is not a pattern [write `\"*.*\"` alone]"));
    assert_eq!(wordy, plain);
}

/// Nothing else is an error.
#[test]
fn errors_are_those_of_the_rows() {
    let errors: BTreeSet<&str> = compile("document.yaml", DOCUMENT)
        .1
        .iter()
        .filter(|found| found.severity > Severity::Note)
        .map(|found| found.code)
        .collect();
    assert_eq!(errors, BTreeSet::from([codes::UNDECLARED_TARGET, codes::EMITTED_BY_NOBODY]));
}
