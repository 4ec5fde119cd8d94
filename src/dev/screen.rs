//! What people see: lines that scroll, and below them, on a terminal, one line that says where things stand.

use std::io::{self, IsTerminal as _, Stdout, Write as _};
use std::time::{Duration, Instant};

use super::line::Colour;

/// How often the status changes on a terminal, and how often it is a line of its own elsewhere.
const LIVE: Duration = Duration::from_millis(500);
const LINES: Duration = Duration::from_secs(5);
/// Goes to the line's start and clears it.
const CLEAR: &str = "\r\x1b[2K";
/// What is longer than the terminal's line does not go on in the next one, which [`CLEAR`] would leave behind.
const CUT: [&str; 2] = ["\x1b[?7l", "\x1b[?7h"];

fn cut(text: &str) -> String {
    let [off, on] = CUT;
    format!("{off}{text}{on}")
}

/// Where everything is shown: stdout.
pub struct Screen {
    out: Stdout,
    /// Whether stdout is a terminal that can clear a line.
    live: bool,
    colour: Colour,
    status: String,
    due: Instant,
}

impl Screen {
    /// Stdout as it is.
    #[must_use]
    pub fn stdout(now: Instant) -> Self {
        let out = io::stdout();
        let live = out.is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = if live && !plain { Colour::On } else { Colour::Off };
        Self { out, live, colour, status: String::new(), due: now + if live { LIVE } else { LINES } }
    }

    /// Whether text is coloured here.
    #[must_use]
    pub const fn colour(&self) -> Colour {
        self.colour
    }

    /// Whether a new status is due.
    #[must_use]
    pub fn due(&self, now: Instant) -> bool {
        now >= self.due
    }

    /// Shows text above the status.
    ///
    /// # Errors
    /// Stdout is closed.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        if self.status.is_empty() {
            writeln!(out, "{text}")?;
        } else {
            write!(out, "{CLEAR}{text}\n{}", cut(&self.status))?;
        }
        out.flush()
    }

    /// Shows where things stand.
    ///
    /// # Errors
    /// Stdout is closed.
    pub fn status(&mut self, text: &str, now: Instant) -> io::Result<()> {
        self.due = now + if self.live { LIVE } else { LINES };
        if !self.live {
            return self.print(&format!("--- {text}"));
        }
        text.clone_into(&mut self.status);
        let mut out = self.out.lock();
        write!(out, "{CLEAR}{}", cut(text))?;
        out.flush()
    }

    /// Takes the status away.
    ///
    /// # Errors
    /// Stdout is closed.
    pub fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.status).is_empty() {
            return Ok(());
        }
        let mut out = self.out.lock();
        write!(out, "{CLEAR}")?;
        out.flush()
    }
}
