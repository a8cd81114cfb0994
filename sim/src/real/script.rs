//! A world written down before it is played: everything that is decided by the seed alone.
//!
//! It deliberately never looks at a node: the same script is played with and without secrets, and
//! a choice that depended on what happened would tell the two worlds apart by itself.

use super::more;
use crate::rng::Rng;
use model::label::Tlp;
use model::statement::RecallMode;

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Steps of a world.
const STEPS: usize = 44;
/// Of so many steps one has its batches bent.
pub(super) const BEND: u64 = 16;

/// One marking on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A predefined marking of TLP 1.
    One(Tlp),
    /// A predefined marking of TLP 2.0.
    Two(Tlp),
    /// A granular marking of TLP 2.0.
    Part(Tlp),
    /// A marking that nobody holds.
    Unknown,
    /// The label `personal-data`.
    Personal,
}

/// One object that somebody hands in.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) thing: u64,
    pub(super) version: u8,
    pub(super) refs: Vec<u64>,
    pub(super) marks: Vec<Mark>,
    pub(super) canary: u64,
}

/// The tokens that every node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// Reads and writes, RED excepted.
    Plain,
    /// Reads and writes RED too.
    Red,
    /// Only writes.
    Mute,
    /// Hands in what only the other world has; reads nothing that is compared.
    Secret,
}

impl Token {
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Red, Self::Mute, Self::Secret];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Red => "red",
            Self::Mute => "mute",
            Self::Secret => "secret",
        }
    }
}

/// Where an object is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A shared circle.
    Circle(usize),
    /// The node's own circle of one.
    Home,
}

/// What is handed in at once.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) node: usize,
    pub(super) token: Token,
    pub(super) place: Place,
    pub(super) items: Vec<Item>,
    pub(super) to: Option<Vec<usize>>,
    pub(super) tlp: Option<Tlp>,
    pub(super) hops: Option<u8>,
    /// The end of an embargo, by true time.
    pub(super) until: Option<i64>,
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

/// What goes wrong with a session on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing.
    Whole,
    /// The batch never comes.
    LoseBatch,
    /// The batch ends after so many percent of its bytes.
    Cut(u8),
    /// The batch comes twice.
    Twice,
    /// The receipt never comes.
    LoseReceipt,
    /// The receiver crashes while it applies the batch.
    Receiver(Crash),
    /// The sender crashes while it numbers.
    Sender(Crash),
    /// The sender crashes while it keeps the receipt.
    Keeper(Crash),
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Somebody hands something in.
    Post(Post, Crash),
    /// Two nodes talk; `stale` when the sender goes by its own receipts.
    Link { from: usize, to: usize, plan: Plan, stale: bool },
    /// A token reads a page of a circle.
    Page { node: usize, token: Token, circle: usize },
    /// A token looks for a body and shows a thing.
    Search { node: usize, token: Token, canary: u64, thing: u64 },
    /// A token deletes what it handed in.
    Hide { node: usize, token: Token, thing: u64, circle: usize },
    /// A node relabels its own.
    Relabel { node: usize, thing: u64, tlp: Tlp },
    /// A node recalls its own.
    Recall { node: usize, thing: u64, mode: RecallMode },
    /// A convener adds or removes a member.
    Member { circle: usize, node: usize, add: bool },
    /// A node follows one of the circles that it was offered.
    Accept { node: usize, nth: usize },
    /// Two partners compare the words.
    Confirm { a: usize, b: usize },
    /// One of the indicators that a node holds matches.
    Match { node: usize, nth: usize, count: u64 },
    /// A clock goes wrong by so much.
    Clock { node: usize, off: i64 },
    /// These links, and no others, are dead from now on.
    Partition(Vec<(usize, usize)>),
    /// A node gives a partner another card: how strict at most, and whether personal data as well.
    Card { node: usize, of: usize, ceiling: Tlp, personal: bool },
    /// A node gives itself another policy, that bounds all cards.
    Policy { node: usize, ceiling: Tlp, personal: bool },
    /// A person takes back from one partner what a node sent it of a thing.
    Withdraw { node: usize, from: usize, thing: u64 },
    /// A backup of a node is made.
    Backup { node: usize },
    /// A node is lost, and comes back from its backup.
    Restore { node: usize },
    /// What a node has for another goes by a file, in a world beside this one.
    File { from: usize, to: usize },
    /// A node states another key, and signs with it once its partners know.
    Rotate { node: usize },
    /// A node's key is in other hands: it is taken back with the recovery key.
    Revoke { node: usize },
}

