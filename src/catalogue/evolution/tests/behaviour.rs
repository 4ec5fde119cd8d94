//! What changes without a contract's doing: how often, how long, who reads, and the bounds of the whole.

use super::{BASE, check, lines};

#[test]
fn a_condition_that_is_new_takes_commands_away() {
    let (plain, conditional) =
        ("- compensation.calculate\n", "- {emit: compensation.calculate, when: \"data.probability > 0.5\"}\n");
    check(
        &[(plain, conditional)],
        &["breaking trigger → `compensation.calculate` of `pipeline.deal_won` changed the condition from none to \
         `data.probability > 0.5`, so that fewer facts lead to the command: breaks handler `compensation`"],
    );
    assert_eq!(
        lines(&BASE.replacen(plain, conditional, 1), BASE),
        ["compatible trigger → `compensation.calculate` of `pipeline.deal_won` changed the condition from \
         `data.probability > 0.5` to none, so that all facts lead to the command"]
    );
}

#[test]
fn who_subscribes() {
    let inbound = "    inbound:\n      pipeline.deal_won:\n";
    check(
        &[(inbound, "")],
        &["breaking `forecast` does not subscribe to `pipeline.deal_won` any more: breaks subscriber `forecast`"],
    );
    check(
        &[("include_commands: true", "include_commands: false")],
        &[
            "breaking `dashboard` does not subscribe to `compensation.calculate` and `forecast.adjust` any more: breaks \
         subscriber `dashboard`",
        ],
    );
    assert_eq!(
        lines(&BASE.replacen(inbound, "", 1), BASE),
        ["compatible `forecast` subscribes to `pipeline.deal_won`, and did not"]
    );
    // Who reads through another pattern reads on.
    check(&[("      pipeline.deal_won:\n    actions:", "      \"pipeline.*\":\n    actions:")], &[]);
}

#[test]
fn how_long_somebody_waits_or_may_be_late() {
    let timeout = |was: &str, is: &str| {
        let of = |seconds: &str| {
            BASE.replacen(
                "compensation.calculate:\n",
                &format!("compensation.calculate:\n        timeout_seconds: {seconds}\n"),
                1,
            )
        };
        lines(&of(was), &of(is))
    };
    assert_eq!(
        timeout("10", "1"),
        [
            "breaking `timeout_seconds` of `compensation.calculate` changed from 10 to 1: breaks handler `compensation`, those \
         who request it"
        ]
    );
    assert_eq!(timeout("1", "10"), ["compatible `timeout_seconds` of `compensation.calculate` changed from 1 to 10"]);
    let retention = |is: &str| format!("retention: {is}\n        key: deal_id");
    check(
        &[("key: deal_id", &retention("1m"))],
        &["breaking `retention` of `pipeline.deal_won` changed from 7d to 1m: breaks whoever reads it later than that"],
    );
    check(
        &[("key: deal_id", &retention("forever"))],
        &["compatible `retention` of `pipeline.deal_won` changed from 7d to forever"],
    );
    let safety = "replication_factor: 3\n        min_insync_replicas: 2\n        config: {segment.ms: 60000}\n        ";
    check(
        &[("key: deal_id", &format!("{safety}key: deal_id"))],
        &[
            "compatible `replication_factor` of `pipeline.deal_won` changed from 1 to 3",
            "compatible `min_insync_replicas` of `pipeline.deal_won` changed from the broker's default to 2",
            "compatible `segment.ms` of `pipeline.deal_won` changed from the broker's default to `60000`",
        ],
    );
    let headers = BASE.replacen("forecast.adjust:\n", "forecast.adjust:\n        cloudevents: true\n", 1);
    assert_eq!(
        lines(&headers, BASE),
        [
            "breaking commands `forecast.adjust` do not carry the headers of CloudEvents any more: breaks handler `forecast`, \
         subscriber `dashboard`"
        ]
    );
}

#[test]
fn bounds_and_the_audit() {
    let set = |line: &str| lines(BASE, &BASE.replacen("version: 1", &format!("version: 1\n{line}"), 1));
    assert_eq!(
        set("max_hops: 8"),
        [
            "breaking `max_hops` changed from 16 to 8, so that events with more hops behind them are dead letters: breaks \
         every producer and subscriber"
        ]
    );
    assert_eq!(set("max_hops: 32"), ["compatible `max_hops` changed from 16 to 32"]);
    assert_eq!(
        set("max_future: 1h"),
        [
            "breaking `max_future` changed from 1d to 1h, so that events whose time lies further ahead are dead letters: breaks \
         every producer and subscriber"
        ]
    );
    assert_eq!(
        set("duplicate_window: 0s"),
        [
            "breaking `duplicate_window` changed from 10m to 0s, so that a fact that is sent again later than that is routed \
         again: breaks every producer and subscriber"
        ]
    );
    assert_eq!(set("max_event_bytes: 2000000"), ["compatible `max_event_bytes` changed from 1000000 to 2000000"]);
    assert_eq!(
        set("audit: {mode: off, payload: full, redact: [rep_id], retention: 3650d}"),
        [
            "breaking nothing is audited any more, and a fact that is sent again is routed again: breaks every producer \
             and subscriber",
            "compatible the audit holds all of each payload, and held a digest",
            "compatible the audit hides `rep_id`",
            "compatible the audit is kept 3650d, and was 7d",
        ]
    );
    let kept = BASE.replacen("version: 1", "version: 1\naudit: {retention: forever}", 1);
    assert_eq!(
        lines(&kept, BASE),
        ["breaking the audit is kept 7d, and was for ever: breaks whoever reads it later than that"]
    );
}
