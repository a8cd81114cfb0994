//! I11: a card or a policy that opens something to a partner is asked about first, and not one bit
//! has changed while nobody has answered.
//!
//! It deliberately counts with the oracle what is opened; what else is asked about is no fault.

use crate::outcome::Check;
use crate::real::fault::Fault;
use crate::real::oracle::{Eyes, Oracle};
use crate::real::run::Breach;
use crate::real::world::World;
use model::bounds::{Bounds, Give};
use model::card::Card;
use model::id::{Digest, NodeId};
use model::label::Tlp;
use model::policy::Policy;
use node::Answer;
use node::command::{Act, Administer};
use std::collections::BTreeSet;

impl World {
    /// A node gives a partner another card, or itself another policy, as a person does it: who is
    /// asked says yes.
    pub(in crate::real) fn bind(
        &mut self,
        node: usize,
        of: Option<NodeId>,
        (ceiling, personal): (Tlp, bool),
    ) -> Result<(), Breach> {
        let give = Give { ceiling, personal, ..Give::whole() };
        let act = |widen: bool| {
            let by = Act { who: "sim".to_owned(), why: "sim".to_owned(), widen, ..Act::default() };
            match of {
                Some(partner) => {
                    let card = Box::new(Card { give: give.clone(), ..Card::default() });
                    Administer::SetCard { partner, card, by }
                }
                None => {
                    let bounds = Bounds { give: give.clone(), ..Bounds::default() };
                    let policy = Policy { bounds, ask_above: 0, ..Policy::default() };
                    Administer::SetPolicy { policy: Box::new(policy), by }
                }
            }
        };
        let before = self.given(node)?;
        let asks = self.site(node)?.asks_above_none()?;
        let head = self.site(node)?.store.reading().head()?;
        let answer = self.administer(node, act(self.fault == Some(Fault::NobodyIsAsked)))?;
        let asked = matches!(answer, Answer::Asks(_));
        if asked
            && (self.given(node)? != before || self.site(node)?.store.reading().head()? != head)
        {
            let text = format!("step {}: node {node} asked, and did it", self.step);
            return Err(Breach::new(Check::Widening, text));
        }
        if asked {
            self.administer(node, act(true))?;
        }
        let after = self.given(node)?;
        let opened = after.difference(&before).count();
        if asks && !asked && opened > 0 {
            let text = format!("step {}: node {node} opened {opened} unasked", self.step);
            return Err(Breach::new(Check::Widening, text));
        }
        self.stats.add("records opened by a word", opened);
        self.stats.add("records closed by a card or policy", before.difference(&after).count());
        Ok(())
    }

    /// Which records a node gives to which partner.
    fn given(&self, node: usize) -> Result<BTreeSet<(NodeId, Digest)>, Breach> {
        let site = self.site(node)?;
        let oracle = Oracle::of(site, self.at)?;
        let mut given = BTreeSet::new();
        for other in self.sites.iter().filter(|other| other.index != node) {
            let eyes = Eyes::Partner(other.id);
            let open = site.held.iter().filter(|held| held.is_content() && oracle.may(held, &eyes));
            given.extend(open.map(|held| (other.id, held.leaf)));
        }
        Ok(given)
    }
}
