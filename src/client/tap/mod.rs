//! Watching what flows: which topics a pattern means, and what a record looks like to people and to programs.

mod json;
mod line;
mod select;
mod view;

pub use json::json;
pub use line::read_line;
pub use select::{Selected, Watched, select};
pub use view::{Row, mentions, row, tenant};

#[cfg(test)]
mod tests;
