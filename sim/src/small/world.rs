//! A random world: who there is, and what happens when. Its twin has secrets besides.
//!
//! It deliberately decides everything beforehand, from the seed alone: nothing that a node does
//! changes what happens next, so that a world and its twin differ in the secrets only.

use super::label::{ANYONE, Marking, Tlp};
use super::node::{Crash, Site, Submitter};
use super::record::{Item, Post};
use super::release::{Rights, bit, node_bit};
use super::view::Card;
use crate::rng::Rng;
use std::collections::BTreeMap;

/// Microseconds between two public steps.
const STEP: u64 = 1_000;
/// Public steps in a world.
const STEPS: u64 = 70;
/// Networks and disks are sound from here on, and all embargoes are over.
pub(super) const HEAL_AT: u64 = 1_000_000;
/// Circles of one stand at this number plus the node's.
const PRIVATE: u8 = 16;
/// Things of secrets stand from here on; no public record names them.
const SECRET_THINGS: u32 = 10_000;
/// Where the chance forks off by which something is taken back. By it the seeds that failed before
/// are the worlds that they were.
const TAKEN_BACK: u64 = 0x1c6;
/// The submitter that only posts in the twin world.
const SECRETIVE: u8 = 2;

/// Where a session between two nodes breaks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Plan {
    Whole,
    /// The connection is cut in the middle of this batch.
    Mid {
        batch: usize,
        lines: usize,
    },
    LostAck {
        batch: usize,
    },
    ReceiverLoses {
        batch: usize,
    },
    ReceiverKeeps {
        batch: usize,
    },
    SenderCrashes(Crash),
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Submissions that share a commit.
    Post {
        node: u8,
        posts: Vec<Post>,
        crash: Crash,
    },
    Link {
        from: u8,
        to: u8,
        plan: Plan,
    },
    Page {
        node: u8,
        audience: u8,
    },
    /// The convener changes a circle; some nodes accept it at once.
    Members {
        circle: u8,
        members: u8,
        accepted_by: u8,
    },
    /// A node accepts the circle's latest list.
    Accept {
        node: u8,
        circle: u8,
    },
    Card {
        node: u8,
        partner: u8,
        card: Card,
    },
    /// A node recalls what it signed about a thing.
    Recall {
        node: u8,
        thing: u32,
    },
    /// A person withdraws from a partner what it was sent of a thing.
    Withdraw {
        node: u8,
        partner: u8,
        thing: u32,
    },
}

/// A world, written down.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) sites: Vec<Site>,
    /// First member list of each circle.
    pub(super) circles: BTreeMap<u8, u8>,
    /// First cards: node, partner, card.
    pub(super) cards: Vec<(u8, u8, Card)>,
    /// Whether secrets may leave their node in the twin world.
    pub(super) travel: bool,
    pub(super) steps: Vec<(u64, Step)>,
}

struct Maker {
    rng: Rng,
    nodes: u8,
    shared: u8,
    things: u32,
    posted: Vec<(u8, Post)>,
    members: BTreeMap<u8, u8>,
}

/// The world of a seed.
pub(super) fn world(seed: u64) -> Script {
    let mut rng = Rng::new(seed);
    let nodes = 3 + rng.byte(3);
    let shared = 2 + rng.byte(3);
    let mut circles = BTreeMap::new();
    for circle in 0..shared {
        let all = node_bit(nodes).wrapping_sub(1);
        let some = rng.byte(node_bit(nodes)) | 1 | node_bit(1 + rng.byte(nodes - 1));
        circles.insert(circle, if rng.percent(40) { all } else { some });
    }
    for node in 0..nodes {
        circles.insert(PRIVATE + node, node_bit(node));
    }
    let defaults: BTreeMap<u8, Tlp> = circles
        .keys()
        .map(|circle| {
            (*circle, *rng.pick(&[Tlp::Green, Tlp::Amber, Tlp::Strict]).unwrap_or(&Tlp::Red))
        })
        .collect();
    let sites = (0..nodes).map(|me| site(&mut rng, me, shared, defaults.clone())).collect();
    let mut cards = Vec::new();
    for from in 0..nodes {
        for to in (0..nodes).filter(|to| *to != from) {
            cards.push((from, to, card(&mut rng)));
        }
    }
    let travel = rng.percent(50);
    let members = circles.clone();
    let mut maker = Maker { rng, nodes, shared, things: 0, posted: Vec::new(), members };
    let mut steps = (1..=STEPS).map(|no| (no * STEP, maker.step(no * STEP))).collect();
    maker.rng = Rng::new(seed).fork(TAKEN_BACK);
    if maker.rng.percent(60) {
        maker.take_back(&mut steps);
    }
    Script { sites, circles, cards, travel, steps }
}

