//! The order in which a document's objects are taken in: what is referred to comes first, so that
//! a label can be joined from what is already held. It looks at ids only, never at versions.

use super::read::Reading;
use model::id::ThingId;
use std::collections::HashMap;

/// Indices of the readings so that what is referred to (markings included) comes before what
/// refers to it; else the document's order stays. Objects that refer to each other in a circle
/// stay together, in the document's order.
#[must_use]
pub fn by_reference(readings: &[&Reading]) -> Vec<usize> {
    let mut places: HashMap<&ThingId, Vec<usize>> = HashMap::with_capacity(readings.len());
    for (index, reading) in readings.iter().enumerate() {
        places.entry(&reading.thing).or_default().push(index);
    }
    let edges = readings.iter().map(|reading| {
        let mut to: Vec<usize> = Vec::new();
        let markings =
            reading.markings.unknown.iter().filter_map(|id| ThingId::parse_stix(id).ok());
        for places in reading.facts.refs.iter().filter_map(|thing| places.get(thing)) {
            to.extend(places);
        }
        for marking in markings {
            to.extend(places.get(&marking).into_iter().flatten());
        }
        to
    });
    Components::new(edges.collect()).order()
}

/// Tarjan's strongly connected components, without recursion: they come out referred-to first.
struct Components {
    edges: Vec<Vec<usize>>,
    nodes: Vec<Node>,
    /// Visited, not yet in a component.
    pending: Vec<usize>,
    /// The path of the search: a node and how many of its edges are done.
    path: Vec<(usize, usize)>,
    visited: usize,
    ordered: Vec<usize>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// When it was visited, from 1; 0 before.
    visit: usize,
    /// The earliest pending node that it reaches.
    low: usize,
    done: bool,
}

impl Components {
    fn new(edges: Vec<Vec<usize>>) -> Self {
        let nodes = vec![Node::default(); edges.len()];
        let ordered = Vec::with_capacity(edges.len());
        Self { edges, nodes, pending: Vec::new(), path: Vec::new(), visited: 0, ordered }
    }

    fn node(&self, index: usize) -> Node {
        self.nodes.get(index).copied().unwrap_or_default()
    }

    fn order(mut self) -> Vec<usize> {
        for root in 0..self.nodes.len() {
            if self.node(root).visit == 0 {
                self.enter(root);
                while let Some((node, edge)) = self.path.pop() {
                    self.step(node, edge);
                }
            }
        }
        self.ordered
    }

    fn enter(&mut self, index: usize) {
        self.visited = self.visited.saturating_add(1);
        if let Some(node) = self.nodes.get_mut(index) {
            *node = Node { visit: self.visited, low: self.visited, done: false };
        }
        self.pending.push(index);
        self.path.push((index, 0));
    }

    fn reach(&mut self, index: usize, low: usize) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.low = node.low.min(low);
        }
    }

    fn step(&mut self, index: usize, edge: usize) {
        let next = self.edges.get(index).and_then(|edges| edges.get(edge)).copied();
        let Some(next) = next else { return self.leave(index) };
        self.path.push((index, edge.saturating_add(1)));
        let target = self.node(next);
        if target.visit == 0 {
            self.enter(next);
        } else if !target.done {
            self.reach(index, target.visit);
        }
    }

    fn leave(&mut self, index: usize) {
        let node = self.node(index);
        if let Some((parent, _)) = self.path.last().copied() {
            self.reach(parent, node.low);
        }
        if node.low < node.visit {
            return;
        }
        let from = self.pending.iter().rposition(|p| *p == index).unwrap_or_default();
        let mut component = self.pending.split_off(from);
        component.sort_unstable();
        for member in &component {
            if let Some(node) = self.nodes.get_mut(*member) {
                node.done = true;
            }
        }
        self.ordered.append(&mut component);
    }
}

#[cfg(test)]
mod tests;
