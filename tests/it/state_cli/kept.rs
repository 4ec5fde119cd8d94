//! `--state-dir`: what was kept and cannot be gone on with is read again, which people are told, and told of nothing else.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::{ACME, CATALOGUE, LOW, bus, said, state};
use crate::support::cluster::text;
use crate::support::router::{Router, revbus};
use crate::support::{Bus, Cluster};

/// Writes an entity, has `get` keep it in a folder, and damages what is kept there; what `get` said before.
fn damaged(bus: &Bus, get: &[&str], dir: &Path, damage: impl FnOnce(&mut [u8])) -> (Router, Output) {
    let router = bus.router("a");
    said(bus, &["put", ACME, "--data", LOW], 0);
    let first = state(bus, get);
    assert!(first.status.success() && first.stderr.is_empty(), "{}", String::from_utf8_lossy(&first.stderr));
    let file = dir.join("state.redb");
    let mut bytes = fs::read(&file).unwrap();
    damage(&mut bytes);
    fs::write(&file, bytes).unwrap();
    (router, first)
}

#[test]
fn a_damaged_file_is_made_anew_with_a_line_on_stderr() {
    let bus = bus("damaged");
    let dir = bus.dir.path().join("kept");
    let get = ["get", ACME, "--tenant", "t", "-o", "json", "--state-dir", dir.to_str().unwrap()];
    // Its header stays; of the pages, nothing.
    let (_router, first) = damaged(&bus, &get, &dir, |bytes| bytes[4096..].fill(0));
    let again = state(&bus, &get);
    let stderr = String::from_utf8_lossy(&again.stderr);
    assert_eq!(again.stdout, first.stdout, "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("WARN") && stderr.contains("read again from the start"), "{stderr}");
}

/// What it holds of one entity is not what was written: that is seen when it is read, and the answer is the cluster's.
#[test]
fn a_damaged_value_is_read_again_from_the_cluster() {
    let bus = bus("value");
    let dir = bus.dir.path().join("kept");
    let get = ["get", ACME, "--tenant", "t", "-o", "json", "--state-dir", dir.to_str().unwrap()];
    let (_router, _) = damaged(&bus, &get, &dir, |bytes| {
        let written = br#""risk_level": "low""#;
        let places: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(written)).collect();
        assert!(!places.is_empty());
        places.iter().for_each(|at| bytes[at + written.len() - 2] = b'W');
    });
    for read in [&get[..], &["list", "customer_success/account", "--tenant", "t", "--state-dir", dir.to_str().unwrap()]]
    {
        let again = state(&bus, read);
        assert!(again.status.success(), "{read:?}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(String::from_utf8_lossy(&again.stdout).contains("low"), "{read:?}");
    }
}

#[test]
fn warnings_of_the_catalogue_are_for_check() {
    let twice = CATALOGUE.replace("readers: [pipeline]", "readers: [pipeline, pipeline]");
    let bus = Bus::new(Cluster::shared(), "warned", &twice, 1);
    let check = revbus().arg("check").arg(&bus.catalogue).output().unwrap();
    assert!(text(&check).contains("is listed twice"), "{}", text(&check));
    for verb in [
        &["state", "get", ACME][..],
        &["state", "put", ACME, "--data", LOW],
        &["publish", "pipeline.deal_won", "--data", "{}"],
    ] {
        let said = bus.command(verb).args(["--tenant", "t"]).output().unwrap();
        assert!(!text(&said).contains("listed twice"), "{verb:?}: {}", text(&said));
    }
}