fn site(rng: &mut Rng, me: u8, shared: u8, defaults: BTreeMap<u8, Tlp>) -> Site {
    let all = bit(shared).wrapping_sub(1) | bit(PRIVATE + me);
    let mut submitters = Vec::new();
    for _ in 0..SECRETIVE {
        let mut circles = bit(rng.byte(shared));
        for circle in 0..shared {
            circles |= if rng.percent(75) { bit(circle) } else { 0 };
        }
        let ceiling = *rng.pick(&[Tlp::Amber, Tlp::Strict, Tlp::Red]).unwrap_or(&Tlp::Amber);
        let rights = Rights { circles, ceiling, red: rng.percent(35) };
        submitters.push(Submitter { rights, reads: rng.percent(75) });
    }
    let everything = Rights { circles: all, ceiling: Tlp::Red, red: true };
    submitters.push(Submitter { rights: everything, reads: true });
    let open = Rights { circles: all, ceiling: Tlp::Green, red: false };
    let one = bit(rng.byte(shared));
    let circle = Rights { circles: one, ceiling: Tlp::Strict, red: false };
    let audiences = vec![open, circle, everything];
    Site { me, submitters, audiences, defaults, fault: None }
}

fn card(rng: &mut Rng) -> Card {
    let ceilings = [Tlp::Red, Tlp::Red, Tlp::Red, Tlp::Strict, Tlp::Amber, Tlp::Green];
    Card { ceiling: *rng.pick(&ceilings).unwrap_or(&Tlp::Green), personal: rng.percent(70) }
}

fn plan(rng: &mut Rng) -> Plan {
    let batch = rng.index(3);
    match rng.below(13) {
        0 | 1 => Plan::Mid { batch, lines: rng.index(4) },
        2 | 12 => Plan::LostAck { batch },
        3 => Plan::ReceiverLoses { batch },
        4 => Plan::ReceiverKeeps { batch },
        5 => Plan::SenderCrashes(if rng.percent(50) { Crash::Lose } else { Crash::Keep }),
        _ => Plan::Whole,
    }
}

impl Maker {
    fn step(&mut self, now: u64) -> Step {
        let node = self.rng.byte(self.nodes);
        let circle = self.rng.byte(self.shared);
        let partner = (node + 1 + self.rng.byte(self.nodes - 1)) % self.nodes;
        match self.rng.below(100) {
            0..38 => self.posts(node, now),
            38..72 => Step::Link { from: node, to: partner, plan: plan(&mut self.rng) },
            72..80 => Step::Page { node, audience: self.rng.byte(3) },
            80..87 => {
                let members = self.members.entry(circle).or_default();
                // Out, or in again: as likely whoever is asked.
                let absent = (0..self.nodes).filter(|one| (*members >> one) & 1 == 0);
                let absent: Vec<u8> = absent.collect();
                let joins = self.rng.percent(50).then(|| self.rng.pick(&absent).copied()).flatten();
                *members ^= node_bit(joins.unwrap_or(node));
                let members = *members;
                Step::Members { circle, members, accepted_by: self.rng.byte(u8::MAX) }
            }
            87..93 => Step::Accept { node, circle },
            _ => Step::Card { node, partner, card: card(&mut self.rng) },
        }
    }

