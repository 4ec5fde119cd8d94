//! The `revbus` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    revbus::cli::main()
}
