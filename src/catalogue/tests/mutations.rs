//! One change to the small catalogue, and what is found then.

mod blanks;
mod configs;
mod events;
mod helps;
mod types;

use super::{SMALL, lines};

/// Replaces the first occurrence of `from`, and compares everything that is found.
#[track_caller]
fn check(from: &str, to: &str, expect: &[&str]) {
    assert!(SMALL.contains(from), "the small catalogue has no {from:?}");
    assert_eq!(lines(&SMALL.replacen(from, to, 1)), expect, "{from:?} → {to:?}");
}

#[test]
fn the_file() {
    check(
        "version: 1",
        "version: 2",
        &["2:10 error RB0107: the only version of the file's format is 1 [write `version: 1`]"],
    );
    check("version: 1", "", &["3:1 error RB0105: `version` is missing [begin with `version: 1`]"]);
    check("max_hops: 8", "max_hop: 8", &["5:1 error RB0103: the file has no key `max_hop` [did you mean `max_hops`?]"]);
    check(
        "max_hops: 8",
        "max_hops: 8\nmax_hops: 9",
        &["6:1 error RB0104: the file has the key `max_hops` twice: in line 5 and in line 6 [keep one of them]"],
    );
    check(
        "max_hops: 8",
        "max_hops: [8]",
        &[
            "5:11 error RB0106: `max_hops` must be a single value, and this is a list [write one value, on the line of its key]",
        ],
    );
    check("max_hops: 8", "max_hops:", &["5:1 warning RB0109: `max_hops` has no value [leave it out]"]);
    check(
        "max_hops: 8",
        "a: *b",
        &[
            "5:4 error RB0101: an unquoted `*` makes an alias, and no anchor of this name is there [write `&b` in front of what is meant, or put the value into quotes]",
        ],
    );
    assert_eq!(lines(""), ["1:1 error RB0105: the file is empty [begin with `version: 1` and `modules`]"]);
    assert_eq!(
        lines("- 1"),
        [
            "1:1 error RB0106: the file must be a mapping, and this is a list [write lines of `key: value`, indented alike]"
        ]
    );
    assert_eq!(lines("version: 1"), ["1:1 error RB0105: `modules` is missing [declare the modules under `modules`]"]);
}

#[test]
fn settings() {
    check(
        "max_hops: 8",
        "max_hops: 0",
        &["5:11 error RB0108: `max_hops` must lie between 1 and 1000, and this is 0 [1 is the least]"],
    );
    check(
        "max_hops: 8",
        "max_hops: many",
        &[
            "5:11 error RB0107: `max_hops` must be a whole number, and this is `many` [write digits alone, without a point or a unit]",
        ],
    );
    check(
        "max_future: 1h",
        "max_future: 1 hour",
        &[
            "6:13 error RB0107: `max_future` must be a duration, and this is `1 hour` [write a whole number with a unit: `500ms`, `30s`, `10m`, `24h`, `7d`]",
        ],
    );
    check(
        "max_future: 1h",
        "max_future: 99999d",
        &["6:13 error RB0108: `max_future` must lie between 0s and 3650d, and this is 99999d [3650d is the most]"],
    );
    check(
        "mode: on",
        "mode: off",
        &[
            "9:9 warning RB0114: nothing will be audited, and no duplicate recognised [the ledger against duplicates is the audit topic itself]",
        ],
    );
    check(
        "payload: full",
        "payload: ful",
        &[
            "10:12 error RB0107: `payload` of `audit` must be `none`, `digest` or `full`, and this is `ful` [did you mean `full`?]",
        ],
    );
    check(
        "[acme, globex]",
        "opne",
        &[
            "3:10 error RB0107: `tenants`, where it is no list, must be `open`, and this is `opne` [did you mean `open`?]",
        ],
    );
    check(
        "globex]",
        "-x]",
        &[
            "3:17 error RB0120: `-x` is not a tenant id [letters, digits, `.`, `_` and `-`, a letter or digit first, 128 at most]",
        ],
    );
    check(
        "topic_prefix: test.",
        "topic_prefix: a/b",
        &[
            "4:15 error RB0120: `a/b` cannot stand in front of a topic's name [up to 48 letters, digits, `.`, `_` and `-`]",
        ],
    );
    check("max_hops: 8", "state_mode: open\ntests: []", &[]);
    check(
        "max_hops: 8",
        "state_mode: opne",
        &["5:13 error RB0107: `state_mode` must be `declared` or `open`, and this is `opne` [did you mean `open`?]"],
    );
}

#[test]
fn what_is_redacted_is_a_field() {
    check(
        "[rep_id]",
        "[rep_id, city, value, rep-id]",
        &["11:33 warning RB0144: no payload declares a field `rep-id` to redact [did you mean `rep_id`?]"],
    );
}

#[test]
fn yaml_that_cannot_be_read() {
    for (text, expect) in [
        (
            "a: b: c",
            "1:5 error RB0101: mapping values are not allowed in this context [quote a value that contains `: `, or look at the indentation]",
        ),
        ("a: \"b", "1:4 error RB0101: unclosed quote [end the text with the quote that it begins with]"),
        (
            "a: 1\n---\nb: 1",
            "2:1 error RB0101: a second YAML document begins here, and the file has one [remove the `---`: one file is one catalogue]",
        ),
        (
            "a: &a {}\n<<: *a",
            "2:1 error RB0101: the merge key `<<` has no place in a catalogue [write its keys out where they are meant]",
        ),
        ("a: .nan", "1:4 error RB0101: neither an infinite number nor `.nan` has a place in a catalogue"),
        (
            "modules:\n  x:\n    inbound:\n      *.*:\n",
            "4:7 error RB0101: an unquoted `*` makes an alias, and no anchor of this name is there [a pattern with `*` must be quoted: `\"*.*\"`]",
        ),
    ] {
        assert_eq!(lines(text), [expect]);
    }
    let deep: String = (0..50).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert_eq!(lines(&deep), ["41:41 error RB0102: the file nests deeper than 40"]);
}