    /// Has some of what was posted recalled, or withdrawn from a partner.
    fn take_back(&mut self, steps: &mut Vec<(u64, Step)>) {
        for _ in 0..4 + self.rng.below(14) {
            let no = 8 + self.rng.below(STEPS - 8);
            let Some((at, post)) = self.rng.pick(&self.posted).cloned() else { return };
            let thing = self.rng.pick(&post.items).map_or(0, |item| item.thing);
            let step = if self.rng.percent(50) {
                Step::Recall { node: at, thing }
            } else {
                let node = if self.rng.percent(60) { at } else { self.rng.byte(self.nodes) };
                let partner = (node + 1 + self.rng.byte(self.nodes - 1)) % self.nodes;
                Step::Withdraw { node, partner, thing }
            };
            steps.push((no * STEP + STEP / 2, step));
        }
        steps.sort_by_key(|(at, _)| *at);
    }

    fn posts(&mut self, node: u8, now: u64) -> Step {
        let crash = match self.rng.below(14) {
            0 => Crash::Lose,
            1 => Crash::Keep,
            _ => Crash::No,
        };
        let count = if self.rng.percent(25) { 1 + self.rng.below(3) } else { 1 };
        let posts = (0..count).map(|_| self.post(node, now)).collect();
        Step::Post { node, posts, crash }
    }

    /// A submission, or one of this node's again: the same, changed, or by the other submitter.
    fn post(&mut self, node: u8, now: u64) -> Post {
        let here = self.posted.iter().filter(|(at, _)| *at == node);
        let here: Vec<Post> = here.map(|(_, post)| post.clone()).collect();
        if self.rng.percent(22)
            && let Some(again) = self.rng.pick(&here)
        {
            let mut again = again.clone();
            let kind = self.rng.below(3);
            if kind > 0 {
                again.items.iter_mut().for_each(|item| item.canary = self.rng.word());
            }
            if kind > 1 {
                again.submitter = 1 - again.submitter;
            }
            return again;
        }
        let count = 1 + self.rng.below(3);
        let first = self.things;
        let items = (0..count).map(|_| self.item(first, now)).collect();
        let post = Post { submitter: self.rng.byte(SECRETIVE), items, secret: false };
        self.posted.push((node, post.clone()));
        post
    }

    fn item(&mut self, first: u32, now: u64) -> Item {
        let (thing, version) = if self.things > 0 && self.rng.percent(35) {
            (u32::try_from(self.rng.below(u64::from(self.things))).unwrap_or(0), self.rng.byte(3))
        } else {
            self.things += 1;
            (self.things - 1, 0)
        };
        let refs = (0..self.rng.below(4)).map(|_| self.reference(first)).collect();
        let circle = self.rng.byte(self.shared);
        let canary = self.rng.word();
        Item { circle, thing, version, marking: self.marking(now), refs, canary }
    }

    /// A thing of this submission, a recent one, or one that is not known yet.
    fn reference(&mut self, first: u32) -> u32 {
        let span = u64::from(self.things.saturating_sub(first)) + 1;
        let offset = match self.rng.below(3) {
            0 => return first + u32::try_from(self.rng.below(span + 1)).unwrap_or(0),
            1 => self.rng.below(12),
            _ => self.rng.below(u64::from(self.things) + 1),
        };
        self.things.saturating_sub(u32::try_from(offset).unwrap_or(0))
    }

    fn marking(&mut self, now: u64) -> Marking {
        let rng = &mut self.rng;
        let tlps = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::Strict, Tlp::Red];
        let tlp = if rng.percent(20) { None } else { rng.pick(&tlps).copied() };
        let red = tlp == Some(Tlp::Red);
        let named = if rng.percent(if red { 70 } else { 20 }) { rng.byte(32) } else { ANYONE };
        let until = if rng.percent(15) { now + rng.below(30 * STEP) } else { 0 };
        let (unknown, personal) = (rng.percent(3), rng.percent(12));
        Marking { tlp, unknown, named, personal, hops: rng.byte(4), until }
    }
}

