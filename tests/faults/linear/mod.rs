//! Linearizability: whether calls that overlap can be put into one order that explains every answer, each between the
//! moment it was asked and the moment it was answered.
//!
//! `check` searches for the order, knowing nothing of what is called; `entity` says what a state entity answers.

mod check;
mod entity;
#[cfg(test)]
mod tests;

pub use check::{Model, Timed, check};
pub use entity::{Answer, Ask, Call, Entity, canonical, merged};
