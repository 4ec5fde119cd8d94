//! What stands on both sides of the bus: looking after topics, publishing, watching,
//! verifying.

pub mod dlq;
pub mod publish;
#[cfg(test)]
mod sample;
pub mod tap;
pub mod topics;
pub mod verify;