/// A circle at the beginning.
#[derive(Debug, Clone)]
pub(super) struct Gathering {
    pub(super) convener: usize,
    /// Invited at the beginning, the convener excepted.
    pub(super) members: Vec<usize>,
    pub(super) default: Tlp,
    pub(super) ceiling: Tlp,
}

/// Two partners at the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) trusted: bool,
}

/// A world, written down.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) nodes: usize,
    pub(super) circles: Vec<Gathering>,
    pub(super) pairs: Vec<Pair>,
    /// What happens, each with its true time and a number that does not depend on secrets.
    pub(super) steps: Vec<(i64, u64, Step)>,
    /// Batches of every so many steps are bent first, from this one on.
    pub(super) bend: u64,
    /// A node that is dead while the others come to their end.
    pub(super) dead: Option<usize>,
    /// A node that is put back to the middle of the world, after its end.
    pub(super) fork: Option<usize>,
    /// Keys change: every node has stated its first one.
    pub(super) keys: bool,
    /// Links that are dead from the beginning on.
    pub(super) cut: Vec<(usize, usize)>,
}

/// Draws scripts.
pub(super) struct Maker {
    pub(super) rng: Rng,
    nodes: usize,
    circles: Vec<Gathering>,
    pairs: Vec<Pair>,
    things: u64,
    posted: Vec<Post>,
}

/// The world of a seed, beginning at this true time.
pub(super) fn script(seed: u64, begin: i64) -> Script {
    let mut rng = Rng::new(seed);
    let nodes = 3 + rng.index(3);
    let circles: Vec<Gathering> =
        (0..2 + rng.index(2)).map(|_| gathering(&mut rng, nodes)).collect();
    let mut pairs = Vec::new();
    for a in 0..nodes {
        for b in a + 1..nodes {
            let bound = circles.iter().any(|circle| {
                let in_it = |node| circle.members.contains(&node) || circle.convener == node;
                (circle.convener == a || circle.convener == b) && in_it(a) && in_it(b)
            });
            if bound || rng.percent(70) {
                pairs.push(Pair { a, b, trusted: rng.percent(75) });
            }
        }
    }
    let (more, world) = more::shape(seed, World { nodes, circles, pairs, cut: Vec::new() });
    let World { nodes, circles, pairs, cut } = world;
    let live = pairs.iter().filter(|pair| !cut.contains(&(pair.a, pair.b))).copied().collect();
    let mut maker = Maker { rng, nodes, circles, pairs: live, things: 0, posted: Vec::new() };
    let mut now = begin;
    let mut steps = Vec::with_capacity(STEPS);
    for number in 0..STEPS {
        now += maker.wait();
        steps.push((now, number as u64, maker.step(now)));
    }
    let Maker { circles, posted, .. } = maker;
    // From chance of its own: older seeds stay the worlds that they were.
    let mut rng = Rng::new(seed).fork(0xdead);
    let (bend, dead, fork) = (rng.below(BEND), rng.index(nodes), rng.index(nodes));
    let dead = rng.percent(20).then_some(dead);
    let fork = rng.percent(10).then_some(fork);
    let script = Script { nodes, circles, pairs, steps, bend, dead, fork, cut, keys: false };
    if more { more::happen(seed, script, &posted) } else { script }
}

/// Who there is, before anything happens.
pub(super) struct World {
    pub(super) nodes: usize,
    pub(super) circles: Vec<Gathering>,
    pub(super) pairs: Vec<Pair>,
    pub(super) cut: Vec<(usize, usize)>,
}

