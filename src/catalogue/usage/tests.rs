use crate::catalogue::compile;

/// Two modules in which each fact is triggered on, so that what a test adds is all that is found.
const WORLD: &str = "\
version: 1
allow: [RB0154]
modules:
  sales:
    outbound:
      sales.won: {key: deal_id, payload: {deal_id: string}, triggers: [pay.book]}
    actions:
      sales.close: {payload: {deal_id: string}, reply: {ok: boolean}}
  pay:
    outbound:
      pay.paid: {key: deal_id, payload: {deal_id: string}, triggers: [sales.close]}
    actions:
      pay.book: {payload: {deal_id: string}}
";

/// What is found when a part of the world is written otherwise: `line:column severity code: message`.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(WORLD.contains(from), "{from}");
    let (_, found) = compile("test.yaml", &WORLD.replace(from, to));
    let found: Vec<String> = found
        .iter()
        .map(|one| format!("{}:{} {:?} {}: {}", one.line, one.column, one.severity, one.code, one.message))
        .collect();
    assert_eq!(found, expected, "{to}");
}

const BOOK: &str = "pay.book: {payload: {deal_id: string}}";
const CLOSE: &str = "reply: {ok: boolean}}";

#[test]
fn a_cycle_is_told_with_its_whole_way_at_the_entry_that_closes_it() {
    check("", "", &[]);
    check(BOOK, "pay.book: {payload: {deal_id: string}, may_emit: [pay.paid]}", &[]);
    let both = WORLD.replace(CLOSE, "reply: {ok: boolean}, may_emit: [sales.won]}");
    let both = both.replace(BOOK, "pay.book: {payload: {deal_id: string}, may_emit: [pay.paid]}");
    let (catalogue, found) = compile("test.yaml", &both);
    assert!(catalogue.is_some(), "a cycle is a warning");
    let said: Vec<_> = found.iter().map(|one| (one.line, one.column, one.code, &*one.message)).collect();
    // One cycle has two entries, and is one finding.
    let message = "`sales.close` may emit `sales.won`, which leads back to it: \
                   sales.won → pay.book → pay.paid → sales.close";
    assert_eq!(said, [(8, 82, "RB0190", message)]);
    let (_, allowed) = compile("test.yaml", &both.replace("RB0154", "RB0154, RB0190"));
    assert_eq!(allowed.len(), 0);
}

#[test]
fn the_shortest_way_back_is_told() {
    check(
        "triggers: [pay.book]}\n    actions:\n      sales.close: {",
        "triggers: [pay.book, sales.close]}\n    actions:\n      sales.close: {may_emit: [sales.won], ",
        &["8:32 Warning RB0190: `sales.close` may emit `sales.won`, which leads back to it: sales.won → sales.close"],
    );
}

#[test]
fn a_direct_loop_does_not_hide_in_a_longer_one() {
    let text = "\
version: 1
allow: [RB0136, RB0154]
modules:
  a:
    outbound:
      a.one: {triggers: [b.go]}
    actions:
      a.go: {may_emit: [a.one]}
  b:
    outbound:
      b.did: {triggers: [c.go, b.go]}
    actions:
      b.go: {may_emit: [b.did]}
  c:
    outbound:
      c.did: {triggers: [a.go]}
    actions:
      c.go: {may_emit: [c.did]}
";
    let said = |text: &str| -> Vec<String> {
        let (_, found) = compile("test.yaml", text);
        assert!(found.iter().all(|one| one.code == "RB0190"), "{found:?}");
        found.iter().map(|one| format!("{} {}", one.line, one.message)).collect()
    };
    let direct = "13 `b.go` may emit `b.did`, which leads back to it: b.did → b.go";
    let long = "8 `a.go` may emit `a.one`, which leads back to it: a.one → b.go → b.did → c.go → c.did → a.go";
    assert_eq!(said(text), [long, direct]);
    // Nor does a shorter way round, whose `may_emit`s are all part of longer ones.
    let shorter = text.replace("[c.go, b.go]", "[c.go, a.go]");
    let short = "8 `a.go` may emit `a.one`, which leads back to it: a.one → b.go → b.did → a.go";
    assert_eq!(
        said(&shorter),
        [
            long.replace(
                "8 `a.go` may emit `a.one`, which leads back to it: a.one → b.go → b.did → c.go → c.did → a.go",
                short
            ),
            long.to_owned()
        ]
    );
}

