//! I10: whoever labels, lists and cards allow a record over links that live holds it, over however
//! many others and in whatever order things came, with the label that its signer gives it.
//!
//! It deliberately walks the shortest ways, hop by hop, as if every node had heard of the record by
//! the shortest: over which way it came first must not matter.

use crate::outcome::Check;
use crate::real::held::{self, Held};
use crate::real::oracle::{Eyes, Oracle};
use crate::real::run::Breach;
use crate::real::site::Site;
use crate::real::world::{World, describe};
use std::collections::{BTreeSet, VecDeque};

impl World {
    /// Every record has gone as far as it may over the links that live.
    pub(in crate::real) fn check_mesh(&mut self) -> Result<(), Breach> {
        let mut reached = 0;
        let oracles: Result<Vec<Oracle<'_>>, Breach> =
            self.sites.iter().map(|site| Oracle::of(site, self.at)).collect();
        let oracles = oracles?;
        for (signer, own) in self.sites.iter().zip(&oracles) {
            for held in signer.held.iter().filter(|held| held.header.signer == signer.id) {
                let stands = held.thing().kind.is_stix() && own.is_there(held);
                let stands = stands && !self.is_disowned(held);
                let word = held::recalled(&signer.held, held)
                    || held::withdrawn(&signer.held, held)
                    || held::barred(&signer.held, held);
                if stands && !word {
                    reached += self.walk(signer, held, &oracles)?;
                }
            }
        }
        self.stats.add("records that had to arrive over relays", reached);
        Ok(())
    }

    /// Follows one record from its signer; gives how many relays' partners have it.
    fn walk(&self, signer: &Site, record: &Held, oracles: &[Oracle<'_>]) -> Result<usize, Breach> {
        let (mut known, mut relayed) = (BTreeSet::from([signer.index]), 0);
        let mut ways: VecDeque<(usize, u8, &Held)> = VecDeque::from([(signer.index, 0, record)]);
        while let Some((from, hop, held)) = ways.pop_front() {
            let (sender, gives) = (self.site(from)?, self.oracle(oracles, from)?);
            // As it would lie here had it come by the shortest way.
            let via = (hop > 0).then_some(signer.id);
            let pretended = Held { via, hop, ..held.clone() };
            for (a, b) in &self.pairs {
                let to = if *a == from { *b } else { *a };
                if (*a != from && *b != from) || known.contains(&to) || self.is_cut(from, to) {
                    continue;
                }
                let (receiver, takes) = (self.site(to)?, self.oracle(oracles, to)?);
                // Who brought it first is not given it back, even if it has let go of it since.
                if held.via == Some(receiver.id) {
                    continue;
                }
                let eyes = Eyes::Partner(receiver.id);
                if !may_pass((gives, sender), (takes, receiver), &pretended)
                    || !gives.is_there(held)
                    || !gives.gives(&pretended, &eyes)
                {
                    continue;
                }
                known.insert(to);
                let copy = receiver.held.iter().find(|copy| copy.leaf == held.leaf && !copy.erased);
                let Some(copy) = copy else {
                    let what = describe(sender, held);
                    let numbered = if gives.numbered(held, &eyes) { ", numbered" } else { "" };
                    let text = format!(
                        "node {to} never got from node {from}, {hop} hops from node {}{numbered}: \
                         {what}",
                        signer.index
                    );
                    return Err(Breach::new(Check::Mesh, text));
                };
                let (here, there) =
                    (held::label(&sender.held, held), held::label(&receiver.held, copy));
                if here.effective_tlp() != there.effective_tlp() {
                    let what = describe(sender, held);
                    let text = format!("node {to} has as TLP:{} what is {what}", there.tlp);
                    return Err(Breach::new(Check::Mesh, text));
                }
                relayed += usize::from(hop > 0);
                ways.push_back((to, hop.saturating_add(1), copy));
            }
        }
        Ok(relayed)
    }

    fn oracle<'a, 'b>(
        &self,
        oracles: &'a [Oracle<'b>],
        node: usize,
    ) -> Result<&'a Oracle<'b>, Breach> {
        oracles.get(node).ok_or_else(|| Breach::broken(&"no such node"))
    }
}

/// Whether the lists of both sides and their partnership let a record over a link.
fn may_pass(
    (gives, sender): (&Oracle<'_>, &Site),
    (takes, receiver): (&Oracle<'_>, &Site),
    held: &Held,
) -> bool {
    let lists = (gives.circle(held.circle()), takes.circle(held.circle()));
    let (Some(here), Some(there)) = lists else { return false };
    here.member(&receiver.id).is_some()
        && there.member(&sender.id).is_some()
        && there.member(&held.header.signer).is_some()
        && gives.is_partner(&receiver.id)
        && takes.is_partner(&sender.id)
        && held.header.label.tlp <= there.ceiling
}
