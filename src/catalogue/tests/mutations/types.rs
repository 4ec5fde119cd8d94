//! Changes to conditions, mappings and what passes into commands: types.

use super::check;

const WHEN: &str = "data.amount > 1000.0";
const RATE: &str = "rate: \"0.1\"";
const CALCULATE: &str = "pay.calculate:\n        payload:\n          deal_id: string";

#[test]
fn expressions() {
    for (slip, help) in [
        ("amount > 1.0", " [did you mean `data.amount`?]"),
        ("amoun > 1.0", " [did you mean `data.amount`?]"),
        ("tenant_id == 'acme'", " [did you mean `event.tenant_id`?]"),
        ("date.amount > 1.0", " [did you mean `data`?]"),
        ("foo == 1", ""),
    ] {
        let name = slip.split([' ', '.']).next().unwrap();
        let message = format!("there is no variable `{name}`, only `data`, `event` and `metadata`{help}");
        check(WHEN, slip, &[&format!("41:20 error RB0143: the condition does not compile: {message}")]);
    }
    check(WHEN, "data.amoun > 1000.0", &["41:25 error RB0144: `data` has no field `amoun` [did you mean `amount`?]"]);
    check(
        WHEN,
        "data.value > 1000.0",
        &["41:25 error RB0144: `data` has no field `value` [`value` is an alias: write `amount`]"],
    );
    check(
        WHEN,
        "has(data.address) && data.address.town == 'x'",
        &["41:54 error RB0144: `data.address` has no field `town` [it declares `city`]"],
    );
    check(
        WHEN,
        "data.amount + 1 > 1000.0",
        &[
            "41:32 error RB0180: `+` does not work on a double and an int [write the number with a point, such as `1.0`, or `double(…)` around it]",
        ],
    );
    check(
        WHEN,
        "data.deal_id.startswith('x')",
        &[
            "41:33 error RB0143: the condition does not compile: there is no function `startswith` [did you mean `startsWith`?]",
        ],
    );
    check(
        WHEN,
        "data.deal_id.startsWith('x', 'y')",
        &[
            "41:33 error RB0180: `.startsWith(…)` does not work on a string, a string and a string [it takes 1 argument]",
        ],
    );
    check(
        WHEN,
        "data.rep_id == 'r'",
        &[
            "41:25 error RB0181: `data.rep_id` is optional, and where it is absent this fails [ask first: `has(data.rep_id) && …`, or `has(data.rep_id) ? data.rep_id : …`]",
        ],
    );
    check(WHEN, "has(data.rep_id) && data.rep_id == 'r'", &[]);
}

#[test]
fn comparisons_and_constants() {
    check(WHEN, "data.stage == 'wonn'", &["41:34 error RB0182: `data.stage` is never `wonn` [did you mean `won`?]"]);
    check(
        WHEN,
        "data.stage != 'wonn'",
        &["41:31 warning RB0183: this comparison always holds [`data.stage` is `open` or `won`]"],
    );
    check(
        WHEN,
        "data.deal_id == 7",
        &["41:36 error RB0182: a string is never equal to an int [a text stands in quotes: `'7'`]"],
    );
    check(
        WHEN,
        "data.rep_id != null",
        &[
            "41:20 error RB0181: `data.rep_id` is never null: where the event has no value for it, it is absent [write `has(data.rep_id)`]",
        ],
    );
    check(
        WHEN,
        "data.amount",
        &[
            "41:20 error RB0184: the condition is a double, where a boolean must stand [compare it with something: `==`, `>`, `in`, `has(…)`]",
        ],
    );
    check(
        WHEN,
        "has(data.stage)",
        &["41:20 warning RB0186: the condition always holds [leave `when` out if that is meant]"],
    );
    check(
        WHEN,
        "data.amount > 1.0 && 1 > 2",
        &[
            "41:20 error RB0185: the condition never holds: the trigger can never fire [take the trigger out if that is meant]",
        ],
    );
    check(
        WHEN,
        "event.sender == 'x'",
        &[
            "41:26 error RB0144: `event` has no field `sender` [it declares `event_id`, `event_type`, `source_module`, `tenant_id`, `user_id`, `timestamp` and `correlation_id`]",
        ],
    );
}

