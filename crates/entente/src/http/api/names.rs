//! Names for people: of nodes as this node knows them, of circles. It tells a name only of what
//! the caller was shown already.

use model::id::{CircleId, NodeId};
use model::ledger::ledger_of;
use node::identity::Identity;
use node::{Partner, Reading, StoreError};
use std::collections::BTreeMap;

/// Characters of a node's id that tell two of one name apart.
const FINGERPRINT_CHARS: usize = 16;

/// The names that this node uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    nodes: BTreeMap<NodeId, String>,
    circles: BTreeMap<CircleId, String>,
}

impl Names {
    /// Reads them; our name for a partner goes before its convener's.
    pub(crate) fn load(reading: &Reading<'_>, me: &Identity) -> Result<Self, StoreError> {
        let mut names = Self::default();
        for line in node::read::circles(reading)? {
            for member in &line.circle.members {
                names.nodes.entry(member.node()).or_insert_with(|| member.name.clone());
            }
            names.circles.insert(line.circle.id, line.circle.name);
        }
        names.circles.insert(ledger_of(&me.node()), "this node's ledger".to_owned());
        for partner in reading.partners()? {
            names.nodes.insert(partner.node, partner.name);
        }
        names.nodes.insert(me.node(), me.name.clone());
        names.tell_apart(me, &reading.partners()?);
        Ok(names)
    }

    /// Conveners choose the names of members that are no partners here: where two nodes have one
    /// name, it is that of this node, else of its partner, and all others show whose key they have.
    fn tell_apart(&mut self, me: &Identity, partners: &[Partner]) {
        let ours = |node: &NodeId| {
            *node == me.node() || (partners.iter()).any(|partner| partner.node == *node)
        };
        let mut same: BTreeMap<&String, Vec<NodeId>> = BTreeMap::new();
        for (node, name) in &self.nodes {
            same.entry(name).or_default().push(*node);
        }
        let clashes = same.into_values().filter(|nodes| nodes.len() > 1).flatten();
        let spoofed: Vec<NodeId> = clashes.filter(|node| !ours(node)).collect();
        for node in spoofed {
            let id: String = node.to_string().chars().take(FINGERPRINT_CHARS).collect();
            if let Some(name) = self.nodes.get_mut(&node) {
                *name = format!("{name} ({id})");
            }
        }
    }

    /// The name of a node, or its id.
    pub(crate) fn node(&self, node: &NodeId) -> String {
        self.nodes.get(node).cloned().unwrap_or_else(|| node.to_string())
    }

    /// The name of a circle, or its id.
    pub(crate) fn circle(&self, circle: &CircleId) -> String {
        self.circles.get(circle).cloned().unwrap_or_else(|| circle.to_string())
    }

    /// The node of this name or id; `None` when there is none or several.
    pub(crate) fn find(&self, name: &str) -> Option<NodeId> {
        let id: Option<NodeId> = name.parse().ok();
        if let Some(id) = id.filter(|id| self.nodes.contains_key(id)) {
            return Some(id);
        }
        let mut found = self.nodes.iter().filter(|(_, known)| *known == name);
        let only = found.next().map(|(node, _)| *node);
        only.filter(|_| found.next().is_none())
    }
}
