//! Chains of `&&`, `||` and `!` over few fields and few constants: what is said to answer alike does.

use proptest::prelude::*;

use super::agree::{answers, data, kinds};
use crate::trigger::Expression;

fn comparison() -> impl Strategy<Value = String> {
    let order = || prop::sample::select(&["<", "<=", ">", ">=", "==", "!="][..]);
    let number = prop::sample::select(&["-3.0", "0.0", "1.5", "1", "42.5", "250"][..]);
    let field = prop::sample::select(&["data.amount", "data.score", "data.seats"][..]);
    let word = prop::sample::select(&["'open'", "'won'", "'lost'"][..]);
    prop_oneof![
        3 => (field, order(), number).prop_map(|(field, order, number)| format!("{field} {order} {number}")),
        1 => (word.clone(), order()).prop_map(|(word, order)| match order {
            "<" | "<=" => format!("data.stage in [{word}]"),
            ">" | ">=" => format!("data.stage in ['won', {word}]"),
            order => format!("data.stage {order} {word}"),
        }),
        1 => prop::sample::select(&["data.open", "has(data.discount)", "data.open == false"][..]).prop_map(str::to_owned),
    ]
}

fn chain() -> impl Strategy<Value = String> {
    comparison().prop_recursive(3, 12, 3, |inner| {
        let joined = |sign: &'static str| {
            prop::collection::vec(inner.clone(), 2..4).prop_map(move |sides| format!("({})", sides.join(sign)))
        };
        prop_oneof![joined(" && "), joined(" || "), inner.clone().prop_map(|inner| format!("!({inner})"))]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_condition_that_is_said_to_answer_alike_does(text in chain(), events in prop::collection::vec(data(), 16)) {
        let condition = Expression::compile(&text).unwrap();
        let (kinds, decided) = kinds(&condition);
        let Some(decided) = decided else { return Ok(()) };
        for (answer, data) in answers(&condition, &events).into_iter().zip(&events) {
            prop_assert_eq!(answer, Ok(decided), "{}\n{}\n{:?}", text, data, kinds);
        }
    }
}
