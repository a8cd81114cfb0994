//! The end of a world: links heal, clocks catch up, embargoes end; then everything that was
//! promised must be so everywhere.
//!
//! It deliberately demands of relays only that they leak nothing, repeat nothing and take back what
//! they gave: what else must arrive is what a signer gives its own partners.

use super::held::{self, Held};
use super::oracle::{Eyes, Oracle};
use super::run::Breach;
use super::script::{Plan, SECOND};
use super::site::Site;
use super::world::{World, describe};
use crate::outcome::Check;
use formats::stix;
use model::id::{Digest, ThingId};
use model::record::Authorship;
use node::backfill::{Past, pasts};
use node::command::Administer;
use node::outlet::link_key;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds of sessions until every link must be empty: the longest way and back, with room.
const ROUNDS: usize = 12;
/// Long enough for every embargo of a script and for every sighting's hour.
const LATER: i64 = 6 * 3600 * SECOND;

impl World {
    /// Heals the world and checks what must be true then.
    pub(super) fn settle(&mut self, dead: Option<usize>) -> Result<(), Breach> {
        for site in &mut self.sites {
            site.off = 0;
        }
        self.step += 1;
        for _ in 0..2 {
            self.at += LATER;
            self.step += 1;
            self.tick()?;
        }
        self.drain(dead)?;
        self.give_pasts()?;
        self.drain(dead)?;
        if dead.is_none() && !self.cut.is_empty() {
            // Whoever is reached over other ways has it by those.
            self.check_mesh()?;
        }
        self.cut.clear();
        self.drain(None)?;
        // What was offered and not followed all the while is followed late.
        for node in 0..self.sites.len() {
            for _ in 0..self.circles.len() {
                self.step += 1;
                self.accept(node, 0)?;
            }
        }
        self.drain(None)?;
        self.give_pasts()?;
        self.drain(None)?;
        for site in &mut self.sites {
            site.absorb(true)?;
        }
        for (a, b) in self.pairs.clone() {
            self.check_link(a, b)?;
            self.check_link(b, a)?;
            for (from, to) in [(a, b), (b, a)] {
                // A word that was under way when its key was revoked is not believed.
                if !self.stolen.iter().any(|stolen| stolen.node == from) {
                    self.check_narrowed(from, to)?;
                }
            }
        }
        self.check_mesh()?;
        self.check_restored()?;
        self.check_keys()?;
        for node in 0..self.sites.len() {
            self.check_acks(node)?;
            self.check_log(node)?;
            self.check_sightings(node)?;
            self.check_recalls(node)?;
            self.check_labels(node)?;
            self.check_receipts(node)?;
            self.check_erased(node)?;
        }
        self.last_pages()
    }

    /// Where the past of a circle waits for a person's word, somebody says yes.
    fn give_pasts(&mut self) -> Result<(), Breach> {
        for node in 0..self.sites.len() {
            for Past { circle, member, .. } in pasts(&self.site(node)?.store.reading())? {
                self.step += 1;
                let act = Administer::Backfill { circle, partner: member, send: true };
                self.administer(node, act)?;
                self.stats.add("pasts given by a person's word", 1);
            }
        }
        Ok(())
    }

    /// Talks until nobody has anything more; who is dead gives and takes nothing but garbage.
    fn drain(&mut self, dead: Option<usize>) -> Result<(), Breach> {
        for _ in 0..ROUNDS {
            let mut moved = false;
            for (a, b) in self.pairs.clone() {
                for (from, to) in [(a, b), (b, a)] {
                    if dead == Some(from) {
                        self.garbage(from, to)?;
                    }
                    if dead == Some(from) || dead == Some(to) || self.is_cut(from, to) {
                        continue;
                    }
                    let before = self.cursor(from, to)?;
                    self.step += 1;
                    self.at += SECOND;
                    self.session(from, to, Plan::Whole, false)?;
                    moved |= self.cursor(from, to)? != before;
                }
            }
            if !moved {
                return Ok(());
            }
        }
        match dead {
            Some(dead) => {
                let text = format!("the others' links never drain beside the dead node {dead}");
                Err(Breach::new(Check::Progress, text))
            }
            None => Err(Breach::converge("the links never drain")),
        }
    }

    fn cursor(&self, from: usize, to: usize) -> Result<u64, Breach> {
        let sender = self.site(from)?;
        let cursor = self.site(to)?.store.reading().cursor(&sender.id)?;
        let cursor = cursor.filter(|cursor| cursor.epoch == sender.epoch());
        Ok(cursor.map_or(0, |cursor| cursor.next))
    }

