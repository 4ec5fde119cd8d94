//! Module state for modules: a client, bound to a tenant and a module, that writes the module's own entities and reads
//! those of the tenant.
//!
//! A write is an event on `revbus.state_updates`; the router decides and answers on `revbus.replies`, on the partition
//! that the client has picked and reads without a group. [`StateClient`] sends and waits; `event` makes the event,
//! `pending` knows who waits for which answer, `replies` reads them, `outcome` says what an answer means.

mod client;
mod error;
mod event;
mod filter;
mod line;
mod options;
mod outcome;
mod pending;
mod replies;
#[cfg(test)]
mod tests;
pub mod view;
mod write;
mod writer;

pub use client::StateClient;
pub use error::{Current, StateError, Violation};
pub use filter::Filter;
pub use line::{EntityLine, WrittenBy};
pub use options::{DEADLINE, StateClientOptions, Write};
pub use write::{Written, object};
