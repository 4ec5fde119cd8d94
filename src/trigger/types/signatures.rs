//! Which functions and operators exist for which types, and what they give: the evaluator's own table, which it keeps
//! to itself. A test asks it for every combination.

use cel::common::ast::operators as op;

use super::kinds::Kind;
use super::kinds::Kind::{Bool, Bytes, Double, Duration, Int, List, Map, String, Timestamp, Uint};
use crate::trigger::functions::Style::{self, Global, Member};

/// One way to call a function: its name, how, the types it takes (the value that it is called on first), what it gives.
pub(super) type Signature = (&'static str, Style, &'static [Kind], Kind);

/// The functions that look at the types of their arguments.
pub(super) const FUNCTIONS: &[Signature] = &[
    ("bool", Global, &[Bool], Bool),
    ("bool", Global, &[String], Bool),
    ("bytes", Global, &[Bytes], Bytes),
    ("bytes", Global, &[String], Bytes),
    ("double", Global, &[Double], Double),
    ("double", Global, &[Int], Double),
    ("double", Global, &[Uint], Double),
    ("double", Global, &[String], Double),
    ("int", Global, &[Int], Int),
    ("int", Global, &[Uint], Int),
    ("int", Global, &[Double], Int),
    ("int", Global, &[String], Int),
    ("int", Global, &[Timestamp], Int),
    ("uint", Global, &[Uint], Uint),
    ("uint", Global, &[Int], Uint),
    ("uint", Global, &[Double], Uint),
    ("uint", Global, &[String], Uint),
    ("string", Global, &[String], String),
    ("string", Global, &[Bool], String),
    ("string", Global, &[Int], String),
    ("string", Global, &[Uint], String),
    ("string", Global, &[Double], String),
    ("string", Global, &[Bytes], String),
    ("string", Global, &[Timestamp], String),
    ("string", Global, &[Duration], String),
    ("duration", Global, &[String], Duration),
    ("duration", Global, &[Duration], Duration),
    ("timestamp", Global, &[String], Timestamp),
    ("timestamp", Global, &[Timestamp], Timestamp),
    ("timestamp", Global, &[Int], Timestamp),
    ("size", Global, &[String], Int),
    ("size", Global, &[Bytes], Int),
    ("size", Global, &[List], Int),
    ("size", Global, &[Map], Int),
    ("size", Member, &[String], Int),
    ("size", Member, &[Bytes], Int),
    ("size", Member, &[List], Int),
    ("size", Member, &[Map], Int),
    ("matches", Global, &[String, String], Bool),
    ("matches", Member, &[String, String], Bool),
    ("contains", Member, &[String, String], Bool),
    ("startsWith", Member, &[String, String], Bool),
    ("endsWith", Member, &[String, String], Bool),
    ("getHours", Member, &[Duration], Int),
    ("getMinutes", Member, &[Duration], Int),
    ("getSeconds", Member, &[Duration], Int),
    ("getMilliseconds", Member, &[Duration], Int),
    ("getFullYear", Member, &[Timestamp], Int),
    ("getMonth", Member, &[Timestamp], Int),
    ("getDayOfYear", Member, &[Timestamp], Int),
    ("getDayOfMonth", Member, &[Timestamp], Int),
    ("getDate", Member, &[Timestamp], Int),
    ("getDayOfWeek", Member, &[Timestamp], Int),
    ("getHours", Member, &[Timestamp], Int),
    ("getMinutes", Member, &[Timestamp], Int),
    ("getSeconds", Member, &[Timestamp], Int),
    ("getMilliseconds", Member, &[Timestamp], Int),
    ("getFullYear", Member, &[Timestamp, String], Int),
    ("getMonth", Member, &[Timestamp, String], Int),
    ("getDayOfYear", Member, &[Timestamp, String], Int),
    ("getDayOfMonth", Member, &[Timestamp, String], Int),
    ("getDate", Member, &[Timestamp, String], Int),
    ("getDayOfWeek", Member, &[Timestamp, String], Int),
    ("getHours", Member, &[Timestamp, String], Int),
    ("getMinutes", Member, &[Timestamp, String], Int),
    ("getSeconds", Member, &[Timestamp, String], Int),
    ("getMilliseconds", Member, &[Timestamp, String], Int),
];

/// The operators that look at the types of their operands, and fail where they know none of it.
pub(super) const OPERATORS: &[Signature] = &[
    (op::ADD, Global, &[Int, Int], Int),
    (op::ADD, Global, &[Uint, Uint], Uint),
    (op::ADD, Global, &[Double, Double], Double),
    (op::ADD, Global, &[String, String], String),
    (op::ADD, Global, &[Bytes, Bytes], Bytes),
    (op::ADD, Global, &[List, List], List),
    (op::ADD, Global, &[Duration, Duration], Duration),
    (op::ADD, Global, &[Timestamp, Duration], Timestamp),
    (op::ADD, Global, &[Duration, Timestamp], Timestamp),
    (op::SUBSTRACT, Global, &[Int, Int], Int),
    (op::SUBSTRACT, Global, &[Uint, Uint], Uint),
    (op::SUBSTRACT, Global, &[Double, Double], Double),
    (op::SUBSTRACT, Global, &[Duration, Duration], Duration),
    (op::SUBSTRACT, Global, &[Timestamp, Duration], Timestamp),
    (op::SUBSTRACT, Global, &[Timestamp, Timestamp], Duration),
    (op::MULTIPLY, Global, &[Int, Int], Int),
    (op::MULTIPLY, Global, &[Uint, Uint], Uint),
    (op::MULTIPLY, Global, &[Double, Double], Double),
    (op::DIVIDE, Global, &[Int, Int], Int),
    (op::DIVIDE, Global, &[Uint, Uint], Uint),
    (op::DIVIDE, Global, &[Double, Double], Double),
    (op::MODULO, Global, &[Int, Int], Int),
    (op::MODULO, Global, &[Uint, Uint], Uint),
    (op::NEGATE, Global, &[Int], Int),
    (op::NEGATE, Global, &[Double], Double),
];

/// Whether `<` and its like work on two types.
pub(super) fn comparable(left: Kind, right: Kind) -> bool {
    let ordered = matches!(left, Bool | String | Bytes | Timestamp | Duration);
    (left.is_number() && right.is_number()) || (ordered && left == right)
}

/// Whether two values of these types can be equal.
pub(super) fn can_equal(left: Kind, right: Kind) -> bool {
    left == right || (left.is_number() && right.is_number())
}

/// Whether a value of the second type takes an index of the first.
pub(super) fn indexes(index: Kind, container: Kind) -> bool {
    (container == List && index.is_number()) || (container == Map && is_key(index))
}

/// Whether a map can be asked for such a key.
pub(super) const fn is_key(kind: Kind) -> bool {
    matches!(kind, Int | Uint | Double | String | Bool)
}

/// Whether a map that an expression writes can have such a key.
pub(super) const fn makes_key(kind: Kind) -> bool {
    matches!(kind, Int | Uint | String | Bool)
}

/// Whether a table knows a function at all.
pub(super) fn knows(table: &[Signature], name: &str) -> bool {
    table.iter().any(|row| row.0 == name)
}
