//! In which order the modules lie: such that few edges cross. The library lays out a graph in two layers, the facts of
//! each module as one box and what it accepts as another, and a module lies where its two boxes do on average.

use std::collections::BTreeSet;

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

use super::layout::heights;
use crate::catalogue::graph::Graph;

/// Beyond so many pairs of modules nothing is gained by an order, and it takes too long to find one.
const MAX_PAIRS: usize = 1500;

/// The modules from top to bottom; those without an edge come last.
pub(super) fn order(graph: &Graph) -> Vec<usize> {
    let pairs = pairs(graph);
    let mut modules: Vec<usize> = (0..graph.modules.len()).collect();
    if pairs.is_empty() || pairs.len() > MAX_PAIRS {
        return modules;
    }
    let places = places(graph, &pairs);
    let place = |module: &usize| {
        let [out, into] = [places[2 * module], places[2 * module + 1]];
        match (out, into) {
            (Some(out), Some(into)) => f64::midpoint(out, into),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => f64::INFINITY,
        }
    };
    modules.sort_by(|a, b| place(a).total_cmp(&place(b)));
    modules
}

/// From which module's facts to which module's commands and reading edges go.
fn pairs(graph: &Graph) -> BTreeSet<(usize, usize)> {
    let owner = |event: usize| graph.events[event].module;
    let triggers = graph.triggers.iter().map(|trigger| (owner(trigger.fact), owner(trigger.command)));
    let read = graph.readings.iter().filter(|reading| !reading.is_wildcard());
    triggers.chain(read.map(|reading| (owner(reading.event), reading.module))).collect()
}

/// Where the boxes lie along their layer: at twice the module's number its facts, and one behind it the rest.
fn places(graph: &Graph, pairs: &BTreeSet<(usize, usize)>) -> Vec<Option<f64>> {
    let boxes: BTreeSet<usize> = pairs.iter().flat_map(|(from, to)| [2 * from, 2 * to + 1]).collect();
    // The library wants numbers without gaps.
    let boxes: Vec<usize> = boxes.into_iter().collect();
    let number = |of: usize| boxes.binary_search(&of).ok().and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    let edges: Vec<(u32, u32)> = pairs.iter().map(|(from, to)| (number(2 * from), number(2 * to + 1))).collect();
    let sized = boxes.iter().map(|of| (number(*of), (heights(graph, of / 2)[of % 2], 1.0)));
    let config = Config { ranking_type: RankingType::Up, ..Config::default() };
    let mut places = vec![None; 2 * graph.modules.len()];
    let mut before = 0.0;
    for (part, _, _) in from_vertices_and_edges(&sized.collect::<Vec<_>>(), &edges, &config) {
        let mut end = before;
        for (number, (x, _)) in part {
            if let Some(of) = boxes.get(number) {
                places[*of] = Some(before + x);
                end = f64::max(end, before + x + heights(graph, of / 2)[of % 2]);
            }
        }
        before = end;
    }
    places
}
