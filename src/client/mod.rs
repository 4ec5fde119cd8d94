//! What stands on both sides of the bus: looking after topics, publishing, watching.

#[cfg(test)]
mod sample;
pub mod topics;
