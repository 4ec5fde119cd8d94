//! Changes to event types, triggers and subscriptions.

use super::check;
use crate::catalogue::compile;
use crate::catalogue::tests::{SMALL, lines};

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
        &["32:11 error RB0131: `rep-id` cannot be the name of a field [write `rep_id`]"],
    );
    check(
        "rep_id: string?",
        "rep_id?: string",
        &["32:11 error RB0131: `rep_id?` cannot be the name of a field [put the `?` behind the type]"],
    );
}

#[test]
fn aliases_keys_and_braces() {
    check(
        "[value]",
        "[stage]",
        &["33:44 error RB0133: `stage` already names a field, in line 34 [choose another name for one of them]"],
    );
    check(
        "type: number,",
        "type: number?,",
        &[
            "33:26 warning RB0134: `number?` stands unquoted between braces [YAML readers differ here: put the field on lines of its own, or quote its type]",
            "41:25 error RB0181: `data.amount` is optional, and where it is absent this fails [ask first: `has(data.amount) && …`, or `has(data.amount) ? data.amount : …`]",
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
        &[
            "27:14 error RB0135: the key `rep_id` is optional [the key is a required field of type `string`, such as `deal_id`]",
        ],
    );
    check(
        "key: deal_id",
        "key: amount",
        &[
            "27:14 error RB0135: the key `amount` is not a string [the key is a required field of type `string`, such as `deal_id`]",
        ],
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
}

#[test]
fn the_long_form_of_triggers() {
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
    check(
        "keep: [deal_id, amount]",
        "enrich: {}",
        &["44:13 note RB0110: `enrich` is checked, but has no effect yet [`allow: [RB0110]` hides this until it has]"],
    );
    check(
        "id: big",
        "id: so big",
        &["40:17 error RB0120: `so big` cannot be the id of a trigger [up to 200 letters, digits, `.`, `_` and `-`]"],
    );
    check(
        "may_emit: [sales.deal_won]",
        "may_emit: [pay.paid]",
        &[
            "58:20 error RB0146: `pay.paid` is not a fact of the module `sales` [name a fact from `modules.sales.outbound`]",
        ],
    );
    check(
        "timeout_seconds: 5",
        "timeout_seconds: 86401",
        &["52:26 error RB0108: `timeout_seconds` must lie between 1 and 86400, and this is 86401 [86400 is the most]"],
    );
}

#[test]
fn a_trigger_by_a_deprecated_name_has_the_id_of_the_canonical_one() {
    let text = SMALL
        .replacen("      pay.calculate:", "      pay.calculate:\n        aliases: [pay.work_out]", 1)
        .replacen("- pay.calculate", "- pay.work_out", 1);
    assert_eq!(lines(&text), ["38:13 warning RB0126: `pay.work_out` is a deprecated name [write `pay.calculate`]"]);
    let (catalogue, _) = compile("test.yaml", &text);
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
            "71:7 error RB0151: `*.* (all events)` is not a pattern [write `\"*.*\"` alone]",
            "71:7 note RB0155: `pay` gets facts twice: through `*.*`, and as `pay.bonus` and `pay.calculate` [the two have the same `root_id`]",
            "71:7 note RB0192: `pay` reads `sales.deal_won` twice: `sales.deal_won` covers it too [it still gets each record once]",
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
fn deprecated_facts_are_pointed_at() {
    check(
        "additional_fields: refuse",
        "deprecated: true",
        &[
            "46:7 warning RB0127: `pay.paid` is deprecated [its `description` may say what takes its place; `pay` owns it]",
        ],
    );
}

#[test]
fn wildcards_cover_facts_of_others_unless_told_otherwise() {
    let covered = |options: &str| {
        let entry = format!("      sales.deal_won:\n      \"*.*\": {options}\n    actions");
        let text = SMALL.replacen("      sales.deal_won:\n    actions", &entry, 1);
        let (catalogue, _) = compile("test.yaml", &text);
        let catalogue = catalogue.unwrap();
        let types = &catalogue.modules[1].inbound[1].types;
        types.iter().map(|id| catalogue.event_type(*id).name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(covered("{}"), "sales.deal_won");
    assert_eq!(covered("{include_own: true}"), "sales.deal_won pay.paid");
    assert_eq!(covered("{include_commands: true}"), "sales.deal_won sales.book sales.close");
}
