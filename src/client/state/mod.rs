//! Module state for modules: a client, bound to a tenant and a module, that writes the module's own entities and reads
//! those of the tenant.
//!
//! A write is an event on `revbus.state_updates`; the router decides and answers on `revbus.replies`, on the partition
//! that the client has picked and reads without a group. [`StateClient`] sends and waits; `event` makes the event,
//! `pending` knows who waits for which answer, `replies` reads them, `outcome` says what an answer means.
//!
//! Reads are answered by a [`view`] of the compacted topic, which the first read opens.

mod client;
mod error;
mod event;
mod filter;
mod line;
mod options;
mod outcome;
mod pending;
mod read;
mod replies;
#[cfg(test)]
mod tests;
mod update_with;
pub mod view;
mod write;
mod writer;

pub use client::{StateClient, known_module};
pub use error::{Current, StateError, Violation};
pub use event::NewUpdate;
pub use filter::Filter;
pub use line::{EntityLine, WrittenBy};
pub use options::{DEADLINE, StateClientOptions, Write};
pub use read::{Page, StateChange, StatePage, StateWatch, Versioned, may_read};
pub use update_with::MAX_TRIES;
pub use write::{Written, object};
