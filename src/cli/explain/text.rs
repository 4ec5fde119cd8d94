//! An explanation for people.

use crate::json::pretty;
use crate::kernel::explain::{
    CheckResult, ConditionPart, Explanation, Firing, MappingResult, SeenField, TriggerResult, Verdict,
};

/// The whole explanation.
pub(super) fn render(explanation: &Explanation) -> String {
    let mut out = String::new();
    if let Some(topic) = &explanation.topic {
        out.push_str(&format!("topic  {topic}\n"));
    }
    if let Some(key) = &explanation.key {
        out.push_str(&format!("key    {key}\n"));
    }
    out.push_str("\nchecks\n");
    explanation.checks.iter().for_each(|check| push_check(check, &mut out));
    if !explanation.triggers.is_empty() {
        out.push_str("\ntriggers\n");
        explanation.triggers.iter().for_each(|trigger| push_trigger(trigger, &mut out));
    }
    match &explanation.dead_letter {
        Some(letter) => out.push_str(&format!(
            "\n{}: a dead letter\n  {}\n  {}\n",
            explanation.outcome,
            letter.reasons.join(", "),
            letter.message
        )),
        None => out.push_str(&format!("\n{}: {}\n", explanation.outcome, counted(explanation.derived.len()))),
    }
    for event in &explanation.derived {
        out.push_str(&format!("\n{}  key {}\n{}\n", event.topic, event.key, pretty(event.value.get())));
    }
    out
}

fn counted(events: usize) -> String {
    match events {
        0 => "nothing comes out".to_owned(),
        1 => "1 event comes out".to_owned(),
        more => format!("{more} events come out"),
    }
}

fn push_check(check: &CheckResult, out: &mut String) {
    push_row([check.check.name(), verdict(check.verdict)], &check.notes, out);
}

/// How a check ended, in a word.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "FAILED",
        Verdict::Unknown => "-",
        Verdict::NotReached => "not reached",
    }
}

fn push_trigger(trigger: &TriggerResult, out: &mut String) {
    let result = match trigger.result {
        Firing::Fired => "fired",
        Firing::NotFired => "not fired",
        Firing::Failed => "FAILED",
        Firing::HeldBack => "held back",
        Firing::NotReached => "not reached",
    };
    let mut notes = Vec::new();
    match &trigger.when {
        Some(when) => notes.push(format!("when {when}")),
        None => notes.push("always".to_owned()),
    }
    notes.extend(trigger.breaches.iter().cloned());
    let name = if trigger.trigger == trigger.emit {
        trigger.trigger.clone()
    } else {
        format!("{} → {}", trigger.trigger, trigger.emit)
    };
    push_row([&name, result], &notes, out);
    trigger.because.iter().for_each(|part| push_part(part, out));
    trigger.map.iter().for_each(|mapping| push_mapping(mapping, out));
}

/// A part of a condition, and what it saw.
pub(super) fn push_part(part: &ConditionPart, out: &mut String) {
    let saw: Vec<String> = part.saw.iter().map(seen).collect();
    let error = part.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let line = format!("      {:<6}  {}{error}    {}", part.answer, part.part, saw.join(", "));
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A computed field, and what it was computed of.
pub(super) fn push_mapping(mapping: &MappingResult, out: &mut String) {
    let inputs: Vec<String> = mapping.inputs.iter().map(seen).collect();
    let result = match (&mapping.result, &mapping.error) {
        (Some(result), _) => result.get().to_owned(),
        (None, error) => format!("FAILED: {}", error.as_deref().unwrap_or("no value")),
    };
    let inputs = if inputs.is_empty() { String::new() } else { format!("    ({})", inputs.join(", ")) };
    out.push_str(&format!("      {} = {} → {result}{inputs}\n", mapping.field, mapping.expression));
}

fn seen(field: &SeenField) -> String {
    match &field.value {
        Some(value) => format!("{} = {}", field.name, value.get()),
        None => format!("{} is absent", field.name),
    }
}

/// Two columns and notes: the first beside them, the others below it.
pub(super) fn push_row([name, verdict]: [&str; 2], notes: &[String], out: &mut String) {
    let row = format!("  {name:<28}  {verdict:<11}  {}", notes.first().map_or("", String::as_str));
    out.push_str(row.trim_end());
    out.push('\n');
    for note in notes.iter().skip(1) {
        out.push_str(&format!("  {:<28}  {:<11}  {note}\n", "", ""));
    }
}
