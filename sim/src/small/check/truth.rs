//! What is true of a world, whatever its nodes believe: labels, policies, promises.
//!
//! It deliberately asks a node only which records it holds; what their labels should be, and who
//! may read them, is worked out here.

use crate::outcome::{Check, Stats, Violation};
use crate::small::label::{ANYONE, Axes, Tlp};
use crate::small::node::{Node, Site};
use crate::small::record::{Item, Post};
use crate::small::view::Card;
use std::collections::{BTreeMap, BTreeSet};

/// What should hold of one record.
#[derive(Debug, Clone)]
pub(in crate::small) struct Fact {
    pub(super) origin: u8,
    pub(super) submitter: u8,
    pub(super) circle: u8,
    pub(super) thing: u32,
    /// As rule B says.
    pub(super) axes: Axes,
    pub(super) hops: u8,
    pub(super) until: u64,
    pub(super) secret: bool,
    pub(super) canary: u64,
}

/// An acknowledged object: by whom, what, and the canary that the node had for it.
#[derive(Debug, Clone)]
pub(super) struct Promise {
    pub(super) submitter: u8,
    pub(super) place: (u8, u32, u8),
    pub(super) canary: u64,
}

/// The truth of one world so far.
#[derive(Debug, Default)]
pub(in crate::small) struct Truth {
    pub(super) seed: u64,
    pub(super) now: u64,
    pub(super) facts: BTreeMap<u64, Fact>,
    /// By node and circle: the member list that the node has accepted.
    pub(super) accepted: BTreeMap<(u8, u8), u8>,
    /// By node and partner.
    pub(super) cards: BTreeMap<(u8, u8), Card>,
    /// By node, partner and canary: what a person withdrew.
    pub(super) kept_back: BTreeSet<(u8, u8, u64)>,
    pub(super) promises: BTreeMap<u8, Vec<Promise>>,
    /// By sender, receiver and number: a digest of the line that first left.
    pub(super) left: BTreeMap<(u8, u8, usize), u64>,
    /// By sender and receiver: the next number of which no byte has left.
    pub(super) next: BTreeMap<(u8, u8), usize>,
}

impl Truth {
    pub(in crate::small) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(in crate::small) fn set_now(&mut self, now: u64) {
        self.now = now;
    }

    pub(in crate::small) fn accept(&mut self, node: u8, circle: u8, members: u8) {
        self.accepted.insert((node, circle), members);
    }

    pub(in crate::small) fn card(&mut self, node: u8, partner: u8, card: Card) {
        self.cards.insert((node, partner), card);
    }

    /// A person withdrew these from a partner.
    pub(in crate::small) fn withdraw(&mut self, (node, partner): (u8, u8), canaries: &[u64]) {
        self.kept_back.extend(canaries.iter().map(|canary| (node, partner, *canary)));
    }

    /// Whether this canary is a twin-world secret's.
    pub(in crate::small) fn is_secret(&self, canary: u64) -> bool {
        self.facts.get(&canary).is_some_and(|fact| fact.secret)
    }

    pub(super) fn broken(&self, check: Check, detail: String) -> Violation {
        Violation { check, seed: self.seed, at: self.now, detail }
    }

    /// Works out the labels of a submission that is about to be accepted.
    pub(in crate::small) fn expect(&mut self, node: &Node, post: &Post, stats: &mut Stats) {
        let site = &node.site;
        let mut fresh: Vec<&Item> = Vec::new();
        for item in &post.items {
            let place = (item.circle, item.thing, item.version);
            let twice = fresh.iter().any(|seen| (seen.circle, seen.thing, seen.version) == place);
            if held_place(node, post.submitter, place).is_none() && !twice {
                fresh.push(item);
            }
        }
        let own = |item: &&Item| own_axes(item, site.defaults.get(&item.circle).copied());
        let start: Vec<Axes> = fresh.iter().map(own).collect();
        let mut labels = start.clone();
        loop {
            let joined: Vec<Axes> = fresh
                .iter()
                .zip(&start)
                .map(|(item, own)| {
                    let copies = item.refs.iter().map(|thing| {
                        let beside =
                            fresh.iter().zip(&labels).filter(|(one, _)| one.thing == *thing);
                        let mut copies = self.known(node, post.submitter, *thing);
                        copies.extend(beside.map(|(_, axes)| *axes));
                        copies
                    });
                    copies.filter_map(|copies| least(&copies)).fold(*own, strictest)
                })
                .collect();
            if joined == labels {
                break;
            }
            labels = joined;
        }
        for ((item, axes), own) in fresh.iter().zip(labels).zip(start) {
            self.count(node, post, item, (own, axes), stats);
            let fact = Fact {
                origin: site.me,
                submitter: post.submitter,
                circle: item.circle,
                thing: item.thing,
                axes,
                hops: if item.marking.unknown { 0 } else { item.marking.hops },
                until: item.marking.until,
                secret: post.secret,
                canary: item.canary,
            };
            self.facts.insert(item.canary, fact);
        }
    }

