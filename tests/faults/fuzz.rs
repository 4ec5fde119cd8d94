//! Texts that nobody wrote: the fuzz targets, a minute each. They need a nightly compiler and take minutes to build, so
//! this one is for `REVBUS_FAULTS=full`.

use std::path::Path;
use std::process::Command;

use crate::seed::full;

#[test]
fn a_minute_of_fuzzing_each_target_finds_nothing() {
    if !full() {
        println!("fuzzing is for REVBUS_FAULTS=full");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/fuzz");
    let status = Command::new(script).args(["--seconds", "60"]).status().unwrap();
    assert!(status.success(), "{status}: fuzz/artifacts has what was found");
}
