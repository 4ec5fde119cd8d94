//! The explanation of an update for people.

use super::text::{push_mapping, push_part, push_row, verdict};
use crate::json::pretty;
use crate::kernel::explain::{EmissionResult, Firing, UpdateExplanation};

/// The whole explanation.
pub(super) fn render(explanation: &UpdateExplanation) -> String {
    let mut out = String::new();
    if let Some(key) = &explanation.key {
        out.push_str(&format!("entity  {key}\n"));
    }
    out.push_str("\nstages\n");
    for stage in &explanation.stages {
        push_row([stage.stage.name(), verdict(stage.verdict)], &stage.notes, &mut out);
    }
    if !explanation.emits.is_empty() {
        out.push_str("\nemits\n");
        explanation.emits.iter().for_each(|emission| push_emission(emission, &mut out));
    }
    let version = explanation.version.map_or_else(String::new, |version| format!(", version {version}"));
    match (&explanation.dead_letter, &explanation.state) {
        (Some(letter), _) => out.push_str(&format!(
            "\n{}: a dead letter, and nothing is written\n  {}\n  {}\n",
            explanation.outcome,
            letter.reasons.join(", "),
            letter.message
        )),
        (None, Some(state)) => {
            out.push_str(&format!("\n{}{version}\n{}\n", explanation.outcome, pretty(state.get())));
        }
        (None, None) if explanation.outcome == "state_changed" => {
            out.push_str(&format!("\n{}{version}: it is deleted\n", explanation.outcome));
        }
        (None, None) => out.push_str(&format!("\n{}: nothing is written\n", explanation.outcome)),
    }
    for event in &explanation.derived {
        out.push_str(&format!("\n{}  key {}\n{}\n", event.topic, event.key, pretty(event.value.get())));
    }
    out
}

fn push_emission(emission: &EmissionResult, out: &mut String) {
    let result = match emission.result {
        Firing::Fired => "emitted",
        Firing::NotFired => "not emitted",
        Firing::Failed => "FAILED",
        Firing::HeldBack => "held back",
        Firing::NotReached => "not reached",
    };
    let when = emission.when.as_ref().map_or_else(|| "always".to_owned(), |when| format!("when {when}"));
    let on = format!("on {}", emission.on.join(", "));
    push_row([&emission.fact, result], &[when, on], out);
    emission.because.iter().for_each(|part| push_part(part, out));
    emission.map.iter().for_each(|mapping| push_mapping(mapping, out));
}
