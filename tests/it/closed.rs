//! Verbs whose output nobody reads to its end, as with `| head -1`: they end as they would have ended, and say nothing. And
//! logs that nobody takes, as on a full disk: routing goes on.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use crate::support::router::revbus;
use crate::support::{Bus, Cluster, Follower, Sender, eventually, facts};

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

#[test]
fn a_log_that_cannot_be_written_does_not_stop_the_router() {
    let bus = Bus::lean(Cluster::shared(), "full_log", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut router = bus.router_command("a").stderr(full).spawn().unwrap();
    // Each bad one would be a line.
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..20, 2));
    eventually("all are audited", Duration::from_secs(120), || {
        assert_eq!(router.try_wait().unwrap(), None, "it has ended");
        (audit.count() >= 20).then_some(())
    });
    router.kill().unwrap();
    router.wait().unwrap();
    bus.judge(&sent);
    let catalogue = bus.dir.path().join("none.yaml");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = revbus().arg("check").arg(catalogue).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(2), "the exit code tells what no line could");
}
