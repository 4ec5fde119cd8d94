use super::*;

#[test]
fn a_duration_is_a_number_and_a_unit() {
    let cases = [("0s", 0), ("250ms", 250), ("2s", 2000), ("5m", 300_000), ("1h", 3_600_000), ("7d", 604_800_000)];
    for (text, millis) in cases {
        assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    assert_eq!(duration("24d"), Ok(LONGEST));
    assert!(duration("25d").unwrap_err().contains("24d is the most"));
    for text in ["", "2", "s", "-1s", "1.5s", "2 s", "2sec", "99999999999999999999s", "18446744073709551615d"] {
        assert!(duration(text).is_err(), "{text}");
    }
}
