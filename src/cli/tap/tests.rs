use super::*;

#[test]
fn a_start_is_a_word_or_a_time() {
    assert_eq!(start("beginning"), Ok(Start::Beginning));
    assert_eq!(start("end"), Ok(Start::End));
    assert_eq!(start("1970-01-01T00:00:01Z"), Ok(Start::At(Timestamp::from_millis(1000))));
    for (read, wanted) in [(start("yesterday").err(), "beginning, end, a duration"), (until("end").err(), "a duration")]
    {
        assert!(read.is_some_and(|otherwise| otherwise.starts_with(&format!("expected {wanted}"))), "{wanted}");
    }
    assert!(matches!(start("3650d"), Ok(Start::At(_))), "the trail may be ten years long");
    let Ok(Start::At(hour_ago)) = start("1h") else { panic!("a duration is a start") };
    let ago = Timestamp::now().millis() - hour_ago.millis();
    assert!((3_600_000..3_660_000).contains(&ago), "{ago}");
}
