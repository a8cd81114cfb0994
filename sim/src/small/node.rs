//! One node: accept and close (rules A and B), commit and crash, number.
//!
//! It deliberately has one door for changes, [`Node::commit`]: what happens in it is durable
//! before an answer leaves, or is as if it had not happened.

use super::fault::Fault;
use super::label::{Axes, Label, Tlp};
use super::outlet::Outlet;
use super::record::{Answer, Item, Post, Record};
use super::release::{Reader, Rights};
use super::view::{Entry, View};
use crate::rng::digest;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Someone who posts at a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Submitter {
    pub(super) rights: Rights,
    /// A token without `--read` reads nothing.
    pub(super) reads: bool,
}

/// What does not change about a node in one world.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) me: u8,
    pub(super) submitters: Vec<Submitter>,
    pub(super) audiences: Vec<Rights>,
    /// The default label of each circle.
    pub(super) defaults: BTreeMap<u8, Tlp>,
    pub(super) fault: Option<Fault>,
}

/// What a crash does to the commit under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crash {
    /// No crash.
    No,
    /// The commit is lost.
    Lose,
    /// The commit is kept, and nobody was told.
    Keep,
}

/// What survives a crash: log, the views of it, and state.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    pub(super) log: Vec<Entry>,
    pub(super) view: View,
    pub(super) outlets: BTreeMap<Reader, Outlet>,
    /// Next number expected from each partner, committed with the data.
    pub(super) cursors: BTreeMap<u8, usize>,
    /// What each partner acknowledged of its outlet.
    pub(super) acked: BTreeMap<u8, usize>,
    /// Every line applied: from whom, its number, a digest of its bytes.
    pub(super) applied: Vec<(u8, usize, u64)>,
    intakes: Vec<u8>,
    /// Embargoes up to here have been looked at.
    woken: u64,
}

impl Disk {
    /// Appends to the log and to the view.
    pub(super) fn append(&mut self, entry: Entry) {
        self.view.apply(self.log.len(), &entry);
        self.log.push(entry);
    }
}

/// One node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) site: Site,
    pub(super) disk: Disk,
}

impl Node {
    pub(super) fn new(site: Site) -> Self {
        Self { site, disk: Disk::default() }
    }

    pub(super) fn fault(&self, fault: Fault) -> bool {
        self.site.fault == Some(fault)
    }

    /// Does `work` as one commit; its result leaves only once it is durable.
    pub(super) fn commit<T>(
        &mut self,
        crash: Crash,
        now: u64,
        work: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        self.wake(now);
        let before = (crash == Crash::Lose).then(|| self.disk.clone());
        let length = self.disk.log.len();
        let result = work(self);
        if let Some(before) = before {
            self.disk = before;
        }
        if crash == Crash::No {
            if self.disk.log.len() > length || self.fault(Fault::EmbargoAtNextCommit) {
                self.number_audiences(now);
            }
            return Some(result);
        }
        // Restart: what is derived is made again, and what the crash left is numbered at once,
        // not with the next commit, whosever that may be.
        let Disk { outlets, log, .. } = &mut self.disk;
        for (reader, outlet) in outlets {
            *outlet = outlet.derived(&self.site, *reader, log, now);
        }
        self.number_audiences(now);
        self.fault(Fault::AckBeforeCommit).then_some(result)
    }

    /// Numbers what embargoes have freed, each at its own instant: an instant at which a
    /// withheld record was committed must not show in anybody's dates.
    pub(super) fn wake(&mut self, now: u64) {
        if self.fault(Fault::EmbargoAtNextCommit) {
            return;
        }
        let rows = self.disk.view.rows.iter();
        let due = rows.map(|row| row.record.label.until);
        let due: BTreeSet<u64> =
            due.filter(|until| *until > self.disk.woken && *until <= now).collect();
        for at in due {
            self.number_audiences(at);
        }
        self.disk.woken = now;
    }

    fn number_audiences(&mut self, at: u64) {
        for no in (0_u8..).take(self.site.audiences.len()) {
            self.number(Reader::Audience(no), at);
        }
    }

    /// Numbers what has changed for this reader.
    pub(super) fn number(&mut self, reader: Reader, at: u64) {
        let Disk { log, view, outlets, .. } = &mut self.disk;
        let outlet = outlets.entry(reader).or_default();
        let count = outlet.number(&self.site, reader, view, at);
        outlet.keep(log.len(), at, count);
    }

    /// Accepts a submission: what the same submitter had submitted is a duplicate; the rest is
    /// closed together, signed and appended.
    pub(super) fn post(&mut self, post: &Post, now: u64) -> Vec<Answer> {
        let intake = self.intake(post.submitter);
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let mut fresh: Vec<(&Item, u64)> = Vec::new();
        for item in &post.items {
            let id = self.record_id(item, intake);
            let duplicate = self.duplicate(item, id) || fresh.iter().any(|(_, seen)| *seen == id);
            answers.push(duplicate.then_some(Answer::Duplicate));
            if !duplicate {
                fresh.push((item, id));
            }
        }
        let items: Vec<&Item> = fresh.iter().map(|(item, _)| *item).collect();
        let labels = self.close(post.submitter, &items, now);
        let mut signed = Vec::new();
        for ((item, id), label) in fresh.into_iter().zip(labels) {
            let Item { circle, thing, version, refs, canary, .. } = item;
            self.disk.append(Entry::Signed(Rc::new(Record {
                id,
                signer: self.site.me,
                circle: *circle,
                thing: *thing,
                version: *version,
                intake,
                label,
                refs: refs.clone(),
                canary: *canary,
                by: post.submitter,
            })));
            signed.push(Answer::Accepted(label));
        }
        let mut signed = signed.into_iter();
        answers.into_iter().filter_map(|answer| answer.or_else(|| signed.next())).collect()
    }

