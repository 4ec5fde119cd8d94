//! Event types as a whole, their triggers, their topics, and the settings.

use super::{BASE, check, lines};

#[test]
fn types_come_go_and_are_renamed() {
    check(
        &[("      pipeline.deal_won:\n        key", "      pipeline.new:\n      pipeline.deal_won:\n        key")],
        &["compatible the fact `pipeline.new` added"],
    );
    check(
        &[
            ("      pipeline.deal_won:\n        key", "      pipeline.deal_closed:\n        key"),
            ("[pipeline.closed_won]", "[pipeline.closed_won, pipeline.deal_won]"),
        ],
        &[
            "compatible `pipeline.deal_won` renamed to `pipeline.deal_closed`: the former name is an alias, the topic is \
            `pipeline.deal_closed`, and ids of derived events change with it",
        ],
    );
    check(
        &[("        aliases: [pipeline.closed_won]\n", "")],
        &["breaking the alias `pipeline.closed_won` removed from `pipeline.deal_won`: breaks producer `pipeline`"],
    );
    check(
        &[("closed_won]", "closed_won, pipeline.won]")],
        &["compatible the alias `pipeline.won` added to `pipeline.deal_won`"],
    );
    check(
        &[("key: deal_id", "deprecated: true\n        key: deal_id")],
        &["compatible `pipeline.deal_won` is deprecated"],
    );
    check(
        &[
            (
                "      compensation.calculate:\n",
                "      compensation.compute:\n        aliases: [compensation.calculate]\n",
            ),
            ("- compensation.calculate", "- compensation.compute"),
        ],
        &[
            "compatible `compensation.calculate` renamed to `compensation.compute`: the former name is an alias, the topic \
            is `compensation.compute`, and ids of derived events change with it",
        ],
    );
}

#[test]
fn a_fact_that_is_gone_takes_all_with_it() {
    let (head, rest) = BASE.split_once("  pipeline:\n").unwrap();
    let (_, tail) = rest.split_once("  compensation:\n").unwrap();
    let tail = tail.replacen("    inbound:\n      pipeline.deal_won:\n", "", 1);
    assert_eq!(
        lines(BASE, &format!("{head}  compensation:\n{tail}")),
        ["breaking the fact `pipeline.deal_won` removed: breaks trigger → `compensation.calculate`, trigger → \
            `forecast.adjust` (`big`), producer `pipeline`, subscriber `forecast`, subscriber `dashboard`"]
    );
}

#[test]
fn triggers() {
    check(
        &[("          - compensation.calculate\n", "")],
        &[
            "breaking trigger → `compensation.calculate` removed from `pipeline.deal_won`: breaks handler `compensation`",
        ],
    );
    check(
        &[(
            "- compensation.calculate\n",
            "- compensation.calculate\n          - {emit: compensation.calculate, id: more}\n",
        )],
        &["compatible trigger → `compensation.calculate` (`more`) added to `pipeline.deal_won`"],
    );
    check(
        &[("id: big", "id: large")],
        &[
            "compatible trigger → `forecast.adjust` (`large`) of `pipeline.deal_won` has the id `large`, and had `big`: \
         what it derives has other event ids, so the command of a fact that comes again is not recognised by its id",
        ],
    );
    check(
        &[("1000.0", "500.0")],
        &["compatible trigger → `forecast.adjust` (`big`) of `pipeline.deal_won` changed the condition from \
         `data.final_amount > 1000.0 && has(data.account_id) && data.address.city == 'Bern'` to \
         `data.final_amount > 500.0 && has(data.account_id) && data.address.city == 'Bern'`, so that other facts lead to \
         the command"],
    );
    check(
        &[("* 2.0", "* 3.0")],
        &["compatible trigger → `forecast.adjust` (`big`) of `pipeline.deal_won` changed the mapping of `share`"],
    );
    check(
        &[("keep: [deal_id]", "keep: []")],
        &["breaking trigger → `forecast.adjust` (`big`) of `pipeline.deal_won` changed what it keeps: breaks handler \
         `forecast`"],
    );
    check(
        &[("keep: [deal_id]", "keep: [deal_id, rep_id]")],
        &["breaking trigger → `forecast.adjust` (`big`) of `pipeline.deal_won` changed what it keeps: breaks handler \
         `forecast`"],
    );
}

#[test]
fn order_strictness_and_the_whole() {
    check(
        &[("key: deal_id", "key: rep_id")],
        &[
            "breaking the key of `pipeline.deal_won` changed from `deal_id` to `rep_id`: breaks the order of its records",
        ],
    );
    check(
        &[("key: deal_id", "partitions: 12\n        key: deal_id")],
        &[
            "breaking the partitions of `pipeline.deal_won` changed from 6 to 12, which moves most keys: breaks the order of \
         its records",
        ],
    );
    check(
        &[("key: deal_id", "record_key: required\n        key: deal_id")],
        &["breaking records of `pipeline.deal_won` must have the key of their entity: breaks producer `pipeline`"],
    );
    check(
        &[("key: deal_id", "additional_fields: refuse\n        key: deal_id")],
        &["breaking `pipeline.deal_won` refuses fields that it does not declare: breaks producer `pipeline`"],
    );
    check(
        &[("compensation.calculate:\n", "compensation.calculate:\n        additional_fields: refuse\n")],
        &[
            "breaking `compensation.calculate` refuses fields that it does not declare: breaks trigger `pipeline.deal_won` → \
         `compensation.calculate`, those who request it",
        ],
    );
    check(
        &[("        additional_fields: refuse\n", "")],
        &["compatible `forecast.adjust` lets fields pass that it does not declare"],
    );
    check(
        &[("version: 1", "version: 1\ntopic_prefix: test.")],
        &["breaking `topic_prefix` changed from `` to `test.`: breaks every producer and subscriber"],
    );
    check(
        &[("[acme, globex]", "[acme, initech]")],
        &[
            "breaking the tenant `globex` is not accepted any more: breaks tenant `globex`",
            "compatible the tenant `initech` is accepted",
        ],
    );
    check(&[("[acme, globex]", "open")], &["compatible every tenant is accepted"]);
    let closed = BASE.replace("[acme, globex]", "open");
    assert_eq!(lines(&closed, BASE), ["breaking only listed tenants are accepted: breaks every other tenant"]);
}

#[test]
fn a_new_field_breaks_the_trigger_whose_command_refuses_it() {
    let refuse = "compensation.calculate:\n        additional_fields: refuse\n";
    let closed = BASE.replacen("compensation.calculate:\n", refuse, 1);
    assert_eq!(
        lines(&closed, &closed.replacen("rep_id: string", "rep_id: string\n          note: string?", 1)),
        ["breaking `note` added to `pipeline.deal_won`, optional: breaks trigger → `compensation.calculate`"]
    );
}
