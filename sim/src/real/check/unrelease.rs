//! I4: what a partner was sent and may have no more is taken back from it: it is erased there, or
//! somebody else gives it there as well.
//!
//! It deliberately leaves out what was recalled or deleted: those have words and checks of their own.

use crate::outcome::Check;
use crate::real::held::Held;
use crate::real::oracle::{Eyes, Oracle};
use crate::real::run::Breach;
use crate::real::site::Site;
use crate::real::world::{World, describe};

impl World {
    /// Of what `from` numbered for `to` and would not give it now, `to` holds nothing by it alone.
    pub(in crate::real) fn check_narrowed(&mut self, from: usize, to: usize) -> Result<(), Breach> {
        let (sender, receiver) = (self.site(from)?, self.site(to)?);
        let (gives, eyes) = (Oracle::of(sender, self.at)?, Eyes::Partner(receiver.id));
        let mut narrowed = 0;
        for held in sender.held.iter().filter(|held| held.thing().kind.is_stix()) {
            let taken = held.header.signer == receiver.id || held.via == Some(receiver.id);
            if taken || !gives.is_there(held) || gives.gives(held, &eyes) {
                continue;
            }
            if !gives.numbered_now(held, &eyes) {
                continue;
            }
            narrowed += 1;
            let copies = receiver.held.iter();
            let mut copies = copies.filter(|copy| copy.leaf == held.leaf && !copy.erased);
            if copies.next().is_some() && !self.is_given_by_another(from, receiver, held)? {
                let what = describe(sender, held);
                let text = format!("node {to} keeps what node {from} gives it no more: {what}");
                return Err(Breach::new(Check::Unrelease, text));
            }
        }
        self.stats.add("records that had to be taken back", narrowed);
        Ok(())
    }

    /// Whether a node beside this one gave a receiver the same record and has not taken it back: it
    /// gives it still, or has let go of it itself, which is no word to others.
    fn is_given_by_another(
        &self,
        not: usize,
        receiver: &Site,
        held: &Held,
    ) -> Result<bool, Breach> {
        let eyes = Eyes::Partner(receiver.id);
        for site in self.sites.iter().filter(|site| site.index != not) {
            let gives = Oracle::of(site, self.at)?;
            let mut copies = site.held.iter().filter(|copy| copy.leaf == held.leaf);
            let given = copies.any(|copy| {
                // Numbers of a life that a restore ended can no longer be taken back (decision 0013).
                let over = !gives.numbered_now(copy, &eyes);
                gives.numbered(copy, &eyes) && (over || copy.erased || gives.gives(copy, &eyes))
            });
            let lost = self.restored.as_ref().filter(|restored| restored.node == site.index);
            let lost = lost.and_then(|restored| restored.sent.get(&receiver.index));
            if given || lost.is_some_and(|lost| lost.contains(&held.leaf)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