    /// What `to` has of `from` is what `from` numbered for it; and what it must have, it has.
    fn check_link(&mut self, from: usize, to: usize) -> Result<(), Breach> {
        let (sender, receiver) = (self.site(from)?, self.site(to)?);
        let reading = sender.store.reading();
        let mut numbered = BTreeSet::new();
        if let Some(outlet) = reading.outlet(&link_key(&receiver.id))? {
            if self.cursor(from, to)? != outlet.next {
                return Err(Breach::once(format!("node {to} is not at the end of node {from}")));
            }
            for segment in reading.segments(outlet.id, 0, usize::MAX >> 1)? {
                for seq in segment.runs.iter() {
                    numbered.extend(reading.leaf(seq)?);
                }
            }
        }
        if let Some(restored) = self.restored.as_ref().filter(|restored| restored.node == from) {
            numbered.extend(restored.sent.get(&to).into_iter().flatten());
        }
        for held in receiver.held.iter().filter(|held| held.via == Some(sender.id)) {
            if !numbered.contains(&held.leaf) {
                let what = describe(receiver, held);
                return Err(Breach::once(format!("node {from} never sent {what}")));
            }
        }
        let arrived = self.check_held(sender, receiver)?;
        self.stats.add("records that had to arrive", arrived);
        Ok(())
    }

    /// Whether a receiver holds what it must, and no more what it must not.
    fn check_held(&self, sender: &Site, receiver: &Site) -> Result<usize, Breach> {
        let (gives, takes) = (Oracle::of(sender, self.at)?, Oracle::of(receiver, self.at)?);
        let eyes = Eyes::Partner(receiver.id);
        let mut arrived = 0;
        let own = sender.held.iter().filter(|held| held.header.signer == sender.id);
        for held in own.filter(|held| held.thing().kind.is_stix() && !self.is_disowned(held)) {
            let lists = (gives.circle(held.circle()), takes.circle(held.circle()));
            let (Some(here), Some(there)) = lists else { continue };
            let both = here.member(&receiver.id).is_some() && there.member(&sender.id).is_some();
            if !both || !gives.is_partner(&receiver.id) || !takes.is_partner(&sender.id) {
                continue;
            }
            let copy = receiver.held.iter().find(|copy| copy.leaf == held.leaf && !copy.erased);
            // A withdrawal reaches whom it is released to; who was removed hears nothing more.
            let told =
                sender.held.iter().any(|word| word.is_word_on(held) && gives.may(word, &eyes));
            let what = describe(sender, held);
            if held::recalled(&sender.held, held) {
                // Whoever has it hears of that, a partner of the signer or not: `check_recalls`.
            } else if held::withdrawn(&sender.held, held) {
                if told && copy.is_some() {
                    let text = format!("node {} still holds the withdrawn {what}", receiver.index);
                    return Err(Breach::converge(text));
                }
            } else if gives.may(held, &eyes) && !held::barred(&sender.held, held) {
                let Some(copy) = copy else {
                    let text = format!("node {} never got {what}", receiver.index);
                    return Err(Breach::converge(text));
                };
                self.check_label((sender, held), (receiver, copy))?;
                arrived += 1;
            }
        }
        Ok(arrived)
    }

    /// A recall goes where its record went, member or not, over whomever it went: nobody to whom a
    /// chain of links leads on which the record was numbered still uses it.
    fn check_recalls(&mut self, signer: usize) -> Result<(), Breach> {
        let sender = self.site(signer)?;
        let own = sender.held.iter().filter(|held| held.header.signer == sender.id);
        let recalled = own.filter(|held| held.is_content() || held.thing().kind.is_stix());
        let recalled = recalled.filter(|held| held::recalled(&sender.held, held));
        let recalled = recalled.filter(|held| !self.is_disowned(held));
        let mut heard = 0;
        for held in recalled {
            for node in self.gone_to(signer, &held.leaf)? {
                let receiver = self.site(node)?;
                let copies = receiver.held.iter().filter(|copy| copy.leaf == held.leaf);
                for copy in copies.filter(|copy| !copy.erased) {
                    if !receiver.store.reading().is_hidden(copy.circle(), copy.seq)? {
                        let what = describe(sender, held);
                        let text = format!("node {node} still uses the recalled {what}");
                        return Err(Breach::converge(text));
                    }
                }
                heard += 1;
            }
        }
        self.stats.add("recalls that had to be heard", heard);
        Ok(())
    }

