//! The judge of every fault test. It knows what was sent and what became visible, and nothing of the router.
//!
//! - EO-1, EO-2: every good fact has exactly its derived events, each once; nothing else was derived.
//! - Every bad record is one dead letter: its bytes, key and headers, and where it stood.
//! - AU-1: every record has exactly one audit record, on its partition's number, and the two tell the same story.
//! - The order of a key's facts is the order of their derived events.

use std::collections::{BTreeMap, HashMap};

use super::record::{Header, Record, own_headers};

/// A record that was written, and what it must lead to.
#[derive(Debug, Clone)]
pub struct Sent {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    pub expect: Expect,
}

/// What a record must lead to.
#[derive(Debug, Clone)]
pub enum Expect {
    /// One derived event for each trigger.
    Routed { tenant: String, event_type: String, event_id: String, triggers: &'static [&'static str] },
    /// A dead letter; this is among its reason codes.
    Dead(&'static str),
    /// Nothing but an audit record with this outcome.
    Audited(&'static str),
}

/// Where a consumed record stood: topic without prefix, partition, offset.
type Source = (String, i64, i64);

/// Everything that is wrong, a sentence each; empty when all is well.
pub fn judge(prefix: &str, sent: &[Sent], seen: &[Record]) -> Vec<String> {
    let mut findings = Vec::new();
    let of = |record: &Record| record.topic.strip_prefix(prefix).unwrap_or(&record.topic).to_owned();
    let (mut derived, mut dead, mut audit) = (Vec::new(), Vec::new(), Vec::new());
    for record in seen {
        match of(record).as_str() {
            "revbus.dead_letters" => dead.push(record),
            "revbus.audit" => audit.push(record),
            name if name.starts_with("revbus.") => findings.push(format!("{} was written", record.place())),
            _ => derived.push(record),
        }
    }
    let source = |sent: &Sent| {
        let topic = sent.topic.strip_prefix(prefix).unwrap_or(&sent.topic).to_owned();
        (topic, i64::from(sent.partition), sent.offset)
    };
    let sent: BTreeMap<Source, &Sent> = sent.iter().map(|sent| (source(sent), sent)).collect();
    let audited = audits(prefix, &sent, &audit, &mut findings);
    judge_derived(prefix, &sent, &derived, &audited, &mut findings);
    judge_dead(prefix, &sent, &dead, &mut findings);
    findings
}

/// Checks the audit records; gives the derived ids that each names.
fn audits(
    prefix: &str,
    sent: &BTreeMap<Source, &Sent>,
    audit: &[&Record],
    findings: &mut Vec<String>,
) -> BTreeMap<Source, Vec<String>> {
    let mut named: BTreeMap<Source, Vec<String>> = BTreeMap::new();
    for record in audit {
        let (place, json) = (record.place(), record.json());
        let at = &json["source"];
        let topic = at["topic"].as_str().unwrap_or("?");
        let source: Source = (
            topic.strip_prefix(prefix).unwrap_or(topic).to_owned(),
            at["partition"].as_i64().unwrap_or(-1),
            at["offset"].as_i64().unwrap_or(-1),
        );
        let Some(expected) = sent.get(&source) else {
            findings.push(format!("{place}: audits {source:?}, which was never sent"));
            continue;
        };
        if i64::from(record.partition) != source.1 {
            findings.push(format!("{place}: not on the partition number of {source:?}"));
        }
        let outcome = json["outcome"].as_str().unwrap_or("?");
        let good = match &expected.expect {
            Expect::Routed { .. } => outcome == "routed",
            Expect::Dead("hop_limit") => outcome == "loop",
            Expect::Dead(_) => matches!(outcome, "invalid" | "failed"),
            Expect::Audited(wanted) => outcome == *wanted,
        };
        if !good {
            findings.push(format!("{place}: outcome {outcome} for {source:?}, {:?}: {json}", expected.expect));
        }
        let ids = json["derived"].as_array().into_iter().flatten();
        let ids = ids.filter_map(|derived| derived["event_id"].as_str().map(str::to_owned)).collect();
        if named.insert(source.clone(), ids).is_some() {
            findings.push(format!("{place}: {source:?} is audited twice"));
        }
    }
    findings.extend(sent.keys().filter(|at| !named.contains_key(*at)).map(|at| format!("{at:?} was not audited")));
    named
}

fn judge_derived(
    prefix: &str,
    sent: &BTreeMap<Source, &Sent>,
    derived: &[&Record],
    audited: &BTreeMap<Source, Vec<String>>,
    findings: &mut Vec<String>,
) {
    let mut expected = expected_ids(sent);
    for (source, ids) in audited {
        let wrong = ids.iter().filter(|id| expected.get(*id).is_none_or(|due| due.source != source));
        findings.extend(wrong.map(|id| format!("{source:?}: audit names {id}, which it should not derive")));
        let due = match &sent[source].expect {
            Expect::Routed { triggers, .. } => triggers.len(),
            Expect::Dead(_) | Expect::Audited(_) => 0,
        };
        if ids.len() != due {
            findings.push(format!("{source:?}: audit names {} derived events of {due}", ids.len()));
        }
    }
    let mut newest: HashMap<(&str, i32, Option<&[u8]>), &Source> = HashMap::new();
    for record in derived {
        let (place, json) = (record.place(), record.json());
        let id = json["event_id"].as_str().unwrap_or("?");
        let Some(due) = expected.get_mut(id) else {
            findings.push(format!("{place}: {id} should not exist"));
            continue;
        };
        due.seen += 1;
        if due.seen > 1 {
            findings.push(format!("{place}: {id} of {:?} is there {} times", due.source, due.seen));
        }
        if record.topic.strip_prefix(prefix) != Some(due.trigger) || json["event_type"] != due.trigger {
            findings.push(format!("{place}: {id} belongs on {}", due.trigger));
        }
        if json["payload"]["metadata"]["causation_id"] != due.event_id {
            findings.push(format!("{place}: {id} does not name its cause {}", due.event_id));
        }
        if let Some(before) = newest.insert((&record.topic, record.partition, record.key.as_deref()), due.source)
            && (before.0 == due.source.0 && before.1 == due.source.1 && before.2 > due.source.2)
        {
            findings.push(format!("{place}: {:?} stands behind {before:?}", due.source));
        }
    }
    let missing = expected.iter().filter(|(_, due)| due.seen == 0);
    findings.extend(missing.map(|(id, due)| format!("{:?}: {} ({id}) is missing", due.source, due.trigger)));
}

/// A derived event that must be there.
struct Due<'a> {
    source: &'a Source,
    event_id: &'a str,
    trigger: &'static str,
    seen: usize,
}