/// The same world with records that no released record names.
pub(super) fn twin(script: &Script, seed: u64) -> Script {
    let rng = Rng::new(seed).fork(0x7711);
    let shared = u8::try_from(script.circles.len() - script.sites.len()).unwrap_or(1);
    let nodes = u8::try_from(script.sites.len()).unwrap_or(1);
    let members = script.circles.clone();
    let mut maker =
        Maker { rng, nodes, shared, things: SECRET_THINGS, posted: Vec::new(), members };
    let coming: Vec<(u8, Item)> = script.steps.iter().flat_map(|(_, step)| items(step)).collect();
    let mut steps = Vec::new();
    for (at, step) in &script.steps {
        let mut step = step.clone();
        if let Step::Post { node, posts, .. } = &mut step
            && maker.rng.percent(35)
        {
            let place = maker.rng.index(posts.len() + 1);
            let site = script.sites.get(usize::from(*node));
            let secret = site.map(|site| maker.secret(site, script.travel, &coming, *at));
            secret.into_iter().for_each(|secret| posts.insert(place, secret));
        }
        steps.push((*at, step));
        if maker.rng.percent(25)
            && let Some(site) = script.sites.get(maker.rng.index(script.sites.len()))
        {
            let posts = vec![maker.secret(site, script.travel, &coming, *at)];
            let later = at + 1 + maker.rng.below(STEP - 2);
            steps.push((later, Step::Post { node: site.me, posts, crash: Crash::No }));
        }
    }
    steps.sort_by_key(|(at, _)| *at);
    Script { steps, ..script.clone() }
}

/// What a step posts, and where.
fn items(step: &Step) -> Vec<(u8, Item)> {
    let Step::Post { node, posts, .. } = step else { return Vec::new() };
    posts.iter().flat_map(|post| &post.items).map(|item| (*node, item.clone())).collect()
}

impl Maker {
    fn secret(&mut self, site: &Site, travel: bool, public: &[(u8, Item)], now: u64) -> Post {
        let node = site.me;
        let here: Vec<&Item> =
            public.iter().filter(|(at, _)| *at == node).map(|(_, item)| item).collect();
        // A shadow: the very thing, version and circle of a public record, past or to come, by
        // someone whose copy nobody else may read.
        if self.rng.percent(40)
            && let Some(shadowed) = self.rng.pick(&here)
        {
            let mut item = Item { canary: self.rng.word(), ..(*shadowed).clone() };
            let others = site.submitters.iter().take(usize::from(SECRETIVE));
            let mut others = others.filter(|other| other.reads && other.rights.red);
            if others.any(|other| other.rights.circles & bit(item.circle) != 0) {
                item.circle = PRIVATE + node;
            }
            let items = vec![kept_home(item)];
            return Post { submitter: SECRETIVE, items, secret: true };
        }
        let count = 1 + self.rng.below(2);
        let mut items: Vec<Item> = (0..count).map(|_| self.item(SECRET_THINGS, now)).collect();
        for item in &mut items {
            // Its own things only, but it may name public ones.
            item.thing = item.thing.max(SECRET_THINGS);
            if let Some((_, other)) = self.rng.pick(public) {
                item.refs.push(other.thing);
            }
        }
        if travel {
            return Post { submitter: self.rng.byte(3), items, secret: true };
        }
        let mut items: Vec<Item> = items.into_iter().map(kept_home).collect();
        if self.rng.percent(40) {
            items.iter_mut().for_each(|item| item.circle = PRIVATE + node);
        }
        Post { submitter: self.rng.byte(3), items, secret: true }
    }
}

/// RED for nobody else.
fn kept_home(mut item: Item) -> Item {
    item.marking = Marking { tlp: Some(Tlp::Red), named: ANYONE, ..item.marking };
    item
}
