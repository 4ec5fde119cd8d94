//! What becomes of an update of an entity (design.md, Topics): one worker decides for a partition, so that an expected
//! version is really compared; the view is what is committed, with the open batch over it.

mod admit;
mod answer;
mod apply;
mod decide;
mod emit;
mod placing;
mod registry;
#[cfg(test)]
mod tests;
mod view;

pub use admit::partition_of_update;
pub use apply::largest_state;
pub use decide::check_update;
pub(super) use decide::{Deliberation, decide, deliberate, refuse};
pub(super) use emit::{Change, Emitted};
pub use placing::partition_of;
pub use registry::{Entities, Registry};
pub use view::PartitionView;
