//! One change to the small catalogue, and what is found then.

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
        &["5:11 error RB0106: `max_hops` must be a single value, and this is a list"],
    );
    check("max_hops: 8", "max_hops:", &["5:1 warning RB0109: `max_hops` has no value [leave it out]"]);
    check("max_hops: 8", "allow: [RB9999]", &["5:9 error RB0112: there is no code `RB9999`"]);
    check(
        "max_hops: 8",
        "a: *b",
        &["5:4 error RB0101: alias references unknown anchor [a pattern with `*` must be quoted: `\"*.*\"`]"],
    );
    assert_eq!(lines(""), ["1:1 error RB0105: the file is empty [begin with `version: 1` and `modules`]"]);
    assert_eq!(lines("- 1"), ["1:1 error RB0106: the file must be a mapping, and this is a list"]);
    assert_eq!(lines("version: 1"), ["1:1 error RB0105: `modules` is missing [declare the modules under `modules`]"]);
}

#[test]
fn settings() {
    check("max_hops: 8", "max_hops: 0", &["5:11 error RB0108: `max_hops` must lie between 1 and 1000, and this is 0"]);
    check(
        "max_hops: 8",
        "max_hops: many",
        &["5:11 error RB0107: `max_hops` must be a whole number, and this is `many`"],
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
        &["6:13 error RB0108: `max_future` must lie between 0s and 3650d, and this is 99999d"],
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
    check(
        "max_hops: 8",
        "duplicate_window: 10m\nstate_mode: open\ntests: []",
        &[
            "5:1 note RB0110: `duplicate_window` is checked, but has no effect yet",
            "6:1 note RB0110: `state_mode` is checked, but has no effect yet",
            "7:1 note RB0110: `tests` is checked, but has no effect yet",
        ],
    );
    check("max_hops: 8", "duplicate_window: 10m\nallow: [RB0110]", &[]);
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
        ("a: \"b", "1:4 error RB0101: unclosed quote"),
        ("a: 1\n---\nb: 1", "2:1 error RB0102: the file holds more than one YAML document"),
        ("a: &a {}\n<<: *a", "2:1 error RB0101: the merge key `<<` has no place in a catalogue"),
        ("a: .nan", "1:4 error RB0101: neither an infinite number nor `.nan` has a place in a catalogue"),
        (
            "modules:\n  x:\n    inbound:\n      *.*:\n",
            "4:7 error RB0101: alias references unknown anchor [a pattern with `*` must be quoted: `\"*.*\"`]",
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
        &["13:15 error RB0108: `partitions` must lie between 1 and 10000, and this is 0"],
    );
    check(
        "min_insync_replicas: 2",
        "min_insync_replicas: 4",
        &[
            "15:24 error RB0160: 4 replicas in sync are asked for, and there are 3 [nothing could be written to this topic]",
        ],
    );
    check(
        "retention: 30d",
        "replication_factor: 1",
        &[
            "28:29 error RB0160: 2 replicas in sync are asked for, and there are 1 [nothing could be written to this topic]",
        ],
    );
    check(
        "retention: 30d",
        "retention: 5s",
        &["28:20 error RB0108: `retention` must lie between 1m and 36500d, and this is 5s"],
    );
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
        &["29:21 error RB0107: `record_key` must be `any` or `required`, and this is `yes`"],
    );
    check(
        "cloudevents: true",
        "cloudevents: yes",
        &["50:22 error RB0107: `cloudevents` must be `true` or `false`, and this is `yes`"],
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
            "68:20 error RB0140: no command `sales.book` is declared [did you mean `sales.Book`?]",
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
            "59:3 error RB0121: the module name `revbus` is kept for the bus itself",
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
            "51:7 error RB0120: `sales.deal.won` is not `module.name` in lower snake case",
            "51:7 error RB0125: Kafka does not create the topics `sales.deal_won` and `sales.deal.won` side by side [it takes `.` and `_` for the same: rename one]",
        ],
    );
}

#[test]
fn payloads() {
    check(
        "rep_id: string?",
        "rep_id: sting",
        &["32:19 error RB0130: there is no type `sting` [did you mean `string`?]"],
    );
    check(
        "rep_id: string?",
        "rep_id:",
        &[
            "32:11 error RB0130: the field `rep_id` needs a type, and this is nothing [`string`, `number`, `date?`, `array<string>` …]",
        ],
    );
    check(
        "rep_id: string?",
        "metadata: string?",
        &[
            "32:11 error RB0132: a payload field cannot be called `metadata` [`action`, `data` and `metadata` are the parts of a payload in the envelope]",
        ],
    );
    check("city: string", "data: string", &[]);
    check(
        "rep_id: string?",
        "rep-id: string",
        &["32:11 error RB0131: `rep-id` cannot be the name of a field [use letters, digits and `_`]"],
    );
    check(
        "rep_id: string?",
        "rep_id?: string",
        &["32:11 error RB0131: `rep_id?` cannot be the name of a field [put the `?` behind the type]"],
    );
}

