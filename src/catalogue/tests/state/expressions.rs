//! What is found in the expressions of emissions.

use super::check;

const WHEN: &str = "            when: \"new.score != old.score\"\n";

#[test]
fn expressions_about_a_change() {
    check(
        WHEN,
        "            when: \"new.scor > old.score\"\n",
        &["25:24 error RB0144: `new` has no field `scor` [did you mean `score`?]"],
    );
    check(
        WHEN,
        "            when: \"new.health > old.score\"\n",
        &["25:24 error RB0144: `new` has no field `health` [`health` is an alias: write `score`]"],
    );
    check(
        WHEN,
        "            when: \"data.score > 1.0\"\n",
        &[
            "25:20 error RB0143: the condition does not compile: there is no variable `data`, only `old`, `new`, `entity`, `event` and `metadata` [did you mean `new`?]",
        ],
    );
    check(
        WHEN,
        "            when: \"old.score > 100.0\"\n",
        &["25:32 error RB0182: `old.score` is never more than 100 [it lies within 0..100]"],
    );
    check(
        WHEN,
        "            when: \"old.score > 1.0 && false\"\n",
        &[
            "25:20 error RB0202: the condition never holds: the fact can never be emitted [take the fact out of `emits` if that is meant]",
        ],
    );
    check(WHEN, "            when: \"has(metadata.client_id) && metadata.client_id == 'a'\"\n", &[]);
    check(
        WHEN,
        "            when: \"metadata.reply_partition > 3\"\n",
        &[
            "25:29 error RB0181: `metadata.reply_partition` is optional, and where it is absent this fails [ask first: `has(metadata.reply_partition) && …`, or `has(metadata.reply_partition) ? metadata.reply_partition : …`]",
        ],
    );
    check(
        WHEN,
        "            when: \"new.score\"\n",
        &[
            "25:20 error RB0184: the condition is a double, where a boolean must stand [compare it with something: `==`, `>`, `in`, `has(…)`]",
        ],
    );
    check(
        WHEN,
        "            when: \"entity.type == 'acount'\"\n",
        &["25:35 error RB0182: `entity.type` is never `acount` [did you mean `account`?]"],
    );
    check(
        WHEN,
        "            when: \"entity.version > 1 && event.event_type == 'state.put' && entity.name == ''\"\n",
        &[
            "25:84 error RB0144: `entity` has no field `name` [it declares `id`, `type`, `module`, `tenant_id` and `version`]",
        ],
    );
    check(
        WHEN,
        "            when: \"new.score >\"\n",
        &[
            "25:30 error RB0143: the condition does not compile: the expression ends too early [the last operator lacks its second operand]",
        ],
    );
    check(
        "map:\n              account_id: \"entity.id\"",
        "map:\n              account_id: \"data.id\"",
        &[
            "27:28 error RB0143: the value of `account_id` does not compile: there is no variable `data`, only `old`, `new`, `entity`, `event` and `metadata` [did you mean `new`?]",
        ],
    );
}

#[test]
fn states_that_may_not_be_there() {
    let on = "            on: change\n            when: \"new.score != old.score\"\n";
    let with = |on: &str, when: &str| format!("            on: {on}\n            when: \"{when}\"\n");
    check(
        on,
        &with("[create, change]", "new.score != old.score"),
        &[
            "25:37 error RB0203: an entity that is created has no `old` state, and there `old.score` fails [ask first: `has(old.score) && …`, or `has(old.score) ? old.score : …`]",
            "28:31 error RB0203: an entity that is created has no `old` state, and there `old.score` fails [ask first: `has(old.score) && …`, or `has(old.score) ? old.score : …`]",
        ],
    );
    check(on, &with("[create, change]", "has(old.score) && new.score != old.score"), &[]);
    check(on, &with("[create, change]", "has(old.risk) && new.score != old.score"), &[]);
    check(
        on,
        &with("create", "new.score > 1.0"),
        &[
            "28:31 error RB0203: an entity that is created has no `old` state, and there `old.score` fails [take `old.score` out, or let `on` name other changes too]",
        ],
    );
    check(
        on,
        &with("create", "has(old.score)"),
        &[
            "25:20 error RB0202: the condition never holds: the fact can never be emitted [take the fact out of `emits` if that is meant]",
        ],
    );
    check(
        on,
        &with("delete", "old.score > 1.0"),
        &[
            "29:27 error RB0203: an entity that is deleted has no `new` state, and there `new.score` fails [take `new.score` out, or let `on` name other changes too]",
            "30:26 error RB0203: an entity that is deleted has no `new` state, and there `new.risk` fails [take `new.risk` out, or let `on` name other changes too]",
        ],
    );
    check(
        on,
        &with("[create, change, delete]", "has(new.seen) && new.score > 1.0"),
        &[
            "28:31 error RB0203: an entity that is created has no `old` state, and there `old.score` fails [ask first: `has(old.score) && …`, or `has(old.score) ? old.score : …`]",
        ],
    );
    check(
        on,
        &with("[create, change]", "old.score != null"),
        &[
            "25:20 error RB0181: `old.score` is never null: where the event has no value for it, it is absent [write `has(old.score)`]",
            "28:31 error RB0203: an entity that is created has no `old` state, and there `old.score` fails [ask first: `has(old.score) && …`, or `has(old.score) ? old.score : …`]",
        ],
    );
}
