//! I2: a label is as strict at each node as its signer's word there, relayed or not; and a relay
//! gives away nothing that its signer's label keeps from the next.
//!
//! It deliberately reads the lines of a batch as a stranger would: header and hops, no store.

use crate::real::held;
use crate::real::run::Breach;
use crate::real::world::{World, describe};
use model::id::NodeId;
use model::label::Tlp;
use model::record::Header;
use node::link::wire::{ReadLine, read_line};

impl World {
    /// Every label in force at a node is the signed one with its signer's newest word.
    pub(in crate::real) fn check_labels(&mut self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        let reading = site.store.reading();
        let mut relayed = 0;
        for held in site.held.iter().filter(|held| !held.erased && held.is_content()) {
            let Some(row) = reading.row(held.seq)? else { continue };
            let wanted = held::label(&site.held, held);
            let (is, says) = (&row.label, &wanted);
            let same = is.effective_tlp() == says.effective_tlp()
                && (&is.to, is.hops, is.embargo, is.personal)
                    == (&says.to, says.hops, says.embargo, says.personal);
            if !same {
                let what = describe(site, held);
                return Err(Breach::label(format!("{is:?} is in force for {what}")));
            }
            relayed += usize::from(held.via.is_some_and(|via| via != held.header.signer));
        }
        self.stats.add("relayed records with their signer's label", relayed);
        Ok(())
    }

    /// What a node passes on is neither RED nor tired, and its signer named the receiver or nobody.
    pub(in crate::real) fn check_passed_on(
        &mut self,
        (sender, receiver): (NodeId, NodeId),
        bytes: &[u8],
    ) -> Result<(), Breach> {
        let mut passed = 0;
        for line in bytes.split(|byte| *byte == b'\n') {
            let Some(ReadLine::Record { hop, parts, .. }) = read_line(line) else { continue };
            let Ok(header) = Header::read(&parts.head) else { continue };
            if header.signer == sender || header.thing.kind.is_urgent() {
                continue;
            }
            let label = header.effective_label();
            let named = label.to.as_ref().is_none_or(|names| names.contains(&receiver));
            // A signer's later word may have freed what was RED: the row's label is judged above.
            let red = label.tlp == Tlp::Red && !self.is_freed(&sender, &header)?;
            if red || hop > label.hops || !named || header.signer == receiver {
                return Err(Breach::label(format!(
                    "step {}: {sender} passed on {} {} to {receiver} (TLP:{}, hop {hop} of {})",
                    self.step, header.thing, header.version, label.tlp, label.hops
                )));
            }
            passed += 1;
        }
        self.stats.add("records passed on", passed);
        Ok(())
    }

    /// Whether a relay knows a word of the signer on the traffic light of a record.
    fn is_freed(&self, relay: &NodeId, header: &Header) -> Result<bool, Breach> {
        let site = self.sites.iter().find(|site| site.id == *relay);
        let site = site.ok_or_else(|| Breach::broken(&"no such node"))?;
        let meant = |held: &&held::Held| {
            held.header.signer == header.signer
                && held.header.thing == header.thing
                && held.header.version == header.version
        };
        Ok(site
            .held
            .iter()
            .filter(meant)
            .any(|held| site.held.iter().any(|word| word.is_relabel_of(held))))
    }
}