fn expected_ids<'a>(sent: &'a BTreeMap<Source, &'a Sent>) -> HashMap<String, Due<'a>> {
    let mut out = HashMap::new();
    for (source, sent) in sent {
        let Expect::Routed { tenant, event_type, event_id, triggers } = &sent.expect else { continue };
        for trigger in *triggers {
            let id = format!("evt_{}", revbus::ids::derived_event_id(tenant, event_type, event_id, trigger));
            out.insert(id, Due { source, event_id, trigger, seen: 0 });
        }
    }
    out
}

/// Whether a reason is the one that is due. What the broker refuses as too large, the router refuses itself as soon as it
/// knows of the limit.
fn is_of(code: &str, reason: &str) -> bool {
    reason == code || (code, reason) == ("produce_refused", "derived_too_large")
}

fn judge_dead(prefix: &str, sent: &BTreeMap<Source, &Sent>, dead: &[&Record], findings: &mut Vec<String>) {
    let mut buried: BTreeMap<Source, usize> = BTreeMap::new();
    for record in dead {
        let place = record.place();
        let number = |name: &str| record.header(name).and_then(|text| text.parse().ok()).unwrap_or(-1_i64);
        let topic = record.header("revbus.dead.topic").unwrap_or("?");
        let topic = topic.strip_prefix(prefix).unwrap_or(topic).to_owned();
        let source = (topic, number("revbus.dead.partition"), number("revbus.dead.offset"));
        let Some(Sent { key, value, headers, expect: Expect::Dead(code), .. }) = sent.get(&source) else {
            findings.push(format!(
                "{place}: {source:?} should not be a dead letter: {:?}",
                record.header("revbus.dead.message")
            ));
            continue;
        };
        if (&record.key, &record.value, own_headers(&record.headers)) != (key, value, own_headers(headers)) {
            findings.push(format!("{place}: not the record that stood at {source:?}"));
        }
        let reasons = record.header("revbus.dead.reason").unwrap_or("");
        if !reasons.split(',').any(|reason| is_of(code, reason.trim())) {
            findings.push(format!("{place}: {source:?} died of {reasons:?}, not of {code}"));
        }
        *buried.entry(source).or_default() += 1;
    }
    for (source, sent) in sent {
        let count = buried.get(source).copied().unwrap_or(0);
        let due = usize::from(matches!(sent.expect, Expect::Dead(_)));
        if count < due || count > 1 {
            findings.push(format!("{source:?}, {:?}: {count} dead letters", sent.expect));
        }
    }
}
