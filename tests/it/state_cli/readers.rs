//! `readers` of the catalogue: no verb gives away what they keep from whoever asks.

use super::{ACME, LOW, bus, said};

const SECRET: &str = "customer_success/secret/s";

#[test]
fn no_verb_shows_what_a_module_may_not_read() {
    let bus = bus("readers");
    let _router = bus.router("a");
    said(&bus, &["put", SECRET, "--data", r#"{"note": "hush"}"#], 0);
    said(&bus, &["put", ACME, "--data", LOW], 0);
    for arguments in [
        &["get", SECRET][..],
        &["history", SECRET],
        &["list", "customer_success/secret"],
        &["export", "customer_success/secret"],
        &["export", "customer_success"],
        &["watch", SECRET, "--initial", "--max", "1"],
        &["watch", "customer_success/secret", "--initial", "--max", "1"],
        &["watch", "customer_success", "--initial", "--max", "2"],
    ] {
        let said = said(&bus, &[arguments, &["--as", "forecast"]].concat(), 1);
        let denied = said.contains("`forecast` does not read customer_success/secret");
        assert!(denied && !said.contains("hush") && !said.contains("acme"), "{arguments:?}: {said}");
    }
    let watch = |scope, max, module| said(&bus, &["watch", scope, "--initial", "--max", max, "--as", module], 0);
    assert!(watch("customer_success/account", "1", "forecast").contains("acme"));
    let all = watch("customer_success", "2", "pipeline");
    assert!(all.contains("acme") && all.contains("hush"), "{all}");
}
