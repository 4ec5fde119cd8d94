//! Modules, and what they listen to.

use std::sync::Arc;

use crate::ids::TypeId;

/// A module of the platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// The name in event types, such as `customer_success`.
    pub name: Arc<str>,
    /// The name for people, such as `Customer Success`.
    pub display_name: Arc<str>,
    /// What it does.
    pub description: Option<String>,
    /// The facts of others that it reads itself.
    pub inbound: Vec<Subscription>,
}

/// A subscription of a module to facts. It moves no record (decision 10): the subscriber reads the topics itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// As written: a name, `module.*`, `*.name` or `*.*`.
    pub pattern: String,
    /// What the module does with them.
    pub action: Option<String>,
    /// The event types that it covers, aliases resolved.
    pub types: Vec<TypeId>,
}
