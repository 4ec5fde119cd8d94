//! Values of topic configurations, and names beyond their bounds.

use super::check;
use crate::diagnostic::shorten;

#[test]
fn what_kafka_would_refuse_is_an_error() {
    for (config, values, value) in [
        ("segment.ms: 1h", "`segment.ms` is a whole number of at least 1", "1h"),
        ("segment.bytes: 3000000000", "`segment.bytes` is a whole number from 14 to 2147483647", "3000000000"),
        ("min.cleanable.dirty.ratio: 50", "`min.cleanable.dirty.ratio` is a number from 0 to 1", "50"),
        ("preallocate: 1", "`preallocate` is `true` or `false`", "1"),
        ("message.timestamp.type: append", "`message.timestamp.type` is one of CreateTime, LogAppendTime", "append"),
        ("cleanup.policy: remove", "`cleanup.policy` is some of compact, delete, with commas between", "remove"),
    ] {
        let column = 7 + config.find(": ").unwrap();
        let found = format!("18:{column} error RB0107: {values}, and this is `{value}` [Kafka would refuse it]");
        check("segment.ms: 3600000", config, &[&found]);
    }
    for fine in ["retention.ms: -1", "preallocate: TRUE", "min.cleanable.dirty.ratio: 0.5", "cleanup.policy: 'delete'"]
    {
        check("segment.ms: 3600000", fine, &[]);
    }
}

#[test]
fn a_name_that_is_too_long_is_called_so() {
    let long = "m".repeat(101);
    check(
        "  pay:\n",
        &format!("  {long}:\n  pay:\n"),
        &[
            &format!("59:3 error RB0120: the module name `{}` is longer than 100 bytes", shorten(&long)),
            &format!("59:3 note RB0156: the module `{long}` has no events"),
        ],
    );
}
