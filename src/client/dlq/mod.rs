//! Dead letters come back: which there are ([`list`]), what one of them is ([`show`]), and sending them to where they
//! stood ([`Replay`]).
//!
//! A replay never sends a dead letter twice, whenever it is killed and however its filters overlap with those of
//! another: a mark on `revbus.replays` says which were sent, in the transaction that sent them (docs/adr/0011).
//! Memory holds one bit a dead letter, groups and samples; the letters themselves only pass through.

mod courier;
mod edit;
mod filter;
mod groups;
mod judge;
mod letter;
mod list;
mod marks;
mod replay;
mod report;
mod scan;
mod show;
mod trail;

pub use edit::Edit;
pub use filter::Filter;
pub use judge::{Fate, Held, Judge, Now};
pub use letter::{Letter, Place};
pub use list::{Inventory, InventoryGroup, Sample, list};
pub use marks::{Mark, Marks};
pub use replay::{Mode, Options, Replay, ReplayError};
pub use report::{Failure, Group, Named, Report, Stay};
pub use scan::Scan;
pub use show::{Shown, find, show};
pub use trail::read_marks;

#[cfg(test)]
mod tests;
