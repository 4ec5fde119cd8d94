//! How long topics keep their records.

use std::time::Duration;

use super::*;
use crate::catalogue::AuditRetention;

#[test]
fn the_audit_is_kept_as_long_as_the_catalogue_says() {
    let kept = |retention: AuditRetention| {
        let mut catalogue = catalogue("");
        catalogue.settings.audit.retention = retention;
        let desired = desired(&catalogue, Overrides::default());
        let of = |name: &str| desired.iter().find(|topic| topic.name == name).unwrap().config["retention.ms"].clone();
        (of("revbus.audit"), of("revbus.dead_letters"))
    };
    let week = "604800000".to_owned();
    assert_eq!(kept(AuditRetention::AsEvents), (week.clone(), week.clone()));
    assert_eq!(kept(AuditRetention::For(None)), ("-1".to_owned(), week.clone()));
    assert_eq!(kept(AuditRetention::For(Some(Duration::from_secs(86_400 * 365)))), ("31536000000".to_owned(), week));
    let mut short = catalogue("");
    short.types.iter_mut().for_each(|one| one.topic.retention = Some(Duration::from_secs(60)));
    let desired = desired(&short, Overrides::default());
    let audit = desired.iter().find(|topic| topic.name == "revbus.audit").unwrap();
    assert_eq!(audit.config["retention.ms"], "600000", "the ledger's ten minutes");
}

#[test]
fn what_is_kept_longer_is_shortened_only_where_it_is_named() {
    let mut actual = cluster(&wanted());
    let mut keep = |topic: &str, value| {
        actual.get_mut(topic).unwrap().config.insert("retention.ms".to_owned(), set(value));
    };
    keep("revbus.audit", "315360000000");
    keep("pipeline.deal_won", "-1");
    keep("forecast.submitted", "1");
    let left = |topic: &str, kept| {
        let more = "left alone, unless you say --shorten";
        format!(
            "~ {topic} has retention.ms={kept}, the catalogue says 604800000: {more} {topic} (Kafka then deletes what is older)"
        )
    };
    let longer = "+ configure forecast.submitted: retention.ms from 1 to 604800000".to_owned();
    let kept = [longer, left("pipeline.deal_won", "-1"), left("revbus.audit", "315360000000")];
    assert_eq!(lines(&plan(&wanted(), &actual, &[])), kept);
    let shorten = |name: &str| {
        crate::client::topics::plan(&wanted(), &actual, Allowed { shorten: &[name.to_owned()], grow: &[] })
    };
    let shorter = "+ configure revbus.audit: retention.ms from 315360000000 to 604800000".to_owned();
    assert!(lines(&shorten("revbus.audit")).contains(&shorter));
    assert_eq!(shorten("revbus.audits").refusals, ["--shorten revbus.audits: the catalogue has no such topic"]);
}

#[test]
fn a_compacted_topic_gets_no_age_unless_it_is_named() {
    let mut actual = cluster(&wanted());
    let policy = |value| ("cleanup.policy".to_owned(), set(value));
    actual.get_mut("pipeline.deal_won").unwrap().config.extend([policy("compact")]);
    actual.get_mut("forecast.submitted").unwrap().config.extend([policy("compact,delete")]);
    let other = "+ configure forecast.submitted: cleanup.policy from compact,delete to delete".to_owned();
    let left = "~ pipeline.deal_won has cleanup.policy=compact, the catalogue says delete: left alone, unless you say --shorten \
                pipeline.deal_won (Kafka then deletes what is older)";
    assert_eq!(lines(&plan(&wanted(), &actual, &[])), [other.clone(), left.to_owned()]);
    let shorten = ["pipeline.deal_won".to_owned()];
    let named = crate::client::topics::plan(&wanted(), &actual, Allowed { shorten: &shorten, grow: &[] });
    let age = "+ configure pipeline.deal_won: cleanup.policy from compact to delete".to_owned();
    assert_eq!(lines(&named), [age, other]);
}