    /// Takes back everything that it signed itself about a thing; how much that is.
    pub(super) fn recall(&mut self, thing: u32) -> usize {
        let rows = self.disk.view.held().filter(|row| row.own && row.record.thing == thing);
        let ids: Vec<u64> = rows.map(|row| row.record.id).collect();
        ids.iter().for_each(|id| self.disk.append(Entry::Recalled { id: *id }));
        ids.len()
    }

    /// A person withdraws from a partner what it was sent of a thing; the canaries of that.
    pub(super) fn withdraw(&mut self, partner: u8, thing: u32) -> Vec<u64> {
        let Some(outlet) = self.disk.outlets.get(&Reader::Partner(partner)) else {
            return Vec::new();
        };
        let rows = self.disk.view.held().filter(|row| row.record.thing == thing);
        let sent = rows.filter(|row| outlet.sent.contains(&row.record.id));
        let sent: Vec<Rc<Record>> = sent.map(|row| Rc::clone(&row.record)).collect();
        let kept = |record: &Rc<Record>| {
            self.disk.append(Entry::KeptBack { id: record.id, partner });
            record.canary
        };
        sent.iter().map(kept).collect()
    }

    /// The opaque number of a token: keyed, so that it counts nothing.
    fn intake(&mut self, submitter: u8) -> u64 {
        if !self.fault(Fault::IntakeAtFirstUse) {
            return digest(&[0x1234, u64::from(self.site.me), u64::from(submitter)]);
        }
        let intakes = &mut self.disk.intakes;
        if !intakes.contains(&submitter) {
            intakes.push(submitter);
        }
        let place = intakes.iter().position(|seen| *seen == submitter);
        u64::try_from(place.unwrap_or(0)).unwrap_or(0)
    }

    /// Rule A: the identity of what this node carries.
    fn record_id(&self, item: &Item, intake: u64) -> u64 {
        let (signer, circle) = (u64::from(self.site.me), u64::from(item.circle));
        digest(&[signer, circle, u64::from(item.thing), u64::from(item.version), intake])
    }

    fn duplicate(&self, item: &Item, id: u64) -> bool {
        if !self.fault(Fault::DedupeAcrossSubmitters) {
            return self.disk.view.row(id).is_some();
        }
        let place = (item.circle, item.thing, item.version);
        let mut own = self.disk.view.rows.iter().filter(|row| row.own);
        own.any(|row| (row.record.circle, row.record.thing, row.record.version) == place)
    }

    /// Rule B: the labels of one submission, joined over what its objects refer to, to the
    /// least fixed point, since they may refer to each other in any order.
    fn close(&self, submitter: u8, items: &[&Item], now: u64) -> Vec<Label> {
        let default = |item: &Item| self.site.defaults.get(&item.circle).copied();
        let own: Vec<Label> = items
            .iter()
            .map(|item| self.own_label(item, default(item).unwrap_or(Tlp::Red)))
            .collect();
        let mut labels = own;
        if self.fault(Fault::SkipClosure) {
            return labels;
        }
        loop {
            let before = labels.clone();
            for (place, item) in items.iter().enumerate() {
                let beside = if self.fault(Fault::CloseOneByOne) { place } else { items.len() };
                let known = items.iter().zip(labels.clone()).take(beside);
                let known: Vec<(u32, Axes)> =
                    known.map(|(item, label)| (item.thing, label.axes)).collect();
                let Some(label) = labels.get_mut(place) else { continue };
                for thing in &item.refs {
                    if let Some(least) = self.least(submitter, *thing, &known, now) {
                        label.axes = label.axes.join(least);
                    }
                }
            }
            if labels == before {
                return labels;
            }
        }
    }

    fn own_label(&self, item: &Item, default: Tlp) -> Label {
        let mut label = item.marking.label(default);
        if self.fault(Fault::RedUnnamedIsAnyone) {
            label.axes.named = item.marking.named;
        }
        label
    }

    /// The least strict label per axis of a thing, over the copies that the submitter may read
    /// or submitted himself (a token without the right to read still knows what it posted).
    fn least(&self, who: u8, thing: u32, beside: &[(u32, Axes)], now: u64) -> Option<Axes> {
        let submitter = self.site.submitters.get(usize::from(who))?;
        let rows = self.disk.view.held().filter(|row| row.record.thing == thing);
        let known = rows.filter(|row| {
            let his = row.own && row.record.by == who && !self.fault(Fault::CloseOverReadableOnly);
            let may_read = submitter.reads && submitter.rights.read(row, now);
            his || may_read || self.fault(Fault::CloseOverAllHeld)
        });
        let held = known.map(|row| row.record.label.axes);
        let posted = beside.iter().filter(|(named, _)| *named == thing).map(|(_, axes)| *axes);
        held.chain(posted).reduce(Axes::meet)
    }
}
