//! Convergence: once nothing breaks any more, everybody has what the policies give, no more.
//!
//! It deliberately knows no order of arrival: what each node should hold is the greatest reach
//! of each record through the final policies, whichever way it took.

use super::truth::{Fact, Truth};
use crate::outcome::{Check, Violation};
use crate::small::node::Node;
use crate::small::view::Row;
use std::collections::{BTreeMap, BTreeSet};

impl Truth {
    /// Every node holds exactly what it should, with the hops left that it should have.
    pub(in crate::small) fn settled(&self, nodes: &[Node]) -> Result<(), Violation> {
        let held: Vec<BTreeMap<u64, &Row>> = nodes
            .iter()
            .map(|node| node.disk.view.held().map(|row| (row.record.canary, row)).collect())
            .collect();
        for (canary, fact) in &self.facts {
            let origin = held.get(usize::from(fact.origin));
            let signed = origin.and_then(|rows| rows.get(canary)).is_some_and(|row| row.own);
            let reach = if signed { self.reach(fact, nodes.len()) } else { BTreeMap::new() };
            for (me, rows) in (0_u8..).zip(&held) {
                let has = rows.get(canary).map(|row| {
                    if row.own {
                        fact.hops + 1
                    } else {
                        row.via.values().max().copied().unwrap_or(0)
                    }
                });
                let should = reach.get(&me).copied();
                if has != should {
                    let detail = format!("node {me} has {has:?}, should have {should:?}: {fact:?}");
                    return Err(self.broken(Check::Converge, detail));
                }
            }
        }
        Ok(())
    }

    /// By node: the most hops left with which a record can get there; the signer counts one more.
    fn reach(&self, fact: &Fact, nodes: usize) -> BTreeMap<u8, u8> {
        let mut reach = BTreeMap::from([(fact.origin, fact.hops + 1)]);
        for _ in 0..nodes {
            for (from, left) in reach.clone() {
                let Some(onward) = left.checked_sub(1) else { continue };
                for to in (0_u8..).take(nodes).filter(|to| *to != from) {
                    if self.withheld_from_partner(from, to, fact).is_none() {
                        let best = reach.entry(to).or_insert(onward);
                        *best = (*best).max(onward);
                    }
                }
            }
        }
        reach
    }

    /// Each audience has read everything that is released to it.
    pub(in crate::small) fn audience_complete(
        &self,
        node: &Node,
        audience: u8,
        seen: &BTreeSet<u64>,
    ) -> Result<(), Violation> {
        let Some(rights) = node.site.audiences.get(usize::from(audience)) else { return Ok(()) };
        for row in node.disk.view.held() {
            let Some(fact) = self.facts.get(&row.record.canary) else { continue };
            let released = self.withheld_from_audience(rights, fact).is_none();
            if released && !seen.contains(&row.record.canary) {
                let me = node.site.me;
                let detail = format!("audience {audience} of node {me} never got {fact:?}");
                return Err(self.broken(Check::Converge, detail));
            }
        }
        Ok(())
    }
}
