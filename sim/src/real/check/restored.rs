//! I13: a node that comes back from a backup gets back what it signed since then and its partners
//! hold, words of recall among it, and what it had recalled stays recalled.
//!
//! It deliberately asks nothing about what never left the node: that is gone with the disk.

use crate::outcome::Check;
use crate::real::fault::Fault;
use crate::real::held;
use crate::real::oracle::Oracle;
use crate::real::run::Breach;
use crate::real::script::Crash;
use crate::real::world::{World, describe};
use model::id::{Digest, NodeId};
use model::kind::{CIRCLE, OBEYED, WITHDRAW_RANGE};
use node::link::lens_for;
use node::outlet::link_of;
use node::returns::{Place, Returned, give_back, progress, read_back};
use node::{Answer, Command};
use std::collections::{BTreeMap, BTreeSet};

/// What a backup holds, and what the harness knew then.
#[derive(Debug)]
pub(in crate::real) struct Backup {
    node: usize,
    at: i64,
    image: Vec<u8>,
    kept_back: BTreeSet<(NodeId, Digest)>,
}

/// A node that came back.
#[derive(Debug)]
pub(in crate::real) struct Restored {
    pub(in crate::real) node: usize,
    /// What it had numbered for each other node in the life that is over.
    pub(in crate::real) sent: BTreeMap<usize, BTreeSet<Digest>>,
}

/// Pages of what is given back until all must be through.
const PAGES: usize = 50;

impl World {
    /// Makes a backup.
    pub(in crate::real) fn back_up(&mut self, node: usize) -> Result<(), Breach> {
        let at = self.at;
        let site = self.site_mut(node)?;
        let (image, kept_back) = (site.store.image()?, site.kept_back.clone());
        self.backup = Some(Backup { node, at, image, kept_back });
        Ok(())
    }

    /// A node loses its disk and begins again with its backup. What was promised of what it lost
    /// holds no more, but for what others hold of it.
    pub(in crate::real) fn restore(&mut self, node: usize) -> Result<(), Breach> {
        let Some(backup) = self.backup.take_if(|backup| backup.node == node) else { return Ok(()) };
        let sent = self.sent(node)?;
        let at = self.at;
        let site = self.site_mut(node)?;
        site.begin_anew(at, &backup.image, backup.at)?;
        site.kept_back = backup.kept_back;
        self.restored = Some(Restored { node, sent });
        let Self { sites, accepted, promised, receipts, matched, pagers, .. } = self;
        let Some(site) = sites.get(node) else { return Ok(()) };
        accepted.retain(|acked| acked.node != node || acked.is_at(site));
        let leaves: BTreeSet<Digest> = site.held.iter().map(|held| held.leaf).collect();
        promised.retain(|(at, leaf)| *at != node || leaves.contains(leaf));
        receipts.retain(|kept| kept.from != node);
        matched.retain(|(at, _), _| *at != node);
        pagers.retain(|(at, ..), _| *at != node);
        self.stats.add("nodes that came back from a backup", 1);
        Ok(())
    }

    fn sent(&self, node: usize) -> Result<BTreeMap<usize, BTreeSet<Digest>>, Breach> {
        let reading = self.site(node)?.store.reading();
        let mut sent: BTreeMap<usize, BTreeSet<Digest>> = BTreeMap::new();
        for outlet in reading.outlets()? {
            let partner = link_of(&outlet.key);
            let to = self.sites.iter().find(|site| Some(site.id) == partner);
            let Some(to) = to.map(|site| site.index) else { continue };
            for segment in reading.segments(outlet.id, 0, usize::MAX >> 1)? {
                sent.entry(to).or_default().extend(reading.leaves(&segment.runs)?);
            }
        }
        Ok(sent)
    }

    /// A node that came back asks a partner for what it had signed, as its hello says.
    pub(in crate::real) fn ask_back(&mut self, node: usize, partner: usize) -> Result<(), Breach> {
        let meant = self.restored.as_ref().is_some_and(|restored| restored.node == node);
        if !meant || self.fault == Some(Fault::NobodyAsksBack) {
            return Ok(());
        }
        let name = format!("node {node} as whom node {partner} gives back");
        for _ in 0..PAGES {
            let (asker, giver) = (self.site(node)?, self.site(partner)?);
            let wanted = progress(&asker.store.reading(), &asker.epoch(), &giver.id)?;
            let Some(wanted) = wanted.filter(|wanted| !wanted.done) else { return Ok(()) };
            let place = wanted.next.and_then(|next| next.parse::<Place>().ok());
            let reading = giver.store.reading();
            let lens = lens_for(&reading, &asker.id, giver.clock(self.at))?;
            let Some(lens) = lens else { return Ok(()) };
            let (giver, key) = (giver.id, asker.me.public());
            let returned = match give_back(&reading, &lens, place.as_ref())? {
                Ok(page) => {
                    let bytes = page.bytes();
                    let read = read_back(giver, &bytes, key);
                    self.streams.entry(name.clone()).or_default().push((self.step, bytes));
                    read.map_err(|problem| Breach::broken(&problem.message))?
                }
                Err(_) => Returned::nothing(giver),
            };
            let answer = self.apply(node, Command::Returned(returned), Crash::No)?.answer();
            if let Some(Answer::CameBack { new, .. }) = answer {
                let new = usize::try_from(new).unwrap_or(usize::MAX);
                self.stats.add("records that partners gave back", new);
            }
        }
        Err(Breach::new(Check::Restore, format!("node {partner} never ends giving back")))
    }

    /// What partners hold of a node that came back, it has again; what it took back is not in use.
    pub(in crate::real) fn check_restored(&mut self) -> Result<(), Breach> {
        let Some(node) = self.restored.as_ref().map(|restored| restored.node) else {
            return Ok(());
        };
        let site = self.site(node)?;
        let oracle = Oracle::of(site, self.at)?;
        let mut back = 0;
        for other in self.sites.iter().filter(|other| oracle.is_partner(&other.id)) {
            let theirs = other.held.iter();
            let mine = theirs.filter(|held| held.header.signer == site.id && !held.erased);
            for lost in mine {
                let kind = lost.thing().kind.as_str();
                // Of lists only the newest counts; what was said of numbers and recalls is said anew.
                if [CIRCLE, WITHDRAW_RANGE, OBEYED].contains(&kind) {
                    continue;
                }
                let same =
                    |held: &&held::Held| held.header == lost.header && held.body == lost.body;
                if !site.held.iter().any(|held| same(&held)) && !held::barred(&site.held, lost) {
                    let what = describe(other, lost);
                    let text = format!("node {node} never got back {what}");
                    return Err(Breach::new(Check::Restore, text));
                }
                back += 1;
            }
        }
        for held in site.held.iter().filter(|held| held.header.signer == site.id) {
            if held::recalled(&site.held, held) && oracle.is_there(held) {
                let text = format!("in use again, though recalled: {}", describe(site, held));
                return Err(Breach::new(Check::Restore, text));
            }
        }
        self.stats.add("records held by partners of who came back", back);
        Ok(())
    }
}
