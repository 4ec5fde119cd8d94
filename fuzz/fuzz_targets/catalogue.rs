//! The compiler of catalogues: whatever the text, it ends, and there is a catalogue exactly where nothing is an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use revbus::catalogue::{compile, graph};
use revbus::diagnostic::{Severity, render};

fuzz_target!(|text: &str| {
    let (catalogue, found) = compile("fuzz.yaml", text);
    assert_eq!(catalogue.is_some(), found.iter().all(|one| one.severity != Severity::Error));
    for one in &found {
        assert!(text.get(one.span.clone()).is_some(), "{}: outside the text", one.message);
    }
    let _ = render(text, &found, false);
    let (graph, _) = graph("fuzz.yaml", text);
    assert!(catalogue.is_none() || graph.is_some());
});
