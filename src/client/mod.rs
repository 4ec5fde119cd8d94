//! What stands on both sides of the bus: looking after topics, publishing, watching, verifying, and the state of modules.

pub mod dlq;
pub mod publish;
#[cfg(test)]
mod sample;
pub mod state;
pub mod tap;
pub mod topics;
pub mod verify;
