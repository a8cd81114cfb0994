//! What happens besides in three of five worlds: chains of five nodes, links that are dead for a
//! while, cards and policies that narrow and widen, what persons withdraw, backups that come back,
//! files in place of links, and keys that change.
//!
//! It deliberately draws from chance of its own, and leaves the worlds of the kept seeds alone: they
//! are what they were when they failed.

use super::script::{Gathering, Pair, Place, Plan, Post, SECOND, Script, Step, World};
use crate::rng::Rng;
use model::label::Tlp;

/// Where this chance forks off. Of this number no kept seed draws more.
const MORE: u64 = 0x4340;
/// In so many percent of worlds more happens.
const PERCENT: u64 = 60;
/// Numbers of these steps begin here.
const FIRST: u64 = 1 << 20;
/// Behind the step that they follow, in microseconds: secrets come at 1 and 2.
const BEHIND: i64 = 5;
/// Nodes of a chain.
const CHAIN: usize = 5;

/// Whether more happens in a world, and who is in it then.
pub(super) fn shape(seed: u64, world: World) -> (bool, World) {
    let mut rng = Rng::new(seed).fork(MORE);
    if !rng.percent(PERCENT) {
        return (false, world);
    }
    let world = if rng.percent(20) { chain(&mut rng) } else { world };
    (true, world)
}

/// Five nodes, all in one another's circles, of whom only neighbours ever talk. Whoever convenes has
/// met everybody once.
fn chain(rng: &mut Rng) -> World {
    let mut pairs = Vec::new();
    let conveners: Vec<usize> = (0..2).map(|_| rng.index(CHAIN)).collect();
    let circles = conveners.iter().map(|convener| Gathering {
        convener: *convener,
        members: (0..CHAIN).filter(|node| node != convener).collect(),
        default: *rng.pick(&[Tlp::Green, Tlp::Amber]).unwrap_or(&Tlp::Green),
        ceiling: Tlp::Red,
    });
    let circles = circles.collect();
    let mut cut = Vec::new();
    for a in 0..CHAIN {
        for b in a + 1..CHAIN {
            if b == a + 1 {
                pairs.push(Pair { a, b, trusted: true });
            } else if conveners.contains(&a) || conveners.contains(&b) {
                pairs.push(Pair { a, b, trusted: true });
                cut.push((a, b));
            }
        }
    }
    World { nodes: CHAIN, circles, pairs, cut }
}

/// The same world with more in it.
pub(super) fn happen(seed: u64, script: Script, posted: &[Post]) -> Script {
    let rng = Rng::new(seed).fork(MORE).fork(1);
    let mut more = More { rng, script, posted, number: FIRST };
    // Such a node asks about whatever a card or policy opens, and about every past.
    for node in 0..more.script.nodes {
        if more.rng.percent(40) {
            more.put(0, Step::Policy { node, ceiling: Tlp::Red, personal: true });
        }
    }
    for _ in 0..more.rng.below(3) {
        more.turn();
    }
    for _ in 0..more.rng.below(7) {
        let step = more.bound();
        more.anywhere(step);
    }
    if more.script.cut.is_empty() && more.rng.percent(50) {
        more.partition();
    }
    if more.rng.percent(20) {
        let (from, to) = more.link();
        more.anywhere(Step::File { from, to });
    }
    if more.rng.percent(25) {
        more.restore();
    } else if more.rng.percent(40) {
        more.rekey();
    }
    more.script
}

struct More<'a> {
    rng: Rng,
    script: Script,
    posted: &'a [Post],
    number: u64,
}

