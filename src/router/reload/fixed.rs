//! What a running process cannot change: what it was started with stands in names on the cluster, or in a ledger.

use crate::catalogue::{AuditMode, Catalogue};

/// Everything in a new catalogue that a running process cannot take, a sentence each.
pub(super) fn refusals(old: &Catalogue, new: &Catalogue) -> Vec<String> {
    let (before, after) = (&old.settings, &new.settings);
    let mut refusals = Vec::new();
    let mut fixed = |key: &str, (from, to): (String, String), why: &str| {
        if from != to {
            refusals.push(format!("`{key}` was {from} and is {to}: {why}, so that needs a restart"));
        }
    };
    let quoted = |prefix: &str| format!("`{prefix}`");
    fixed(
        "topic_prefix",
        (quoted(&before.topic_prefix), quoted(&after.topic_prefix)),
        "the consumer group and the transactional ids of this process begin with it",
    );
    let mode = |mode| if mode == AuditMode::On { "on" } else { "off" }.to_owned();
    fixed(
        "audit.mode",
        (mode(before.audit.mode), mode(after.audit.mode)),
        "the ledger against duplicates is a view of the audit topic",
    );
    let seconds = |window: std::time::Duration| format!("{} s", window.as_secs());
    fixed(
        "duplicate_window",
        (seconds(before.duplicate_window), seconds(after.duplicate_window)),
        "the ledger against duplicates is read back for that long",
    );
    fixed(
        "duplicate_ids",
        (before.duplicate_ids.to_string(), after.duplicate_ids.to_string()),
        "the ledger against duplicates was made for as many",
    );
    if new.facts().next().is_none() && !new.keeps_state() {
        refusals.push("the catalogue has no facts and keeps no state, so there would be nothing to route".to_owned());
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::compile;

    fn catalogue(settings: &str, facts: &str) -> Catalogue {
        let text = format!("version: 1\n{settings}\nmodules:\n  m: {{name: M, outbound: {{{facts}}}}}\n");
        compile("fixed.yaml", &text).0.unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn what_needs_a_restart_is_refused_with_all_reasons_and_the_rest_is_taken() {
        let facts = "m.a: {}";
        let old = catalogue("", facts);
        for (settings, refused) in [
            ("", &[][..]),
            ("tenants: [acme]\nmax_hops: 3\nmax_future: 1h\nmax_event_bytes: 5000", &[]),
            ("audit: {payload: full, redact: [x]}\ndefaults: {partitions: 12}", &[]),
            ("topic_prefix: new.", &["`topic_prefix` was `` and is `new.`"]),
            ("audit: {mode: off}", &["`audit.mode` was on and is off"]),
            (
                "duplicate_window: 20m\nduplicate_ids: 7000",
                &["`duplicate_window` was 600 s and is 1200 s", "`duplicate_ids` was 500000 and is 7000"],
            ),
        ] {
            let said = refusals(&old, &catalogue(settings, facts));
            assert_eq!(said.len(), refused.len(), "{settings}: {said:?}");
            for (said, refused) in said.iter().zip(refused) {
                assert!(said.starts_with(refused) && said.ends_with("needs a restart"), "{said}");
            }
        }
        assert_eq!(
            refusals(&old, &catalogue("", "")),
            ["the catalogue has no facts and keeps no state, so there would be nothing to route"]
        );
        assert_eq!(refusals(&old, &catalogue("state_mode: open", "")), [""; 0]);
    }
}