    /// The labels of all copies of a thing that a submitter may read or submitted himself.
    fn known(&self, node: &Node, who: u8, thing: u32) -> Vec<Axes> {
        let held = node.disk.view.held().filter_map(|row| self.facts.get(&row.record.canary));
        let copies = held.filter(|fact| fact.thing == thing);
        let known = copies.filter(|fact| {
            let his = fact.origin == node.site.me && fact.submitter == who;
            his || self.token_reads(&node.site, who, fact)
        });
        known.map(|fact| fact.axes).collect()
    }

    fn token_reads(&self, site: &Site, who: u8, fact: &Fact) -> bool {
        let Some(token) = site.submitters.get(usize::from(who)) else { return false };
        let circle = (token.rights.circles >> fact.circle) & 1 == 1;
        let red = fact.axes.tlp == Tlp::Red;
        let above = !red && fact.axes.tlp > token.rights.ceiling;
        token.reads && circle && fact.until <= self.now && !above && (!red || token.rights.red)
    }

    fn count(&self, node: &Node, post: &Post, item: &Item, axes: (Axes, Axes), stats: &mut Stats) {
        stats.add("records signed", 1);
        stats.add("records RED", usize::from(axes.1.tlp == Tlp::Red));
        stats.add("records made stricter by closure", usize::from(axes.0 != axes.1));
        stats.add("references", item.refs.len());
        for thing in &item.refs {
            let copies = self.known(node, post.submitter, *thing);
            let met = least(&copies);
            let looser = met.is_some_and(|met| !copies.contains(&met));
            stats.add("references to something held", usize::from(met.is_some()));
            stats.add("references met looser than every copy", usize::from(looser));
            let mut rows = node.disk.view.held().filter(|row| row.record.thing == *thing);
            let early = rows.any(|row| row.record.label.until > self.now.max(item.marking.until));
            stats.add("references to a thing still under embargo", usize::from(early));
        }
    }
}

/// The canary of what a submitter's earlier submission left at a node under this place.
pub(super) fn held_place(node: &Node, who: u8, place: (u8, u32, u8)) -> Option<u64> {
    let rows = node.disk.view.rows.iter().filter(|row| row.own && row.record.by == who);
    let mut canaries = rows.filter_map(|row| {
        let record = &row.record;
        let here = (record.circle, record.thing, record.version) == place;
        here.then_some(record.canary)
    });
    canaries.next()
}

fn own_axes(item: &Item, default: Option<Tlp>) -> Axes {
    let marking = item.marking;
    if marking.unknown {
        return Axes { tlp: Tlp::Red, named: 0, personal: marking.personal };
    }
    let tlp = marking.tlp.or(default).unwrap_or(Tlp::Red);
    let nobody = tlp == Tlp::Red && marking.named == ANYONE;
    Axes { tlp, named: if nobody { 0 } else { marking.named }, personal: marking.personal }
}

/// Axis by axis, the least strict that some copy has.
fn least(copies: &[Axes]) -> Option<Axes> {
    Some(Axes {
        tlp: copies.iter().map(|axes| axes.tlp).min()?,
        named: copies.iter().fold(0, |names, axes| names | axes.named),
        personal: copies.iter().all(|axes| axes.personal),
    })
}

fn strictest(one: Axes, two: Axes) -> Axes {
    let tlp = if one.tlp > two.tlp { one.tlp } else { two.tlp };
    Axes { tlp, named: one.named & two.named, personal: one.personal || two.personal }
}
