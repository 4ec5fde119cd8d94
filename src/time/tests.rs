use proptest::prelude::*;

use super::*;

#[test]
fn rfc_3339_and_nothing_else() {
    let good = [
        ("2024-01-15T10:30:00Z", 1_705_314_600_000, Zone::Given),
        ("2024-01-15T10:30:00.5+01:00", 1_705_311_000_500, Zone::Given),
        ("2024-01-15T10:30:00", 1_705_314_600_000, Zone::Assumed),
        ("2024-01-15T10:30:00.123456", 1_705_314_600_123, Zone::Assumed),
        ("2024-01-15 10:30:00Z", 1_705_314_600_000, Zone::Given),
        ("2024-01-15 10:30:00", 1_705_314_600_000, Zone::Assumed),
        ("2024-01-15t10:30:00.5", 1_705_314_600_500, Zone::Assumed),
        ("2024-01-15T10:30:00-01:00", 1_705_318_200_000, Zone::Given),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000, Zone::Given),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999, Zone::Given),
    ];
    for (text, millis, zone) in good {
        assert_eq!(Timestamp::parse(text), Some((Timestamp::from_millis(millis), zone)), "{text}");
    }
    for bad in [
        "",
        "2024-01-15",
        "2024-13-01T00:00:00Z",
        "+2024-01-15T10:30:00",
        "12024-01-15T10:30:00",
        "2024-1-15T1:2:3",
        "2024- 1-15T10:30:00",
        "2024-01-15T10:30:00.",
        "2024-01-15_10:30:00",
        "2024-01-15T10:30:00\u{2212}01:00",
        "2024-01-15T10:30:0\u{663}",
        "0000-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999-00:01",
        "now",
        "1705314600",
    ] {
        assert_eq!(Timestamp::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_what_chrono_writes(millis in -62_167_219_200_000_i64..253_402_300_800_000) {
        let expected = DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        prop_assert_eq!(Timestamp::from_millis(millis).to_rfc3339(), expected);
    }

    #[test]
    fn the_fast_form_is_read_as_chrono_reads_it(text in "[0-9]{2}[0-2][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{3})?Z") {
        let expected = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.timestamp_millis());
        let expected = expected.filter(|millis| SAYABLE.contains(millis));
        prop_assert_eq!(Timestamp::parse(&text).map(|(time, _)| time.millis()), expected);
        let day = NaiveDate::parse_from_str(&text[..10], "%Y-%m-%d").is_ok();
        prop_assert_eq!(is_date(&text[..10]), day);
    }
}

#[test]
fn what_rfc_3339_cannot_say_is_its_last_moment() {
    for millis in [i64::MIN, -62_167_219_200_001, 253_402_300_800_000, i64::MAX] {
        assert_eq!(Timestamp::from_millis(millis).to_rfc3339(), "9999-12-31T23:59:59.999Z", "{millis}");
    }
}

#[test]
fn a_duration_is_written_as_it_is_read() {
    for text in ["0s", "1ms", "1500ms", "30s", "90s", "10m", "36h", "7d"] {
        assert_eq!(duration_text(parse_duration(text).unwrap()), text);
    }
    assert_eq!(duration_text(parse_duration("24h").unwrap()), "1d");
}
