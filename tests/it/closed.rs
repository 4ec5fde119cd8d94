//! Verbs whose output nobody reads to its end, as with `| head -1`: they end as they would have ended, and say nothing.

use std::process::Command;

use crate::support::router::revbus;
use crate::support::{Bus, Cluster};

/// Exit code and what stands on stderr, with nobody at the other end of stdout.
fn unread(command: &mut Command) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let bus = Bus::shipped(Cluster::shared(), "closed", 1);
    let catalogue = bus.catalogue.to_str().unwrap();
    for verb in [&["graph"][..], &["check", "-o", "json"]] {
        let (code, said) = unread(revbus().args(verb).arg(catalogue).current_dir(bus.catalogue.parent().unwrap()));
        assert!(!said.contains("panicked") && !said.contains("Broken pipe"), "{verb:?}: {said}");
        assert!(matches!(code, Some(0 | 1)), "{verb:?}: {code:?}, {said}");
    }
    for verb in [&["topics", "plan"][..], &["topics", "apply"], &["dlq", "list"]] {
        let (code, said) = unread(&mut bus.command(verb));
        assert!(!said.contains("panicked") && !said.contains("Broken pipe"), "{verb:?}: {said}");
        assert_eq!(code, Some(0), "{verb:?}: {said}");
    }
}
