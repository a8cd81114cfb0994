//! I9: a node that is dead, or answers garbage, stops nobody: all others come to the end of their
//! links meanwhile, in as many rounds as without it.
//!
//! It deliberately gives garbage in every form that a peer can: batches, receipts, and silence.

use crate::real::run::Breach;
use crate::real::script::Crash;
use crate::real::world::World;
use node::link::{Receipt, keys, prepare};
use node::outlet::link_key;
use node::{Answer, Command};

impl World {
    /// What a dead or mad partner says to a node changes nothing there.
    pub(in crate::real) fn garbage(&mut self, from: usize, to: usize) -> Result<(), Breach> {
        let (mad, node) = (self.site(from)?.id, self.site(to)?);
        let known = keys(&node.store.reading())?;
        let digest = crate::rng::digest(&[self.step, from as u64, to as u64]);
        let noise: Vec<u8> = digest.to_le_bytes().into_iter().cycle().take(300).collect();
        let line = format!(
            "{{\"o\":{digest},\"gone\":\"{}\"}}\n{{\"checkpoint\":\"x\"}}\n",
            "0".repeat(64)
        );
        for bytes in [&b""[..], &noise, b"{}\n", b"[1,2", line.as_bytes()] {
            let Ok(arrival) = prepare(mad, bytes, &known) else { continue };
            self.unmoved(to, Command::Arrive(arrival), "garbage for a batch")?;
        }
        let key = link_key(&mad);
        self.apply(to, Command::Number(key), Crash::No)?;
        for checkpoint in ["", "\n\n\n", "entente/x/y/z\n7\nAAAA\n\n\u{2014} x AAAA\n"] {
            let (checkpoint, sig) = (checkpoint.to_owned(), "AAAA".to_owned());
            let receipt = Receipt { checkpoint, refused: Vec::new(), sig };
            let acknowledged = Command::Acknowledged { partner: mad, receipt };
            self.unmoved(to, acknowledged, "garbage for a receipt")?;
        }
        self.stats.add("garbage given", 1);
        Ok(())
    }

    /// A command that must be refused, and must leave not one byte.
    pub(in crate::real) fn unmoved(
        &mut self,
        node: usize,
        command: Command,
        what: &str,
    ) -> Result<(), Breach> {
        let before = self.site_mut(node)?.store.image()?;
        let answer = self.apply(node, command, Crash::No)?.answer();
        let after = self.site_mut(node)?.store.image()?;
        if !matches!(answer, Some(Answer::Refused(_))) {
            let text = format!("step {}: node {node} answered {answer:?} to {what}", self.step);
            return Err(Breach::hostile(text));
        }
        if before != after {
            let text = format!("step {}: {what} was refused and changed node {node}", self.step);
            return Err(Breach::hostile(text));
        }
        Ok(())
    }
}