fn gathering(rng: &mut Rng, nodes: usize) -> Gathering {
    let convener = rng.index(nodes);
    let members = (0..nodes).filter(|node| *node != convener && rng.percent(75)).collect();
    let default = *rng.pick(&[Tlp::Green, Tlp::Amber, Tlp::AmberStrict]).unwrap_or(&Tlp::Amber);
    let ceiling = if rng.percent(85) { Tlp::Red } else { Tlp::AmberStrict };
    Gathering { convener, members, default, ceiling }
}

impl Maker {
    /// Mostly minutes; now and then long enough for an audience to be forgotten.
    fn wait(&mut self) -> i64 {
        let seconds = if self.rng.percent(8) { 700 } else { 1 + self.rng.below(150) };
        i64::try_from(seconds).unwrap_or(1) * SECOND
    }

    fn step(&mut self, now: i64) -> Step {
        let node = self.rng.index(self.nodes);
        let circle = self.rng.index(self.circles.len());
        match self.rng.below(100) {
            0..33 => {
                let crash = match self.rng.below(12) {
                    0 => Crash::Lose,
                    1 => Crash::Keep,
                    _ => Crash::No,
                };
                Step::Post(self.post(node, now), crash)
            }
            33..59 => self.link(),
            59..70 => {
                let token = if self.rng.percent(60) { Token::Plain } else { Token::Red };
                Step::Page { node, token, circle }
            }
            70..74 => match self.earlier() {
                Some(post) => {
                    let token = if self.rng.percent(60) { Token::Plain } else { Token::Red };
                    let item = self.rng.pick(&post.items).cloned();
                    let (canary, thing) = item.map_or((0, 0), |item| (item.canary, item.thing));
                    Step::Search { node, token, canary, thing }
                }
                None => Step::Accept { node, nth: circle },
            },
            74..86 => self.take_back(node),
            86..90 => {
                let add = self.rng.percent(60);
                Step::Member { circle, node, add }
            }
            90..93 => Step::Accept { node, nth: circle },
            93..96 => {
                let pair = self.rng.pick(&self.pairs).copied();
                pair.map_or(Step::Accept { node, nth: circle }, |Pair { a, b, .. }| Step::Confirm {
                    a,
                    b,
                })
            }
            _ => {
                let off = i64::try_from(self.rng.below(600)).unwrap_or(0) - 300;
                Step::Clock { node, off: off * SECOND }
            }
        }
    }

    fn link(&mut self) -> Step {
        let pair =
            self.rng.pick(&self.pairs).copied().unwrap_or(Pair { a: 0, b: 1, trusted: true });
        let (from, to) = if self.rng.percent(50) { (pair.a, pair.b) } else { (pair.b, pair.a) };
        let crash = if self.rng.percent(50) { Crash::Lose } else { Crash::Keep };
        let plan = match self.rng.below(16) {
            0 => Plan::LoseBatch,
            1 | 2 => Plan::Cut(self.rng.byte(100)),
            3 => Plan::Twice,
            4 | 5 => Plan::LoseReceipt,
            6 | 7 => Plan::Receiver(crash),
            8 => Plan::Sender(crash),
            9 => Plan::Keeper(crash),
            _ => Plan::Whole,
        };
        Step::Link { from, to, plan, stale: self.rng.percent(25) }
    }

    /// An earlier post with at least one object.
    fn earlier(&mut self) -> Option<Post> {
        self.rng.pick(&self.posted).cloned()
    }

    fn take_back(&mut self, node: usize) -> Step {
        let Some(post) = self.earlier() else {
            return Step::Clock { node, off: 0 };
        };
        let thing = self.rng.pick(&post.items).map_or(0, |item| item.thing);
        let circle = match post.place {
            Place::Circle(circle) => circle,
            Place::Home => 0,
        };
        match self.rng.below(12) {
            0..3 => Step::Hide { node: post.node, token: post.token, thing, circle },
            3..6 => {
                let tlp = *self.rng.pick(&Tlp::ALL).unwrap_or(&Tlp::Green);
                Step::Relabel { node: post.node, thing, tlp }
            }
            6 | 7 => {
                let mode = if self.rng.percent(60) { RecallMode::Erase } else { RecallMode::Stop };
                Step::Recall { node: post.node, thing, mode }
            }
            _ => {
                let (nth, count) = (self.rng.index(1_000), 1 + self.rng.below(5));
                Step::Match { node, nth, count }
            }
        }
    }