#[test]
fn what_nobody_consumes_or_sends_is_noted() {
    check("triggers: [sales.close]", "triggers: []", &["11:7 Note RB0157: nobody consumes the fact `pay.paid`"]);
    check(CLOSE, "}", &[]);
    check(
        BOOK,
        "pay.book: {payload: {deal_id: string}}\n      pay.idle: {}",
        &["14:7 Note RB0158: nobody sends the command `pay.idle`"],
    );
    check(
        BOOK,
        "pay.book: {payload: {deal_id: string}}\n  idle: {}\n  deaf: {outbound: {deaf.said: {key: deal_id, payload: {deal_id: string, why: string}, triggers: [pay.book]}}}",
        &[
            "13:7 Note RB0145: facts of different shapes trigger `pay.book`: `deaf.said` and `sales.won`",
            "14:3 Note RB0156: the module `idle` has no events",
            "15:3 Note RB0156: nothing reaches the module `deaf`: no `actions`, no `inbound`",
        ],
    );
}

#[test]
fn what_comes_twice_is_noted() {
    check(
        "triggers: [pay.book]",
        "triggers: [pay.book, {emit: pay.book, id: again}]",
        &["6:89 Note RB0191: each `sales.won` is sent to `pay.book` twice: also by the trigger in line 6"],
    );
    check(
        "triggers: [pay.book]",
        "triggers: [{emit: pay.book, id: first, when: \"data.deal_id == 'x'\"}, {emit: pay.book, id: again, when: \"data.deal_id == 'y'\"}]",
        &[],
    );
    let again = |column: u32| {
        format!(
            "6:{column} Note RB0198: where the condition holds, `sales.won` is sent to `pay.book` twice: the trigger in line 6 always fires"
        )
    };
    let (five, three) = (
        "{emit: pay.book, id: one, when: \"data.deal_id > '5'\"}",
        "{emit: pay.book, id: two, when: \"data.deal_id > '3'\"}",
    );
    check(
        "triggers: [pay.book]",
        &format!("triggers: [{five}, {three}, {{emit: pay.book, id: three}}]"),
        &[&again(79), &again(134)],
    );
    let inbound = |list: &str| format!("    inbound: {{{list}}}\n    actions:\n      pay.book");
    check(
        "    actions:\n      pay.book",
        &inbound("sales.won: , \"sales.*\": "),
        &[
            "12:28 Note RB0155: `pay` gets facts twice: through `sales.*`, and as `pay.book`",
            "12:28 Note RB0192: `pay` reads `sales.won` twice: `sales.won` covers it too",
        ],
    );
    check("    actions:\n      pay.book", &inbound("sales.won: "), &[]);
}

#[test]
fn pairs_that_stand_on_one_side_only_are_noted() {
    let one_sided = WORLD.replace("allow: [RB0154]\n", "\n");
    let (_, found) = compile("test.yaml", &one_sided);
    let said: Vec<_> = found.iter().map(|one| format!("{} {}", one.line, one.message)).collect();
    assert_eq!(
        said,
        [
            "6 `sales.won` triggers into `pay`, whose `inbound` does not list it",
            "11 `pay.paid` triggers into `sales`, whose `inbound` does not list it",
        ]
    );
    let listed = one_sided.replace("  pay:\n", "    inbound: {pay.paid: }\n  pay:\n    inbound: {sales.won: }\n");
    assert_eq!(compile("test.yaml", &listed).1.len(), 0);
    let only = listed.replace("triggers: [sales.close]", "triggers: []");
    let (_, found) = compile("test.yaml", &only);
    let said: Vec<_> = found.iter().map(|one| &*one.message).collect();
    assert_eq!(said, ["`sales` subscribes to `pay.paid`, which triggers none of its actions"]);
}

#[test]
fn a_shape_is_what_a_trigger_lets_through() {
    let second = |trigger: &str| {
        format!(
            "triggers: [sales.close]}}\n      pay.late: {{key: deal_id, payload: {{deal_id: string, days: integer}}, \
             triggers: [{trigger}]}}"
        )
    };
    let undeclared = "12:126 Warning RB0144: `pay.book` declares no field `late`";
    let differs = "14:7 Note RB0145: facts of different shapes trigger `pay.book`: `pay.late` and `sales.won`";
    check("triggers: [sales.close]}", &second("pay.book"), &[differs]);
    check("triggers: [sales.close]}", &second("{emit: pay.book, keep: [deal_id]}"), &[]);
    check(
        "triggers: [sales.close]}",
        &second("{emit: pay.book, keep: [deal_id], map: {late: \"true\"}}"),
        &[undeclared, differs],
    );
    let typed = second("pay.book").replace(", days: integer", "").replace("deal_id: string", "deal_id: enum(a|b)");
    let keyless = "12:7 Note RB0136: the fact `pay.late` has no `key`: each event is an entity of its own, without order among them";
    check("triggers: [sales.close]}", &typed.replace("key: deal_id, ", ""), &[keyless, differs]);
}