#[test]
fn topics() {
    check(
        "partitions: 3",
        "partitions: 0",
        &["13:15 error RB0108: `partitions` must lie between 1 and 10000, and this is 0 [1 is the least]"],
    );
    check(
        "min_insync_replicas: 2",
        "min_insync_replicas: 4",
        &[
            "15:24 error RB0160: 4 replicas in sync are asked for, and there are 3 [raise `replication_factor`, or nothing can be written to this topic]",
        ],
    );
    check(
        "retention: 30d",
        "replication_factor: 1",
        &[
            "28:29 error RB0160: 2 replicas in sync are asked for, and there are 1 [raise `replication_factor`, or nothing can be written to this topic]",
        ],
    );
    check(
        "retention: 30d",
        "retention: 5s",
        &["28:20 error RB0108: `retention` must lie between 1m and 36500d, and this is 5s [1m is the least]"],
    );
    check(
        "payload: full",
        "retention: 1d",
        &["10:14 error RB0108: `retention` must lie between 7d and 36500d, and this is 1d [7d is the least]"],
    );
    check(
        "payload: full",
        "retention: 8d",
        &[
            "10:14 error RB0108: the audit is kept 8d, and `sales.deal_won` is kept 30d [an event without its audit record would be routed again: keep the audit as long as any event]",
        ],
    );
    check("payload: full", "retention: forever", &[]);
    check(
        "segment.ms",
        "segment.sm",
        &["18:5 warning RB0161: Kafka 4 knows no topic configuration `segment.sm` [did you mean `segment.ms`?]"],
    );
    check(
        "segment.ms: 3600000",
        "cleanup.policy: compact",
        &["18:21 error RB0162: compaction drops all but the newest event of each key [leave it at `delete`]"],
    );
    check(
        "retention: 30d",
        "encoding: avro",
        &["28:19 error RB0111: `encoding: avro` does not work yet [leave it at `json`]"],
    );
    check(
        "record_key: required",
        "record_key: yes",
        &[
            "29:21 error RB0107: `record_key` must be `any` or `required`, and this is `yes` [write `any` or `required`]",
        ],
    );
    check(
        "cloudevents: true",
        "cloudevents: yes",
        &["50:22 error RB0107: `cloudevents` must be `true` or `false`, and this is `yes` [write `true`]"],
    );
}

#[test]
fn names_and_owners() {
    check(
        "      sales.book:",
        "      sales.Book:",
        &[
            "49:7 error RB0120: `sales.Book` is not `module.name` in lower snake case [write `sales.book`]",
            "49:7 note RB0158: nobody sends the command `sales.Book` [emit it in a trigger, or give it a `reply` so that it can be requested]",
            "68:20 error RB0140: no command `sales.book` is declared [`sales.Book` is declared, and is no name of an event type: put it right there]",
        ],
    );
    check(
        "      sales.close:",
        "      sales.close.completed:",
        &[
            "51:7 error RB0120: `sales.close.completed` is not `module.name` in lower snake case [a third part is kept for the status of a reply]",
        ],
    );
    check(
        "      sales.close:",
        "      pay.close:",
        &[
            "51:7 error RB0122: `pay.close` is a command of the module `pay`, and stands under `sales` [move it under `modules.pay.actions`, or call it `sales.close`]",
        ],
    );
    check(
        "  pay:\n",
        "  revbus: {}\n  pay:\n",
        &[
            "59:3 error RB0121: the module name `revbus` is kept for the bus itself [choose another name; `name: revbus` can still show this one]",
            "59:3 note RB0156: the module `revbus` has no events",
        ],
    );
    check(
        "  pay:\n",
        "  My-Module:\n  pay:\n",
        &[
            "59:3 error RB0120: the module name `My-Module` is not lower snake case [write `my_module`, and `My-Module` as its `name`]",
            "59:3 note RB0156: the module `My-Module` has no events",
        ],
    );
    check(
        "      sales.close:",
        "      sales.deal_won:",
        &[
            "51:7 error RB0123: `sales.deal_won` is declared already, in line 24 [an event type is a fact or a command, once]",
        ],
    );
    check(
        "[sales.closed_won]",
        "[sales.close]",
        &["26:19 error RB0124: `sales.close` already names `sales.close`, in line 51 [a name means one event type]"],
    );
    check(
        "[sales.closed_won]",
        "[pay.won]",
        &[
            "26:19 error RB0122: the alias `pay.won` of a fact of `sales` is a name of the module `pay` [an alias stays within its fact's module]",
        ],
    );
    check(
        "      sales.close:",
        "      sales.deal.won:",
        &[
            "51:7 error RB0120: `sales.deal.won` is not `module.name` in lower snake case [write `sales.deal_won`]",
            "51:7 error RB0125: Kafka does not create the topics `sales.deal_won` and `sales.deal.won` side by side [it takes `.` and `_` for the same: rename one]",
        ],
    );
}