    fn post(&mut self, node: usize, now: i64) -> Post {
        let here: Vec<Post> =
            self.posted.iter().filter(|post| post.node == node).cloned().collect();
        if self.rng.percent(22)
            && let Some(again) = self.rng.pick(&here)
        {
            return self.again(again.clone());
        }
        let circle = self.rng.index(self.circles.len());
        let token = match self.rng.below(10) {
            0..4 => Token::Plain,
            4..8 => Token::Red,
            _ => Token::Mute,
        };
        let first = self.things;
        let count = 1 + self.rng.below(3);
        let items = (0..count).map(|_| self.item(first)).collect();
        let rng = &mut self.rng;
        let nodes = self.nodes;
        let some: Vec<usize> = (0..nodes).filter(|_| rng.percent(50)).collect();
        let to = rng.percent(22).then_some(some);
        let tlps = [Tlp::Green, Tlp::AmberStrict, Tlp::Red];
        let tlp = if rng.percent(15) { rng.pick(&tlps).copied() } else { None };
        let hops = rng.percent(25).then(|| rng.byte(4));
        let until = rng.percent(14).then(|| {
            // Whole minutes and a half second: no step's instant is an embargo's end.
            now / (60 * SECOND) * (60 * SECOND)
                + i64::try_from(rng.below(40)).unwrap_or(0) * 60 * SECOND
                + SECOND / 2
        });
        let place = Place::Circle(circle);
        let post = Post { node, token, place, items, to, tlp, hops, until };
        self.posted.push(post.clone());
        post
    }

    /// The same again: the very same, another version, by another token, or with other content.
    fn again(&mut self, mut again: Post) -> Post {
        match self.rng.below(5) {
            0 => {}
            1 | 2 => {
                for item in &mut again.items {
                    item.version += 1;
                    item.canary = self.rng.word();
                }
                self.posted.push(again.clone());
            }
            3 => {
                let tokens = [Token::Plain, Token::Red, Token::Mute];
                again.token = *self.rng.pick(&tokens).unwrap_or(&Token::Plain);
                self.posted.push(again.clone());
            }
            _ => again.items.iter_mut().for_each(|item| item.canary = self.rng.word()),
        }
        again
    }

    /// An object: mostly new, now and then about a thing that others spoke of.
    fn item(&mut self, first: u64) -> Item {
        let thing = if self.things > 0 && self.rng.percent(15) {
            self.rng.below(self.things)
        } else {
            self.things += 1;
            self.things - 1
        };
        let count = (1 + self.rng.below(3)).min(super::canary::names_most(thing));
        let refs = (0..count).map(|_| self.reference(first)).collect();
        Item {
            thing,
            version: self.rng.byte(2),
            refs,
            marks: self.marks(),
            canary: self.rng.word(),
        }
    }

    /// A thing of this submission, an earlier one, or one that is not known yet.
    fn reference(&mut self, first: u64) -> u64 {
        match self.rng.below(3) {
            0 => first + self.rng.below(4),
            _ => self.rng.below(self.things + 1),
        }
    }

    fn marks(&mut self) -> Vec<Mark> {
        let rng = &mut self.rng;
        let mut tlp = || *rng.pick(&Tlp::ALL).unwrap_or(&Tlp::Green);
        let (one, two) = (tlp(), tlp());
        let mut marks = match rng.below(20) {
            0..4 => Vec::new(),
            4..13 => vec![Mark::Two(one)],
            13..15 => vec![Mark::One(one)],
            15 => vec![Mark::One(one), Mark::Two(two)],
            16 => vec![Mark::Two(one), Mark::Part(two)],
            17 => vec![Mark::Part(two)],
            18 => vec![Mark::Unknown],
            _ => vec![Mark::Two(Tlp::Green)],
        };
        if rng.percent(8) {
            marks.push(Mark::Personal);
        }
        marks
    }
}
