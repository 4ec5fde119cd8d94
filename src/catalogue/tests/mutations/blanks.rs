//! What was meant and not written, and keys that are nearly right: nothing of it disappears.

use super::check;

const BLANK: &str = "[write what is meant, or take the dash out]";

#[test]
fn an_entry_that_is_blank_does_not_disappear() {
    for (blank, column) in [("-", 12), ("- ~", 13), ("- null", 13), ("- !!null \"\"", 20), ("- # pay.calculate", 28)] {
        check(
            "- pay.calculate",
            blank,
            &[
                &format!("38:{column} error RB0106: an entry of `triggers` is blank {BLANK}"),
                "72:7 note RB0158: nobody sends the command `pay.calculate` [emit it in a trigger, or give it a `reply` so that it can be requested]",
            ],
        );
    }
    for (list, at, what) in [
        ("tenants: [acme, globex]", "3:11", "tenants"),
        ("redact: [rep_id]", "11:12", "redact"),
        ("aliases: [sales.closed_won]", "26:19", "aliases"),
        ("aliases: [value]", "33:44", "aliases"),
        ("keep: [deal_id, amount]", "44:20", "keep"),
        ("may_emit: [sales.deal_won]", "58:20", "may_emit"),
    ] {
        let key = list.split(':').next().unwrap();
        check(list, &format!("{key}: [~]"), &[&format!("{at} error RB0106: an entry of `{what}` is blank {BLANK}")]);
    }
    check("max_hops: 8", "tests: [~]", &[&format!("5:9 error RB0106: an entry of `tests` is blank {BLANK}")]);
    check("max_hops: 8", "allow: [~]", &[&format!("5:9 error RB0106: an entry of `allow` is blank {BLANK}")]);
}

#[test]
fn what_lets_less_through_is_not_left_blank() {
    let help = "[it would let everything through: say what is meant, or leave the key out]";
    for (from, at) in [
        ("when: \"data.amount > 1000.0\"", "41:13"),
        ("keep: [deal_id, amount]", "44:13"),
        ("tenants: [acme, globex]", "3:1"),
        ("redact: [rep_id]", "11:3"),
    ] {
        let key = from.split(':').next().unwrap();
        check(from, &format!("{key}:"), &[&format!("{at} error RB0109: `{key}` has no value {help}")]);
    }
}

#[test]
fn a_module_is_not_called_nothing() {
    check(
        "name: Sales",
        "name: \"\"",
        &[
            "21:11 error RB0107: the `name` of the module `sales` is blank [say how people call it, or leave `name` out]",
        ],
    );
}

#[test]
fn what_is_all_said_by_its_name_needs_no_body() {
    check("        action: Close the books\n", "", &[]);
    check("        cloudevents: true\n", "", &[]);
    check("        payload:\n          rate: float(0..1)\n", "        payload: {rate: float}\n", &[]);
    check(
        "pay.calculate:\n        payload:\n          deal_id: string",
        "pay.calculate: text",
        &[
            "72:22 error RB0106: the command `pay.calculate` must be a mapping, and this is a single value [write lines of `key: value`, indented alike]",
        ],
    );
}

#[test]
fn a_misspelt_type_is_said_where_it_stands() {
    let city = "          address:\n            city: string";
    let said = |slip: &str| {
        format!("35:21 warning RB0197: `address` is an object whose only field is `{slip}` [did you mean `type`?]")
    };
    check(city, "          address: {tpye: string}", &[&said("tpye")]);
    check(city, "          address: {Type: string}", &[&said("Type")]);
    for rest in ["aliases: [place]", "redact: true", "description: Where it stands", "unit: EUR, redact: true"] {
        let unit = "35:34 error RB0103: the field `address` has no key `unit` [the keys are `type`, `aliases`, `description` and `redact`]";
        let slip = "35:21 error RB0103: the field `address` has no key `typ` [did you mean `type`?]";
        let found: Vec<&str> = [slip].into_iter().chain(rest.starts_with("unit").then_some(unit)).collect();
        check(city, &format!("          address: {{typ: string, {rest}}}"), &found);
    }
    check(
        city,
        "          address: {redact: true, aliases: [place]}",
        &["35:11 error RB0105: the field `address` needs `type` [say what it is: `type: string`]"],
    );
}

#[test]
fn an_object_may_have_fields_with_such_names() {
    for object in [
        "{typ: string, city: string}",
        "{typ: string, description: string}",
        "{type: {typ: string, description: string}}",
        "{aliases: array, description: string, redact: boolean}",
    ] {
        check("          address:\n            city: string", &format!("          address: {object}"), &[]);
    }
}
