//! Keys change behind a node: at the end everybody signs with the newest, each partner knows which,
//! each record that is held is proven by a key of its signer, and what a revoked key signs is refused.
//!
//! It deliberately gives the thief of a key everything else: numbers, tree and root are right.

use crate::outcome::Check;
use crate::real::run::Breach;
use crate::real::world::{Stolen, World};
use model::id::Digest;
use model::note::Checkpoint;
use model::tree::Frontier;
use node::keys::{Change, change, number};
use node::link::{keys, origin, prepare};
use node::proof::{Step, Walk, verify};
use node::{Command, PartnerState};

impl World {
    /// Everything about keys, in a world in which they change.
    pub(in crate::real) fn check_keys(&mut self) -> Result<(), Breach> {
        if !self.keys {
            return Ok(());
        }
        for (a, b) in self.pairs.clone() {
            self.check_known(a, b)?;
            self.check_known(b, a)?;
        }
        for node in 0..self.sites.len() {
            self.check_proven(node)?;
        }
        for stolen in self.stolen.clone() {
            for (a, b) in self.pairs.clone() {
                let partner = if a == stolen.node { b } else { a };
                if a == stolen.node || b == stolen.node {
                    self.step += 1;
                    self.steal(stolen, partner)?;
                }
            }
        }
        Ok(())
    }

    fn check_known(&self, of: usize, at: usize) -> Result<(), Breach> {
        let (node, partner) = (self.site(of)?, self.site(at)?);
        let reading = partner.store.reading();
        let stands = reading.partner(&node.id)?.is_some_and(|p| p.state != PartnerState::Removed);
        let (stated, known) =
            (number(&node.store.reading(), &node.id)?, number(&reading, &node.id)?);
        if stands && stated != known {
            let text =
                format!("node {at} knows number {known} of node {of}, which stated {stated}");
            return Err(Breach::new(Check::Keys, text));
        }
        Ok(())
    }

    fn check_proven(&mut self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        let (reading, own) = (site.store.reading(), site.me.public());
        let state = change(&reading, &own, site.clock(self.at))?;
        if state != Change::Done {
            let text = format!("node {node} never changed to its newest key: {state:?}");
            return Err(Breach::new(Check::Keys, text));
        }
        let head = reading.head()?;
        let walk = Walk { head, threads: 1, signatures: true, pinned: None };
        let mut faults = Vec::new();
        verify(&reading, &own, walk, &mut |step| match step {
            Step::Found(finding) => faults.push(format!("{}: {}", finding.seq, finding.fault)),
            Step::Reached(_) => {}
        })?;
        if let Some(fault) = faults.first() {
            return Err(Breach::new(Check::Keys, format!("node {node} cannot prove {fault}")));
        }
        self.stats.add("entries proven by keys of their time", usize::try_from(head).unwrap_or(0));
        Ok(())
    }

    /// Who has a revoked key sends in its node's name.
    fn steal(&mut self, Stolen { node, key, .. }: Stolen, partner: usize) -> Result<(), Breach> {
        let (thief, victim) = (self.site(node)?, self.site(partner)?);
        let reading = victim.store.reading();
        let Some(cursor) = reading.cursor(&thief.id)?.filter(|c| c.epoch == thief.epoch()) else {
            return Ok(());
        };
        let leaf = Digest::new([0x5e; 32]);
        let mut tree = Frontier::decode(&cursor.frontier).unwrap_or_default();
        tree.push(leaf.as_bytes());
        let (size, root) = (tree.size(), tree.root());
        let origin = origin(&thief.id, &victim.id, &cursor.epoch);
        let stolen = thief.key_of(key)?;
        let note = Checkpoint { origin, size, root }.sign(&thief.me.name, &stolen);
        let note = note.replace('\n', "\\n");
        let bytes = format!(
            "{{\"o\":{},\"gone\":\"{leaf}\"}}\n{{\"checkpoint\":\"{note}\"}}\n",
            cursor.next
        );
        let (known, from) = (keys(&reading)?, thief.id);
        let arrival = prepare(from, bytes.as_bytes(), &known);
        let arrival = arrival.map_err(|problem| Breach::broken(&problem.message))?;
        self.stats.add("batches under a revoked key", 1);
        self.unmoved(partner, Command::Arrive(arrival), "a batch under a revoked key")
    }
}
