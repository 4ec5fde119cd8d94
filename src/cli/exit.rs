//! How a verb ends (decision 70).

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::diagnostic::visible_lines;

/// How a verb ended: the exit code is part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: good.
    Good,
    /// 1: found something, such as a catalogue with errors.
    Found,
    /// 2: wrong usage, also an unreadable file.
    Usage,
    /// 3: unreachable, not authorised, or topics missing.
    Unreachable,
    /// 4: fenced by another process.
    Fenced,
    /// 5: the watchdog: a call hung.
    Watchdog,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Fenced => 4,
            Self::Watchdog => 5,
        }
    }
}

/// An error that knows the exit code it should end with; put it into an [`anyhow::Error`] to carry it to `main`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What the user reads: what happened, and what to do.
    pub message: String,
}

impl Failure {
    /// An error that ends with this exit code.
    #[allow(clippy::new_ret_no_self, reason = "verbs carry it as an anyhow error")]
    pub fn new(exit: Exit, message: impl Into<String>) -> anyhow::Error {
        Self { exit, message: message.into() }.into()
    }
}

/// Prints what went wrong, if anything did, and gives the exit code.
pub(super) fn report(result: anyhow::Result<Exit>) -> ExitCode {
    let exit = result.unwrap_or_else(|error| {
        if is_unread(&error) {
            return Exit::Good;
        }
        say_aside(&format!("error: {}\n", visible_lines(&format!("{error:#}"))));
        exit_of(&error)
    });
    ExitCode::from(exit.code())
}

/// With what an error ends; one without a code of its own is usage.
pub(super) fn exit_of(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Failure>().map_or(Exit::Usage, |failure| failure.exit)
}

/// Says something beside the answer. Where nobody takes it, as on a full disk, the exit code still tells.
pub(super) fn say_aside(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether whoever reads has what they wanted, and has gone away.
fn is_unread(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        io.or_else(|| cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind))
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}
