//! Evaluations that fail: the sentence, and that no value is in it.

use super::table;

#[test]
fn what_goes_wrong_at_run_time_is_named_by_type_and_never_by_value() {
    const ZONE: &str = "! the text is no time zone, such as `Europe/Berlin` or `+02:00`";
    table(&[
        ("data.amount + 1", "! `+` does not work on a double and an int"),
        ("data.deal_id - 'x'", "! `-` does not work on a string and a string"),
        ("data.seats / 0", "! a division by zero"),
        ("data.seats % 0", "! a remainder of a division by zero"),
        ("9223372036854775807 + data.seats", "! `+` goes beyond 64 bits"),
        ("0.0 / 0.0 < 1.0", "! `<` has no answer for what is not a number, as 0.0 / 0.0 is"),
        ("data.deal_id > 3", "! `>` does not work on string and int"),
        ("data.scores[7]", "! an index is beyond the end of its list"),
        ("data.deal_id.size", "! `.` does not work on string and string"),
        ("!data.deal_id", "! `!` does not work on string"),
        ("-data.deal_id", "! `-` does not work on string"),
        ("data.amount.map(x, x)", "! found a double where an iterable is needed"),
        ("size(data.amount)", "! `size` does not work on double"),
        ("int('x')", "! `int` failed: string parse error: invalid digit found in string"),
        ("duration('5 minutes')", "! `duration` failed: the text is no duration, such as `1h30m`, `90s` or `250ms`"),
        ("duration('1h 30m')", "! `duration` failed: the text is no duration, such as `1h30m`, `90s` or `250ms`"),
        (
            "duration('1h' + data.deal_id)",
            "! `duration` failed: the text is no duration, such as `1h30m`, `90s` or `250ms`",
        ),
        ("timestamp('2024-05-01T10:00:00\u{2212}02:00')", "! `timestamp` failed: input contains invalid characters"),
        ("timestamp(data.deal_id)", "! `timestamp` failed: premature end of input"),
        ("data.deal_id.matches('[' + data.deal_id)", "! the pattern of `matches` is no regular expression"),
        ("data.scores + {'b': 1, 'a': 2}", "! `+` does not work on map"),
        ("[1] + (data.seats > 0 ? data.first : data.scores)", "! `+` does not work on map"),
        ("[1] + (data.seats > 0 ? {'a': 1} : data.scores)", "! `+` does not work on map"),
        ("[1] + [data.first, data][0]", "! `+` does not work on map"),
        ("data.first + data.first", "! `+` does not work on map"),
        ("[1, 2].map(x, [x] + data.first)", "! `+` does not work on map"),
        ("[1] + optional.of(data.first).value()", "! `+` does not work on map"),
        ("data.seats.matches('a')", "! `matches` does not work on int and string"),
        ("matches(data.deal_id, data.seats)", "! `matches` does not work on string and int"),
        ("timestamp('2024-01-15T10:30:00Z').getHours(data.deal_id)", ZONE),
        ("timestamp('2024-01-15T10:30:00Z').getDate('x:1' + data.deal_id)", ZONE),
        ("timestamp('2024-01-15T10:30:00Z').getMinutes('99:99')", ZONE),
        ("{'a': 1, 'a': 2}", "! a map has the same key twice"),
    ]);
}

/// A key that comes of the event may be somebody's secret.
#[test]
fn a_key_that_the_expression_does_not_say_is_not_named() {
    table(&[
        ("{'a': 1}[data.deal_id]", "! a map has no such key"),
        ("{'deal_id': 1}['deal_' + data.deal_id]", "! a map has no such key"),
        ("{'a': 1}['b']", "! there is no field `b`"),
    ]);
}
