//! Module state from the side of its readers and writers.

pub mod view;