    /// The nodes to which a record went from its signer, over links that still stand.
    fn gone_to(&self, signer: usize, leaf: &Digest) -> Result<BTreeSet<usize>, Breach> {
        let mut gone = BTreeSet::new();
        let mut from = vec![signer];
        while let Some(node) = from.pop() {
            let giver = self.site(node)?;
            let gives = Oracle::of(giver, self.at)?;
            let Some(held) = giver.held.iter().find(|held| held.leaf == *leaf) else { continue };
            for (a, b) in &self.pairs {
                let to = if *a == node { *b } else { *a };
                if *a != node && *b != node || to == signer || gone.contains(&to) {
                    continue;
                }
                let taker = self.site(to)?;
                let stands = gives.is_partner(&taker.id)
                    && Oracle::of(taker, self.at)?.is_partner(&giver.id);
                if stands && gives.numbered(held, &Eyes::Partner(taker.id)) {
                    gone.insert(to);
                    from.push(to);
                }
            }
        }
        Ok(gone)
    }

    fn check_label(
        &self,
        (sender, held): (&Site, &Held),
        (receiver, copy): (&Site, &Held),
    ) -> Result<(), Breach> {
        let row = receiver.store.reading().row(copy.seq)?;
        let there = row.map(|row| row.label.effective_tlp());
        let here = held::label(&sender.held, held).effective_tlp();
        if there == Some(here) {
            return Ok(());
        }
        let what = describe(sender, held);
        let text = format!("node {} holds as {there:?} the record {what}", receiver.index);
        Err(Breach::converge(text))
    }

    /// No record twice.
    fn check_log(&self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        let mut leaves: BTreeSet<Digest> = BTreeSet::new();
        let mut living: BTreeMap<_, &Held> = BTreeMap::new();
        for held in &site.held {
            // What was withdrawn and erased comes again when it is given again.
            if !held.erased && !leaves.insert(held.leaf) {
                let text = format!("twice in its log: {}", describe(site, held));
                return Err(Breach::once(text));
            }
            let hidden = site.store.reading().is_hidden(held.circle(), held.seq)?;
            // Only who was told by the signer itself knows that an older copy was withdrawn.
            let known = held.via.is_none_or(|via| via == held.header.signer);
            if held.is_content() && !held.erased && !hidden && known {
                let how = match held.header.authorship {
                    Authorship::Wrote => None,
                    Authorship::Carries(intake) => Some(intake),
                };
                let key = (
                    held.header.signer,
                    *held.circle(),
                    held.thing().clone(),
                    held.header.version.clone(),
                    how,
                );
                // What was lost, made again and given back is there twice; both are its signer's.
                let rival = self.restored.as_ref().is_some_and(|restored| {
                    self.sites.get(restored.node).is_some_and(|site| site.id == held.header.signer)
                });
                if let Some(other) = living.insert(key, held).filter(|_| !rival) {
                    return Err(Breach::once(format!(
                        "one identity twice in use: {} and {}",
                        describe(site, other),
                        describe(site, held)
                    )));
                }
            }
        }
        Ok(())
    }

    /// A node's sightings tell of as many matches as there were; a crash forgets what was not yet
    /// told, but never tells anything twice.
    fn check_sightings(&self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        let mut told: BTreeMap<ThingId, u64> = BTreeMap::new();
        for held in site.held.iter().filter(|held| held.header.signer == site.id) {
            if held.header.authorship != Authorship::Wrote || held.thing().kind.name() != "sighting"
            {
                continue;
            }
            let facts = stix::read(&held.body).map(|read| read.facts).unwrap_or_default();
            for thing in facts.refs {
                *told.entry(thing).or_default() += facts.count.unwrap_or(0);
            }
        }
        for ((_, thing), count) in self.matched.iter().filter(|((at, _), _)| *at == node) {
            let told = told.get(thing).copied().unwrap_or(0);
            let gone = site.held.iter().any(|held| held.thing() == thing && held.erased);
            let short = told < *count && site.crashes == 0 && !gone;
            if told > *count || short {
                return Err(Breach::once(format!(
                    "node {node} tells of {told} matches of {thing}, and there were {count}"
                )));
            }
        }
        Ok(())
    }
}