#[test]
fn mappings() {
    check(RATE, "rate: \"1.1\"", &["43:22 error RB0187: `rate` takes number(0..1), and this is 1.1"]);
    check(
        RATE,
        "rate: \"'high'\"",
        &["43:22 error RB0187: `rate` takes number(0..1), and this is a string [`double(…)` reads a number from text]"],
    );
    check(RATE, "rate: \"data.amount\"", &["43:22 error RB0187: `rate` takes number(0..1), and this is 1000.."]);
    check(
        RATE,
        "rate: \"data.amount > 1.0 ? 1.0 : 0.5\"",
        &["43:34 warning RB0183: this comparison always holds [`data.amount` lies within 1000..]"],
    );
    check(
        RATE,
        "rate: \"data.amount / 10\"",
        &[
            "43:34 error RB0180: `/` does not work on a double and an int [write the number with a point, such as `1.0`, or `double(…)` around it]",
        ],
    );
    check(
        RATE,
        "rate: \"data.rep_id\"",
        &[
            "43:22 error RB0187: `rate` takes number(0..1), and this is a string [`double(…)` reads a number from text]",
            "43:27 error RB0181: `data.rep_id` is optional, and where it is absent this fails [ask first: `has(data.rep_id) && …`, or `has(data.rep_id) ? data.rep_id : …`]",
        ],
    );
    check(
        RATE,
        "rat: \"0.1\"",
        &[
            "39:19 error RB0188: `pay.bonus` requires `rate`, and nothing of `sales.deal_won` fills it [say what it is: `map: {rate: …}`, or declare it optional]",
            "43:15 warning RB0144: `pay.bonus` declares no field `rat` [did you mean `rate`?]",
        ],
    );
    check(
        "pay.bonus:\n        payload:\n          rate: float(0..1)",
        "pay.bonus:\n        payload:\n          rate: enum(low|high)",
        &["43:22 error RB0187: `rate` takes enum(low|high), and this is a double [`string(…)` makes text of it]"],
    );
    check(
        "pay.bonus:\n        payload:\n          rate: float(0..1)",
        "pay.bonus:\n        payload:\n          rate: integer",
        &["43:22 error RB0187: `rate` takes integer, and this is 0.1"],
    );
}

#[test]
fn what_passes() {
    check(
        "            map:\n              rate: \"0.1\"\n",
        "",
        &[
            "39:19 error RB0188: `pay.bonus` requires `rate`, and nothing of `sales.deal_won` fills it [say what it is: `map: {rate: …}`, or declare it optional]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          deal_di: string",
        &[
            "38:13 error RB0188: `pay.calculate` requires `deal_di`, and nothing of `sales.deal_won` fills it [map it from the nearest: `map: {deal_di: data.deal_id}`]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          rep_id: string",
        &[
            "38:13 error RB0188: `pay.calculate` requires `rep_id`, which is optional in `sales.deal_won` [say what stands in: `map: {rep_id: \"has(data.rep_id) ? data.rep_id : '…'\"}`]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          deal_id: number",
        &[
            "38:13 error RB0189: `deal_id` of `sales.deal_won` does not fit `pay.calculate`, which takes number: it is a string [map it: `double(…)` reads a number from text]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          amount: number(0..100)",
        &[
            "38:13 warning RB0189: `amount` of `sales.deal_won` may not fit `pay.calculate`, which takes number(0..100): it is any number [map it: keep it within: `x > 100.0 ? 100.0 : x`]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          amount: integer",
        &[
            "38:13 warning RB0189: `amount` of `sales.deal_won` may not fit `pay.calculate`, which takes integer: it is a double, which may not be whole [map it: `int(…)` makes it whole]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          stage: enum(open|lost)",
        &[
            "38:13 warning RB0189: `stage` of `sales.deal_won` may not fit `pay.calculate`, which takes enum(open|lost): it is sometimes `won` [map it: `map: {stage: …}`]",
        ],
    );
    check(
        CALCULATE,
        "pay.calculate:\n        payload:\n          address:\n            city: string\n            zip: string",
        &[
            "38:13 error RB0189: `address` of `sales.deal_won` does not fit `pay.calculate`, which takes object: it is an object without `zip` [map it: `map: {address: …}`]",
        ],
    );
}

#[test]
fn what_a_command_refuses_or_lacks() {
    check(
        CALCULATE,
        "pay.calculate:\n        additional_fields: refuse\n        payload:\n          deal_id: string",
        &[
            "38:13 error RB0189: `pay.calculate` refuses `rep_id`, `amount`, `stage` and `address` of `sales.deal_won` [pass no others: `keep: [deal_id]`]",
        ],
    );
    check(
        "pay.bonus:\n        payload:",
        "pay.bonus:\n        additional_fields: refuse\n        payload:\n          deal_id: string",
        &["39:19 error RB0189: `pay.bonus` refuses `amount` of `sales.deal_won` [pass no others: `keep: [deal_id]`]"],
    );
    check("keep: [deal_id, amount]\n", "keep: [amount]\n", &[]);
    check(
        "pay.bonus:\n        payload:",
        "pay.bonus:\n        payload:\n          stage: enum(open|won)",
        &[
            "39:19 error RB0188: `pay.bonus` requires `stage`, and nothing of `sales.deal_won` fills it [`keep` leaves `stage` out: add it there]",
        ],
    );
    check("total: decimal(12,2)", "total: decimal(12,2)?", &[]);
}
