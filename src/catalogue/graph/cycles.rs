//! Cycles: no command is ever a fact, so only a `may_emit` closes one (decision 28).

use std::collections::{BTreeSet, HashMap};

use petgraph::algo::{astar, kosaraju_scc};
use petgraph::graph::{DiGraph, NodeIndex};

use super::{Answer, Graph, Problem};

/// How many cycles are looked for at most.
const MAX_CYCLES: usize = 100;

/// A `may_emit` that leads back to its own command.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::catalogue) struct Cycle {
    /// Which of the graph's answers closes it.
    pub(in crate::catalogue) answer: usize,
    /// The shortest way, from the fact to the command.
    pub(in crate::catalogue) path: Vec<usize>,
}

/// Marks all that is part of a cycle. Gives cycles, shortest ways, such that each `may_emit` and each trigger that is
/// part of some cycle is part of one of them, and that every fact that triggers the command it came of is among them.
pub(in crate::catalogue) fn cycles(graph: &mut Graph) -> Vec<Cycle> {
    let edges = directed(graph);
    let components = components(&edges);
    let together = |a: usize, b: usize| components[a].is_some() && components[a] == components[b];
    for trigger in &mut graph.triggers {
        trigger.cycle = together(trigger.fact, trigger.command);
    }
    for answer in &mut graph.answers {
        answer.cycle = together(answer.command, answer.fact);
    }
    for (event, component) in graph.events.iter_mut().zip(&components) {
        if component.is_some() && event.problem != Some(Problem::Undeclared) {
            event.problem = Some(Problem::Cycle);
        }
    }
    let answers = || graph.answers.iter().filter(|answer| answer.cycle).map(|answer| (answer.command, answer.fact));
    let triggers = graph.triggers.iter().filter(|trigger| trigger.cycle).map(|trigger| (trigger.fact, trigger.command));
    // A loop of two would hide in the ways of longer ones.
    let direct =
        answers().filter(|(command, fact)| edges.contains_edge(NodeIndex::new(*fact), NodeIndex::new(*command)));
    let mut search = Search { graph, edges: &edges, covered: BTreeSet::new(), found: Vec::new() };
    for edge in direct.chain(answers()).chain(triggers) {
        search.through(edge);
    }
    search.found
}

/// An event and one that follows from it.
type Edge = (usize, usize);

struct Search<'g> {
    graph: &'g Graph,
    edges: &'g DiGraph<(), ()>,
    /// What is part of a cycle that was found.
    covered: BTreeSet<Edge>,
    found: Vec<Cycle>,
}

impl Search<'_> {
    /// Finds the shortest cycle through an edge, unless one is known.
    fn through(&mut self, (from, to): Edge) {
        if self.found.len() == MAX_CYCLES || self.covered.contains(&(from, to)) {
            return;
        }
        let Some(mut ring) = way(self.edges, to, from) else { return };
        self.covered.extend(ring.windows(2).map(|pair| (pair[0], pair[1])));
        self.covered.insert((from, to));
        let before = ring.iter().copied().cycle().skip(ring.len() - 1);
        let places: HashMap<Edge, usize> = before.zip(ring.iter().copied()).zip(0..).collect();
        let place = |answer: &Answer| places.get(&(answer.command, answer.fact)).copied();
        let closing = self.graph.answers.iter().enumerate().find_map(|(index, answer)| Some((index, place(answer)?)));
        if let Some((answer, start)) = closing {
            ring.rotate_left(start);
            self.found.push(Cycle { answer, path: ring });
        }
    }
}

/// The events as nodes, what follows from them as edges.
fn directed(graph: &Graph) -> DiGraph<(), ()> {
    let mut edges = DiGraph::with_capacity(graph.events.len(), graph.triggers.len() + graph.answers.len());
    for _ in &graph.events {
        edges.add_node(());
    }
    let triggers = graph.triggers.iter().map(|trigger| (trigger.fact, trigger.command));
    let answers = graph.answers.iter().map(|answer| (answer.command, answer.fact));
    for (from, to) in triggers.chain(answers) {
        edges.update_edge(NodeIndex::new(from), NodeIndex::new(to), ());
    }
    edges
}

/// For each event the number of its component, where that has more than one event.
fn components(edges: &DiGraph<(), ()>) -> Vec<Option<usize>> {
    let mut of = vec![None; edges.node_count()];
    for (number, component) in kosaraju_scc(edges).into_iter().enumerate().filter(|(_, one)| one.len() > 1) {
        for node in component {
            of[node.index()] = Some(number);
        }
    }
    of
}

/// The shortest way from one event to another, both ends with it.
fn way(edges: &DiGraph<(), ()>, from: usize, to: usize) -> Option<Vec<usize>> {
    let end = NodeIndex::new(to);
    let (_, path) = astar(edges, NodeIndex::new(from), |node| node == end, |_| 1_u32, |_| 0)?;
    Some(path.into_iter().map(NodeIndex::index).collect())
}
