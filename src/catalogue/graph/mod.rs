//! Who emits, accepts and reads what, and what follows from what, as a graph: what `revbus graph` draws, and what the
//! notes about unused events and cycles come from.
//!
//! It is there for a catalogue with errors too: a name that nobody declares is an event with a [`Problem`].

mod build;
mod cycles;
mod select;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::Changes;

pub(super) use cycles::{Cycle, cycles};
pub use select::Unknown;

/// The modules, their events, and what connects them. Numbers of modules and events are indices of these lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// In the order of the file; undeclared ones come last.
    pub modules: Vec<Module>,
    /// In the order of the file; undeclared ones come last.
    pub events: Vec<Event>,
    /// Facts to commands.
    pub triggers: Vec<Trigger>,
    /// Commands to facts.
    pub answers: Vec<Answer>,
    /// Facts to modules.
    pub readings: Vec<Reading>,
    /// Whose state modules keep, in the order of the file.
    pub entities: Vec<Entity>,
    /// Entity types to facts.
    pub emissions: Vec<Emission>,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Such as `customer_success`.
    pub name: Arc<str>,
    /// Such as `Customer Success`.
    pub title: Arc<str>,
    /// False where only the name of an event speaks of it.
    pub declared: bool,
}

/// A fact or a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `module.name`.
    pub name: Arc<str>,
    /// Deprecated names.
    pub aliases: Vec<Arc<str>>,
    /// Who emits the fact, or accepts the command.
    pub module: usize,
    /// Which of both it is.
    pub kind: EventKind,
    /// The worst that is wrong with it.
    pub problem: Option<Problem>,
}

/// The two kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Emitted by its module.
    Fact,
    /// Accepted by its module.
    Command,
}

/// What is wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It is named, and declared nowhere.
    Undeclared,
    /// It leads back to itself.
    Cycle,
    /// A fact that nobody consumes.
    Unheard,
    /// A command that nobody sends.
    Unsent,
}

impl Problem {
    /// What to say of the event.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Undeclared => "declared nowhere",
            Self::Cycle => "leads back to itself",
            Self::Unheard => "nobody consumes it",
            Self::Unsent => "nobody sends it",
        }
    }
}

/// A row of the trigger table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The event that it stands under.
    pub fact: usize,
    /// The event that it emits.
    pub command: usize,
    /// Its id; absent where its command is not declared.
    pub id: Option<Arc<str>>,
    /// Its condition, as written.
    pub when: Option<String>,
    /// Whether it is part of a cycle.
    pub cycle: bool,
}

/// An entry of `may_emit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The command.
    pub command: usize,
    /// What its handler may publish.
    pub fact: usize,
    /// Whether it is part of a cycle.
    pub cycle: bool,
}

/// An event that a module reads itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The event.
    pub event: usize,
    /// The module.
    pub module: usize,
    /// As written: a name, `module.*`, `*.name` or `*.*`.
    pub pattern: Arc<str>,
}

impl Reading {
    /// Whether a wildcard brought it here.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.pattern.contains('*')
    }
}

/// An entity type of a module's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its name within the module.
    pub name: Arc<str>,
    /// `module/name`.
    pub path: Arc<str>,
    /// The module that keeps it.
    pub module: usize,
}

/// A fact that a change of state emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// The entity type, an index of [`Graph::entities`].
    pub entity: usize,
    /// The fact.
    pub fact: usize,
    /// The changes that may emit it.
    pub on: Changes,
    /// Its condition, as written.
    pub when: Option<String>,
}

impl Graph {
    /// Whether an event is named, and declared nowhere.
    #[must_use]
    pub fn is_undeclared(&self, event: usize) -> bool {
        self.events[event].problem == Some(Problem::Undeclared)
    }

    /// The entity types of a module, with their numbers.
    pub fn entities_of(&self, module: usize) -> impl Iterator<Item = (usize, &Entity)> {
        self.entities.iter().enumerate().filter(move |(_, entity)| entity.module == module)
    }

    /// The events of a module and of a kind, with their numbers.
    pub fn events_of(&self, module: usize, kind: EventKind) -> impl Iterator<Item = (usize, &Event)> {
        self.events.iter().enumerate().filter(move |(_, event)| event.module == module && event.kind == kind)
    }

    /// The wildcards through which a module reads, each once; `None` where it reads nothing at all.
    #[must_use]
    pub fn reader(&self, module: usize) -> Option<Vec<&str>> {
        let mut read = self.readings.iter().filter(|reading| reading.module == module).peekable();
        read.peek()?;
        let mut patterns: Vec<&str> = Vec::new();
        for reading in read.filter(|reading| reading.is_wildcard()) {
            if !patterns.contains(&&*reading.pattern) {
                patterns.push(&reading.pattern);
            }
        }
        Some(patterns)
    }
}
