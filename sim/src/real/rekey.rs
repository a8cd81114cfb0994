//! Nodes change their keys: stated, told from link to link, and used once partners know; or revoked
//! with the recovery key, and used at once.
//!
//! It deliberately keeps the keys of a node by number alone: the first one is what its id is made of.

use super::run::Breach;
use super::script::Crash;
use super::site::{Site, recovery};
use super::world::{Stolen, World};
use crate::outcome::Check;
use model::keys::KeyChain;
use node::command::Administer;
use node::keys::{Change, change, heard, number, own_chain, said};
use node::{Answer, Command};

/// Commands about keys draw from here on: a step's own would be drawn twice.
const KEYS: u64 = 1 << 41;

impl World {
    /// An act about keys, whose randomness is its own.
    fn about_keys(&mut self, node: usize, act: Administer) -> Result<Answer, Breach> {
        self.key_acts += 1;
        let (at, draw) = (self.at, KEYS + self.key_acts);
        let came = self.site_mut(node)?.apply(at, draw, Command::Administer(act), Crash::No)?;
        came.answer().ok_or_else(|| Breach::broken(&"no answer without a crash"))
    }

    /// Every node states its first key, and who may speak in need.
    pub(super) fn begin_keys(&mut self) -> Result<(), Breach> {
        self.keys = true;
        for node in 0..self.sites.len() {
            let key = recovery(node)?.public();
            self.about_keys(node, Administer::BeginKeys(key))?;
        }
        Ok(())
    }

    /// A node states its next key; one that is under way already is left alone.
    pub(super) fn rotate(&mut self, node: usize) -> Result<(), Breach> {
        let next = self.site(node)?.next_key()?;
        let done = self.about_keys(node, Administer::RotateKey(next))?;
        self.stats.add("keys stated", usize::from(matches!(done, Answer::Done)));
        self.change_key(node)
    }

    /// A node's people take back the key that signs; who has it may go on signing.
    pub(super) fn revoke(&mut self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        let now = site.clock(self.at);
        let reading = site.store.reading();
        if change(&reading, &site.me.public(), now)? != Change::Done {
            return Ok(());
        }
        let own = site.next_key()?;
        let chain = own_chain(&reading, &site.me, now)?;
        let last = chain.last();
        let next = last.revoking(last.key, own.public(), now);
        let statement = KeyChain::rescue(next, &recovery(node)?);
        let stolen = site.key();
        let answer = self.about_keys(node, Administer::RescueKeys { statement, own })?;
        if !matches!(answer, Answer::Done) {
            let text = format!("node {node} cannot revoke its key: {answer:?}");
            return Err(Breach::new(Check::Keys, text));
        }
        let id = self.site(node)?.id;
        self.stolen.push(Stolen { node, id, key: stolen, at: now });
        self.stats.add("keys revoked", 1);
        self.change_key(node)
    }

    /// Signs with the key that was stated, once that is due.
    pub(super) fn change_key(&mut self, node: usize) -> Result<(), Breach> {
        let at = self.at;
        let site = self.site_mut(node)?;
        let due = |site: &Site| change(&site.store.reading(), &site.me.public(), site.clock(at));
        if due(site)? != Change::Due {
            return Ok(());
        }
        let key = site.turn_key()?;
        let used = self.about_keys(node, Administer::UseKey(key))?;
        if !matches!(used, Answer::Done) {
            let text = format!("node {node} may not use its newest key: {used:?}");
            return Err(Breach::new(Check::Keys, text));
        }
        self.stats.add("keys changed", 1);
        Ok(())
    }

    /// What each side of a link lacks of the other's keys, as their hellos find out.
    pub(super) fn exchange_keys(&mut self, a: usize, b: usize) -> Result<(), Breach> {
        if !self.keys {
            return Ok(());
        }
        for (from, to) in [(a, b), (b, a)] {
            self.tell_keys(from, to)?;
        }
        self.change_key(a)?;
        self.change_key(b)
    }

    fn tell_keys(&mut self, from: usize, to: usize) -> Result<(), Breach> {
        let (giver, taker) = (self.site(from)?, self.site(to)?);
        let (giver_id, taker_id) = (giver.id, taker.id);
        let stated = number(&giver.store.reading(), &giver_id)?;
        let known = number(&taker.store.reading(), &giver_id)?;
        let told = said(&giver.store.reading(), &giver_id)?;
        if let Some(chain) = told.filter(|_| known < stated) {
            let answer = self.about_keys(to, Administer::HearKeys(chain))?;
            if !matches!(answer, Answer::Done) {
                let text = format!("node {to} does not believe node {from}: {answer:?}");
                return Err(Breach::new(Check::Keys, text));
            }
        }
        let known = number(&self.site(to)?.store.reading(), &giver_id)?;
        if heard(&self.site(from)?.store.reading(), &taker_id)? != known {
            self.about_keys(from, Administer::KeysHeard { partner: taker_id, number: known })?;
        }
        Ok(())
    }
}
