//! Cycles: no command is ever a fact, so only a `may_emit` closes one (decision 28).

use std::collections::BTreeSet;

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

/// Marks all that is part of a cycle. Gives cycles in the order of the file, such that each `may_emit` that is part of
/// some cycle is part of one of them.
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
    let mut found: Vec<Cycle> = Vec::new();
    let mut covered: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at, answer) in graph.answers.iter().enumerate().filter(|(_, answer)| answer.cycle) {
        if found.len() == MAX_CYCLES {
            break;
        }
        if !covered.contains(&(answer.command, answer.fact))
            && let Some(path) = way_back(&edges, answer)
        {
            covered.extend(path.windows(2).map(|pair| (pair[0], pair[1])));
            covered.insert((answer.command, answer.fact));
            found.push(Cycle { answer: at, path });
        }
    }
    found
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

fn way_back(edges: &DiGraph<(), ()>, answer: &Answer) -> Option<Vec<usize>> {
    let end = NodeIndex::new(answer.command);
    let (_, path) = astar(edges, NodeIndex::new(answer.fact), |node| node == end, |_| 1_u32, |_| 0)?;
    Some(path.into_iter().map(NodeIndex::index).collect())
}