#[test]
fn aliases_keys_and_braces() {
    check("[value]", "[stage]", &["33:44 error RB0133: `stage` already names a field, in line 34"]);
    check(
        "type: number,",
        "type: number?,",
        &[
            "33:26 warning RB0134: `number?` stands unquoted between braces [YAML readers differ here: put the field on lines of its own, or quote its type]",
        ],
    );
    check(
        "type: number,",
        "type: decimal(12,2),",
        &[
            "33:26 error RB0130: `)` is missing at the end [a comma ends a value between braces: put the field on lines of its own]",
            "33:37 error RB0103: the field `amount` has no key `2)` [the keys are `type`, `aliases`, `description` and `redact`]",
        ],
    );
    check(
        "redact: true}",
        "redacted: true}",
        &["33:83 error RB0103: the field `amount` has no key `redacted` [did you mean `redact`?]"],
    );
    check(
        "key: deal_id",
        "key: deal_di",
        &["27:14 error RB0135: the key `deal_di` is not a field of the payload [did you mean `deal_id`?]"],
    );
    check(
        "key: deal_id",
        "key: rep_id",
        &["27:14 error RB0135: the key `rep_id` is optional [the key is a required field of type `string`]"],
    );
    check(
        "key: deal_id",
        "key: amount",
        &["27:14 error RB0135: the key `amount` is not a string [the key is a required field of type `string`]"],
    );
    check(
        "        key: deal_id\n",
        "",
        &[
            "24:7 note RB0136: the fact `sales.deal_won` has no `key`: its first required id, `deal_id`, is taken [write `key: deal_id` if that is meant]",
        ],
    );
    check(
        "deal_id: string\n",
        "deal_id: string\n          deal_id: date\n",
        &["32:11 error RB0104: `payload` has the key `deal_id` twice: in line 31 and in line 32 [keep one of them]"],
    );
}

#[test]
fn triggers() {
    check(
        "- pay.calculate",
        "- pay.calculat",
        &[
            "38:13 error RB0140: no command `pay.calculat` is declared [did you mean `pay.calculate`?]",
            "72:7 note RB0158: nobody sends the command `pay.calculate` [emit it in a trigger, or give it a `reply` so that it can be requested]",
        ],
    );
    check(
        "- pay.calculate",
        "- pay.calculate\n          - pay.audit_all",
        &["39:13 error RB0140: no command `pay.audit_all` is declared [declare it under `modules.pay.actions`]"],
    );
    check(
        "- pay.calculate",
        "- pay.calculate\n          - hr.hire",
        &["39:13 error RB0140: no command `hr.hire` is declared [no module `hr` is declared]"],
    );
    check(
        "- pay.calculate",
        "- pay.calculate\n          - pay.paid",
        &[
            "39:13 error RB0141: `pay.paid` is a fact: a trigger emits commands [facts are published by the module that owns them]",
        ],
    );
    check(
        "- pay.calculate",
        "- pay.calculate\n          - pay.calculate",
        &[
            "39:13 error RB0142: two triggers of `sales.deal_won` have the id `pay.calculate`: the other is in line 38 [give one of them an `id` of its own]",
        ],
    );
    check(
        "emit: pay.bonus",
        "emits: pay.bonus",
        &[
            "39:13 error RB0103: a trigger has no key `emits` [did you mean `emit`?]",
            "39:13 error RB0105: a trigger needs `emit` [name the command: `- emit: forecast.validate`]",
            "75:7 note RB0158: nobody sends the command `pay.bonus` [emit it in a trigger, or give it a `reply` so that it can be requested]",
        ],
    );
    check(
        "[deal_id, amount]",
        "[deal_id, value, stages]",
        &[
            "44:29 error RB0144: the fact declares no field `value` to keep [`value` is an alias: write `amount`]",
            "44:36 error RB0144: the fact declares no field `stages` to keep [did you mean `stage`?]",
        ],
    );
    check("keep: [deal_id, amount]", "enrich: {}", &["44:13 note RB0110: `enrich` is checked, but has no effect yet"]);
    check(
        "id: big",
        "id: so big",
        &["40:17 error RB0120: `so big` cannot be the id of a trigger [up to 200 letters, digits, `.`, `_` and `-`]"],
    );
    check(
        "may_emit: [sales.deal_won]",
        "may_emit: [pay.paid]",
        &["58:20 error RB0146: `pay.paid` is not a fact of the module `sales`"],
    );
    check(
        "timeout_seconds: 5",
        "timeout_seconds: 86401",
        &["52:26 error RB0108: `timeout_seconds` must lie between 1 and 86400, and this is 86401"],
    );
}