impl More<'_> {
    /// Puts a step behind the one at this place.
    fn put(&mut self, place: usize, step: Step) {
        let steps = &mut self.script.steps;
        let at = steps.get(place).map_or(0, |(at, ..)| *at);
        let later = steps.iter().skip(place + 1).take_while(|(_, number, _)| *number >= FIRST);
        let place = place + later.count();
        let before = steps.get(place).map_or(at, |(at, ..)| *at);
        self.number += 1;
        steps.insert(place + 1, (before + BEHIND, self.number, step));
    }

    fn anywhere(&mut self, step: Step) {
        let place = self.rng.index(self.script.steps.len());
        self.put(place, step);
    }

    /// A link that lives, one way or the other.
    fn link(&mut self) -> (usize, usize) {
        let cut = &self.script.cut;
        let live = self.script.pairs.iter().filter(|pair| !cut.contains(&(pair.a, pair.b)));
        let live: Vec<Pair> = live.copied().collect();
        let Pair { a, b, .. } =
            self.rng.pick(&live).copied().unwrap_or(Pair { a: 0, b: 1, trusted: true });
        if self.rng.percent(50) { (a, b) } else { (b, a) }
    }

    /// Everybody talks to everybody once, at some place.
    fn turn(&mut self) {
        let place = self.rng.index(self.script.steps.len());
        for _ in 0..self.script.nodes * 2 {
            let (from, to) = self.link();
            self.put(place, Step::Link { from, to, plan: Plan::Whole, stale: false });
        }
    }

    /// A card, a policy or a withdrawal.
    fn bound(&mut self) -> Step {
        let (node, of) = self.link();
        let ceilings = [Tlp::Red, Tlp::Red, Tlp::AmberStrict, Tlp::Amber, Tlp::Green, Tlp::Clear];
        let ceiling = *self.rng.pick(&ceilings).unwrap_or(&Tlp::Red);
        let personal = self.rng.percent(50);
        match self.rng.below(10) {
            0..5 => Step::Card { node, of, ceiling, personal },
            5..7 => Step::Policy { node, ceiling, personal },
            _ => {
                let items = self.posted.iter().filter(|post| post.place != Place::Home);
                let things: Vec<u64> =
                    items.flat_map(|post| &post.items).map(|i| i.thing).collect();
                let thing = self.rng.pick(&things).copied().unwrap_or(0);
                Step::Withdraw { node, from: of, thing }
            }
        }
    }

    /// Some nodes hear nothing of the others for a while, or to the end.
    fn partition(&mut self) {
        let side: Vec<bool> = (0..self.script.nodes).map(|_| self.rng.percent(40)).collect();
        let apart = |pair: &&Pair| side.get(pair.a) != side.get(pair.b);
        let whole = self.rng.percent(40);
        let mut cut = Vec::new();
        for pair in self.script.pairs.iter().filter(apart) {
            if whole || self.rng.percent(60) {
                cut.push((pair.a, pair.b));
            }
        }
        let steps = self.script.steps.len();
        let (begin, end) = (self.rng.index(steps), self.rng.index(steps));
        if self.rng.percent(50) {
            self.put(begin.max(end), Step::Partition(Vec::new()));
        }
        self.put(begin.min(end), Step::Partition(cut));
    }

    /// Some nodes change their keys, and some must. Nobody is put back to before that.
    fn rekey(&mut self) {
        (self.script.keys, self.script.fork) = (true, None);
        for _ in 0..=self.rng.below(4) {
            let node = self.rng.index(self.script.nodes);
            let lost = self.rng.percent(30);
            self.anywhere(if lost { Step::Revoke { node } } else { Step::Rotate { node } });
        }
    }

    /// A backup in the first half comes back after the last step; some talk before the end.
    fn restore(&mut self) {
        let node = self.rng.index(self.script.nodes);
        let half = self.script.steps.len() / 2;
        let place = self.rng.index(half);
        self.put(place, Step::Backup { node });
        let last = self.script.steps.len() - 1;
        let at = self.script.steps.get(last).map_or(0, |(at, ..)| *at);
        self.number += 1;
        self.script.steps.push((at + 60 * SECOND, self.number, Step::Restore { node }));
        for _ in 0..self.rng.below(8) {
            let (from, to) = self.link();
            let last = self.script.steps.len() - 1;
            self.put(last, Step::Link { from, to, plan: Plan::Whole, stale: false });
        }
        self.script.fork = None;
    }
}
