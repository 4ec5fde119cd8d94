//! A part of the graph: what is near a module, or what leads to an event and follows from it.

use std::collections::HashMap;

use super::{Emission, Graph, Reading};
use crate::catalogue::report::nearest;

/// A name that the graph does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} `{name}` is declared{}", .near.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
pub struct Unknown {
    what: &'static str,
    name: String,
    near: Option<String>,
}

impl Graph {
    /// A module, its events, and whatever is one step away from them.
    ///
    /// # Errors
    /// A module that nobody declares.
    pub fn focus(&self, module: &str) -> Result<Self, Unknown> {
        let names = || self.modules.iter().map(|module| &*module.name);
        let Some(module) = names().position(|name| name == module) else {
            return Err(unknown("module", module, names()));
        };
        let own = |event: usize| self.events[event].module == module;
        let mut part = Part::of(self);
        part.events.extend((0..self.events.len()).filter(|event| own(*event)));
        part.links(|from, to| own(from) || own(to));
        part.readings(|reading| reading.module == module || own(reading.event));
        part.entities.extend(self.entities_of(module).map(|(at, _)| at));
        part.emissions(|emission| own(emission.fact));
        part.modules.push(module);
        Ok(part.cut())
    }

    /// An event, whatever leads to it, and whatever follows from it.
    ///
    /// # Errors
    /// An event that nobody declares.
    pub fn around(&self, name: &str) -> Result<Self, Unknown> {
        let is = |event: &&super::Event| *event.name == *name || event.aliases.iter().any(|alias| **alias == *name);
        let Some(event) = self.events.iter().position(|event| is(&event)) else {
            return Err(unknown("event type", name, self.events.iter().map(|event| &*event.name)));
        };
        let steps: Vec<(usize, usize)> = self.steps().collect();
        let back: Vec<(usize, usize)> = steps.iter().map(|(from, to)| (*to, *from)).collect();
        let (before, after) = (self.reached(event, &back), self.reached(event, &steps));
        let mut part = Part::of(self);
        part.events.extend((0..self.events.len()).filter(|event| before[*event] || after[*event]));
        part.links(|from, to| (before[from] && before[to]) || (after[from] && after[to]));
        part.readings(|reading| before[reading.event] || after[reading.event]);
        part.emissions(|emission| before[emission.fact]);
        Ok(part.cut())
    }

    /// What follows from what.
    fn steps(&self) -> impl Iterator<Item = (usize, usize)> {
        let triggers = self.triggers.iter().map(|trigger| (trigger.fact, trigger.command));
        triggers.chain(self.answers.iter().map(|answer| (answer.command, answer.fact)))
    }

    /// Which events some steps reach from one of them.
    fn reached(&self, start: usize, steps: &[(usize, usize)]) -> Vec<bool> {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.events.len()];
        for (from, to) in steps {
            next[*from].push(*to);
        }
        let mut reached = vec![false; self.events.len()];
        let mut open = vec![start];
        while let Some(event) = open.pop() {
            if !std::mem::replace(&mut reached[event], true) {
                open.extend(&next[event]);
            }
        }
        reached
    }
}

fn unknown<'n>(what: &'static str, name: &str, names: impl Iterator<Item = &'n str>) -> Unknown {
    Unknown { what, name: name.to_owned(), near: nearest(name, names).map(str::to_owned) }
}

/// What is to be kept.
struct Part<'g> {
    whole: &'g Graph,
    kept: Graph,
    modules: Vec<usize>,
    events: Vec<usize>,
    entities: Vec<usize>,
}

impl<'g> Part<'g> {
    fn of(whole: &'g Graph) -> Self {
        Self { whole, kept: Graph::default(), modules: Vec::new(), events: Vec::new(), entities: Vec::new() }
    }

    /// Keeps the triggers and answers between events, and the events.
    fn links(&mut self, wanted: impl Fn(usize, usize) -> bool) {
        for trigger in self.whole.triggers.iter().filter(|one| wanted(one.fact, one.command)) {
            self.kept.triggers.push(trigger.clone());
            self.events.extend([trigger.fact, trigger.command]);
        }
        for answer in self.whole.answers.iter().filter(|one| wanted(one.command, one.fact)) {
            self.kept.answers.push(answer.clone());
            self.events.extend([answer.command, answer.fact]);
        }
    }

    fn readings(&mut self, wanted: impl Fn(&Reading) -> bool) {
        for reading in self.whole.readings.iter().filter(|one| wanted(one)) {
            self.kept.readings.push(reading.clone());
            self.events.push(reading.event);
            self.modules.push(reading.module);
        }
    }

    /// Keeps what changes emit, and whose changes they are.
    fn emissions(&mut self, wanted: impl Fn(&Emission) -> bool) {
        for emission in self.whole.emissions.iter().filter(|one| wanted(one)) {
            self.kept.emissions.push(emission.clone());
            self.events.push(emission.fact);
            self.entities.push(emission.entity);
        }
    }

    /// The part as a graph with numbers of its own.
    fn cut(mut self) -> Graph {
        self.modules.extend(self.events.iter().map(|event| self.whole.events[*event].module));
        self.modules.extend(self.entities.iter().map(|entity| self.whole.entities[*entity].module));
        let (modules, events) = (numbers(&mut self.modules), numbers(&mut self.events));
        let entities = numbers(&mut self.entities);
        let mut kept = self.kept;
        kept.modules = self.modules.iter().map(|at| self.whole.modules[*at].clone()).collect();
        kept.events = self.events.iter().map(|at| self.whole.events[*at].clone()).collect();
        for event in &mut kept.events {
            event.module = modules[&event.module];
        }
        for trigger in &mut kept.triggers {
            (trigger.fact, trigger.command) = (events[&trigger.fact], events[&trigger.command]);
        }
        for answer in &mut kept.answers {
            (answer.fact, answer.command) = (events[&answer.fact], events[&answer.command]);
        }
        for reading in &mut kept.readings {
            (reading.event, reading.module) = (events[&reading.event], modules[&reading.module]);
        }
        kept.entities = self.entities.iter().map(|at| self.whole.entities[*at].clone()).collect();
        for entity in &mut kept.entities {
            entity.module = modules[&entity.module];
        }
        for emission in &mut kept.emissions {
            (emission.entity, emission.fact) = (entities[&emission.entity], events[&emission.fact]);
        }
        kept
    }
}

/// Puts numbers in order, each once, and gives the new number of each.
fn numbers(kept: &mut Vec<usize>) -> HashMap<usize, usize> {
    kept.sort_unstable();
    kept.dedup();
    kept.iter().enumerate().map(|(new, old)| (*old, new)).collect()
}
