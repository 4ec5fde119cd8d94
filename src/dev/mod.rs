//! Trying it out: broker, router, sample traffic and a view of it, everything in one process.
//!
//! `stage` is where it takes place, `traffic` what is published (its events come from `story`, what is wrong with some
//! from `flaw`), `view` what is seen of it and `line` how, `session` all of them together.

mod banner;
mod fill;
mod flaw;
mod generator;
mod health;
mod line;
mod random;
mod screen;
mod session;
mod stage;
mod story;
mod tally;
mod traffic;
mod view;
mod watch;

pub use flaw::Flaw;
pub use line::Colour;
pub use screen::Screen;
pub use session::{Options, Session, SessionError};
pub use stage::{MissingTopics, Stage, StageError, missing_topics};
pub use tally::{Latency, Tally};
pub use traffic::{Place, Sample, Traffic};
pub use view::{Came, Entry, View};