#[test]
fn a_trigger_by_a_deprecated_name_has_the_id_of_the_canonical_one() {
    let text = SMALL
        .replacen("      pay.calculate:", "      pay.calculate:\n        aliases: [pay.work_out]", 1)
        .replacen("- pay.calculate", "- pay.work_out", 1);
    assert_eq!(lines(&text), ["38:13 warning RB0126: `pay.work_out` is a deprecated name [write `pay.calculate`]"]);
    let (catalogue, _) = super::compile("test.yaml", &text);
    let catalogue = catalogue.unwrap();
    let (_, _, fact) = catalogue.facts().next().unwrap();
    assert_eq!(&*fact.triggers[0].id, "pay.calculate");
}

#[test]
fn subscriptions() {
    check(
        "      sales.deal_won:\n    actions",
        "      sales.closed_won:\n    actions",
        &["70:7 warning RB0126: `sales.closed_won` is a deprecated name [write `sales.deal_won`]"],
    );
    check(
        "      pay.paid:\n        action:",
        "      pay.payed:\n        action:",
        &[
            "46:7 error RB0150: no module emits `pay.payed` [did you mean `pay.paid`?]",
            "68:20 note RB0154: `pay.paid` triggers into `sales`, whose `inbound` does not list it [it gets the command all the same]",
        ],
    );
    check(
        "      sales.deal_won:\n    actions",
        "      sales.*:\n    actions",
        &[
            "70:7 note RB0155: `pay` gets facts twice: through `sales.*`, and as `pay.bonus` and `pay.calculate` [the two have the same `root_id`]",
        ],
    );
    check(
        "      sales.deal_won:\n    actions",
        "      sales.deal_won:\n      \"*.nothing\":\n    actions",
        &[
            "71:7 warning RB0152: `*.nothing` covers no fact of another module [`include_own` and `include_commands` widen a pattern]",
        ],
    );
    check(
        "      sales.deal_won:\n    actions",
        "      sales.deal_won:\n      sale.*:\n    actions",
        &["71:7 error RB0170: no module `sale` is declared [did you mean `sales`?]"],
    );
    check(
        "      sales.deal_won:\n    actions",
        "      sales.deal_won:\n      \"*.* (all events)\":\n    actions",
        &[
            "71:7 error RB0151: `*.* (all events)` is not a pattern [patterns are `\"*.*\"`, `module.*` and `\"*.name\"`]",
        ],
    );
    check(
        "      sales.deal_won:\n    actions",
        "      sales.deal_won:\n      sales.close:\n    actions",
        &[
            "71:7 error RB0153: `sales.close` is a command of `sales`, and `inbound` lists facts [a module receives its `actions` anyway; to watch those of others, add `include_commands: true`]",
        ],
    );
    check(
        "    inbound:\n      sales.deal_won:\n",
        "",
        &[
            "38:13 note RB0154: `sales.deal_won` triggers into `pay`, whose `inbound` does not list it [it gets the command all the same]",
        ],
    );
    check(
        "        triggers: [sales.book]\n",
        "",
        &[
            "46:7 note RB0154: `sales` subscribes to `pay.paid`, which triggers none of its actions [it reads the topic itself]",
            "49:7 note RB0158: nobody sends the command `sales.book` [emit it in a trigger, or give it a `reply` so that it can be requested]",
        ],
    );
}

#[test]
fn wildcards_cover_facts_of_others_unless_told_otherwise() {
    let covered = |options: &str| {
        let entry = format!("      sales.deal_won:\n      \"*.*\": {options}\n    actions");
        let text = SMALL.replacen("      sales.deal_won:\n    actions", &entry, 1);
        let (catalogue, _) = super::compile("test.yaml", &text);
        let catalogue = catalogue.unwrap();
        let types = &catalogue.modules[1].inbound[1].types;
        types.iter().map(|id| catalogue.event_type(*id).name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(covered("{}"), "sales.deal_won");
    assert_eq!(covered("{include_own: true}"), "sales.deal_won pay.paid");
    assert_eq!(covered("{include_commands: true}"), "sales.deal_won sales.book sales.close");
}

#[test]
fn state_is_checked_without_effect() {
    let state = "  pay:\n    state:\n      account:\n        fields:\n          score: numbr\n        emits:\n          pay.pid: {on: changed}\n        readers: [sale]\n";
    check(
        "  pay:\n",
        state,
        &[
            "60:5 note RB0110: `state` is checked, but has no effect yet",
            "63:18 error RB0130: there is no type `numbr` [did you mean `number`?]",
            "65:11 error RB0146: no module emits `pay.pid` [did you mean `pay.paid`?]",
            "66:19 error RB0170: no module `sale` is declared [did you mean `sales`?]",
        ],
    );
}
