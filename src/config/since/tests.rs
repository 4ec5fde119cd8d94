use super::*;

#[test]
fn since_is_a_time_or_a_while_ago() {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let millis = |text: &str| since(text).map(|since| since.before(now).millis());
    assert_eq!(millis("1h"), Ok(1_700_000_000_000 - 3_600_000));
    assert_eq!(millis("30d"), Ok(1_700_000_000_000 - 30 * 86_400_000));
    assert_eq!(millis("2023-11-14T22:13:00Z"), Ok(1_699_999_980_000));
    assert_eq!(millis("2024-01-15T10:30:00Z"), Ok(1_705_314_600_000));
    assert!(millis("yesterday").unwrap_err().contains("such as 1h"));
}
