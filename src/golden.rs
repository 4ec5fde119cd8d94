//! Generated files that are committed: a test fails when one differs from what the code generates now.

use std::path::Path;

/// Compares a committed file with what is generated. With `REVBUS_UPDATE=1` in the environment it writes it instead.
pub(crate) fn check(file: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("REVBUS_UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(generated.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(generated.lines().count())) + 1;
    assert!(
        committed == generated,
        "{file} is not what the code generates, from line {line} on; `REVBUS_UPDATE=1 cargo test` writes it"
    );
}
