//! Plays a script: one step after the other, everything checked on the way.
//!
//! It deliberately draws nothing: what happens is written down before.

use super::canary;
use super::fault::Fault;
use super::oracle::{Eyes, Oracle};
use super::run::Breach;
use super::script::{Crash, Script, Step, Token};
use super::site::TICK;
use super::twin::SECRET_STEPS;
use super::world::World;
use crate::outcome::{Check, Stats};
use model::id::{CircleId, Digest, ThingId};
use model::record::Authorship;
use node::command::Administer;
use node::watch::Matched;
use node::{Answer, Command, Seq};

pub(super) use super::world::Streams;

/// Plays a world to its end; the counts and every reader's bytes.
pub(super) fn play(
    script: &Script,
    fault: Option<Fault>,
) -> Result<(Stats, Streams), (i64, Breach)> {
    let begin = script.steps.first().map_or(0, |(at, ..)| *at) - 1_000_000;
    let mut world = World::new(script, begin, fault).map_err(|breach| (begin, breach))?;
    let half = script.steps.len() / 2;
    for (place, (at, number, step)) in script.steps.iter().enumerate() {
        if let Some(node) = script.fork.filter(|_| place == half) {
            world.put_aside(node).map_err(|breach| (*at, breach))?;
        }
        world.at = *at;
        world.step = *number;
        world.happen(step).map_err(|breach| (*at, breach))?;
    }
    // The end is at the same instant, and draws the same, whether there were secrets or not.
    let public = script.steps.iter().filter(|(_, number, _)| *number < SECRET_STEPS);
    let ends = public.map(|(at, number, _)| (*at, *number));
    let (at, last) = ends.fold((begin, 0), |(at, last), one| (one.0.max(at), one.1.max(last)));
    world.at = at;
    world.step = last;
    world.settle(script.dead).map_err(|breach| (at, breach))?;
    world.fork().map_err(|breach| (at, breach))?;
    Ok((world.stats, world.streams))
}

impl World {
    /// What a node's disk holds now, for later.
    fn put_aside(&mut self, node: usize) -> Result<(), Breach> {
        self.aside = Some((node, self.site_mut(node)?.store.image()?));
        Ok(())
    }

    fn happen(&mut self, step: &Step) -> Result<(), Breach> {
        if self.step < SECRET_STEPS {
            self.tick()?;
        }
        match step {
            Step::Post(post, crash) => self.post(post, *crash),
            Step::Link { from, to, plan, stale } => self.session(*from, *to, *plan, *stale),
            Step::Page { node, token, circle } => self.turn((*node, *token, *circle)).map(drop),
            Step::Search { node, token, canary, thing } => {
                self.look_up(*node, *token, (*canary, *thing))
            }
            Step::Hide { node, token, thing, circle } => self.hide(*node, *token, *thing, *circle),
            Step::Relabel { node, thing, tlp } => {
                let thing = parsed(*thing)?;
                self.count(*node, Administer::Relabel { thing, tlp: *tlp }, "relabels")
            }
            Step::Recall { node, thing, mode } => {
                let (thing, reason) = (parsed(*thing)?, "wrong".to_owned());
                self.count(*node, Administer::Recall { thing, mode: *mode, reason }, "recalls")
            }
            Step::Member { circle, node, add } => self.member(*circle, *node, *add),
            Step::Accept { node, nth } => self.accept(*node, *nth),
            Step::Confirm { a, b } => {
                self.confirm(*a, *b)?;
                self.confirm(*b, *a)
            }
            Step::Match { node, nth, count } => self.found(*node, *nth, *count),
            Step::Clock { node, off } => {
                self.site_mut(*node)?.off = *off;
                Ok(())
            }
            Step::Partition(cut) => {
                self.cut.clone_from(cut);
                self.stats.add("links cut for a while", cut.len());
                Ok(())
            }
            Step::Card { node, of, ceiling, personal } => {
                let partner = self.site(*of)?.id;
                self.bind(*node, Some(partner), (*ceiling, *personal))
            }
            Step::Policy { node, ceiling, personal } => {
                self.bind(*node, None, (*ceiling, *personal))
            }
            Step::Withdraw { node, from, thing } => self.withdraw(*node, *from, &parsed(*thing)?),
            Step::Backup { node } => self.back_up(*node),
            Step::Restore { node } => self.restore(*node),
            Step::File { from, to } => self.check_file(*from, *to),
            Step::Rotate { node } => self.rotate(*node),
            Step::Revoke { node } => self.revoke(*node),
        }
    }

    /// Every node's clock moves on: sightings that are due, embargoes that end.
    pub(super) fn tick(&mut self) -> Result<(), Breach> {
        let (at, draw) = (self.at, TICK + self.step);
        for site in &mut self.sites {
            site.apply(at, draw, Command::Tick, Crash::No)?;
        }
        Ok(())
    }

    fn circle(&self, circle: usize) -> Result<CircleId, Breach> {
        self.circles.get(circle).copied().ok_or_else(|| Breach::broken(&"no such circle"))
    }

    /// An act of administration that may be refused; counted when it was not.
    fn count(&mut self, node: usize, act: Administer, name: &'static str) -> Result<(), Breach> {
        let done = !matches!(self.administer(node, act)?, Answer::Refused(_));
        self.stats.add(name, usize::from(done));
        Ok(())
    }

    /// Follows the nth circle that is on offer.
    pub(super) fn accept(&mut self, node: usize, nth: usize) -> Result<(), Breach> {
        let lines = node::read::circles(&self.site(node)?.store.reading())?;
        let offers: Vec<CircleId> =
            lines.iter().filter(|line| line.offered).map(|line| line.circle.id).collect();
        let Some(circle) = offers.get(nth % offers.len().max(1)).copied() else { return Ok(()) };
        self.count(node, Administer::AcceptCircle(circle), "circles accepted late")
    }

    /// The convener adds who is not in the list, or removes who is; the first from `node` on.
    fn member(&mut self, circle: usize, node: usize, add: bool) -> Result<(), Breach> {
        let id = self.circle(circle)?;
        for site in &self.sites {
            let lines = node::read::circles(&site.store.reading())?;
            let list = lines.into_iter().map(|line| line.circle);
            let mut own = list.filter(|list| list.id == id && list.convener == site.id);
            let (Some(list), convener) = (own.next(), site.index) else { continue };
            let order = (0..self.sites.len()).map(|n| (node + n) % self.sites.len());
            let others = order.filter(|n| *n != convener);
            let mut others = others.filter_map(|n| self.sites.get(n)).map(|site| site.id);
            let Some(partner) = others.find(|id| list.member(id).is_some() != add) else { break };
            let (act, name) = if add {
                (Administer::AddMember { circle: id, partner }, "members added")
            } else {
                (Administer::RemoveMember { circle: id, partner }, "members removed")
            };
            return self.count(convener, act, name);
        }
        Ok(())
    }

    /// A person takes back what a node sent a partner of a thing.
    fn withdraw(&mut self, node: usize, from: usize, thing: &ThingId) -> Result<(), Breach> {
        let partner = self.site(from)?.id;
        let site = self.site(node)?;
        let (oracle, eyes) = (Oracle::of(site, self.at)?, Eyes::Partner(partner));
        let there = site.held.iter().filter(|held| held.thing() == thing && !held.erased);
        let sent = there.filter(|held| oracle.numbered_now(held, &eyes)).map(|held| held.leaf);
        let sent: Vec<Digest> = sent.collect();
        let act = Administer::Withdraw { thing: thing.clone(), partner };
        let answer = self.administer(node, act)?;
        if sent.is_empty() != matches!(answer, Answer::Refused(_)) {
            let text = format!("node {node} had sent {} of {thing}: {answer:?}", sent.len());
            return Err(Breach::new(Check::Unrelease, text));
        }
        self.stats.add("records withdrawn by a person", sent.len());
        self.site_mut(node)?.kept_back.extend(sent.into_iter().map(|leaf| (partner, leaf)));
        Ok(())
    }

    fn confirm(&mut self, node: usize, other: usize) -> Result<(), Breach> {
        let partner = self.site(other)?.id;
        let known = self.site(node)?.store.reading().partner(&partner)?;
        let Some(words) = known.map(|known| known.words) else { return Ok(()) };
        self.count(node, Administer::Confirm { partner, words }, "words compared")
    }

    fn hide(&mut self, node: usize, token: Token, thing: u64, circle: usize) -> Result<(), Breach> {
        let (thing, circle) = (parsed(thing)?, self.circle(circle)?);
        let submitter = self.site(node)?.caller(self.at, token)?.submitter;
        let site = self.site(node)?;
        let mut entries: Vec<Seq> = Vec::new();
        for held in site.held.iter().filter(|held| *held.thing() == thing && !held.erased) {
            let own = held.header.signer == site.id
                && held.header.authorship == Authorship::Carries(submitter.intake)
                && *held.circle() == circle;
            if own && !site.store.reading().is_hidden(&circle, held.seq)? {
                entries.push(held.seq);
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.stats.add("objects hidden", entries.len());
        let command = Command::Hide { submitter, circle, entries };
        match self.apply(node, command, Crash::No)?.answer() {
            Some(Answer::Done) => Ok(()),
            other => Err(Breach::once(format!(
                "step {}: hiding its own {thing} was answered {other:?}",
                self.step
            ))),
        }
    }

    /// The nth indicator that the node holds is found in its telemetry.
    fn found(&mut self, node: usize, nth: usize, count: u64) -> Result<(), Breach> {
        let (site, now) = (self.site(node)?, self.site(node)?.clock(self.at));
        let secret = Authorship::Carries(site.caller(self.at, Token::Secret)?.submitter.intake);
        let mut indicators: Vec<(Seq, ThingId)> = Vec::new();
        for held in site.held.iter().filter(|held| held.thing().kind.name() == "indicator") {
            let hidden = site.store.reading().is_hidden(held.circle(), held.seq)?;
            if !held.erased && !hidden && held.header.authorship != secret {
                indicators.push((held.seq, held.thing().clone()));
            }
        }
        let place = nth % indicators.len().max(1);
        let Some((seq, thing)) = indicators.get(place).cloned() else { return Ok(()) };
        let matched =
            Matched { seq, count, first: now, last: now, role: "dns-query", parent: false };
        self.apply(node, Command::Matched(vec![matched]), Crash::No)?;
        self.stats.add("matches", 1);
        *self.matched.entry((node, thing)).or_default() += count;
        Ok(())
    }
}

fn parsed(thing: u64) -> Result<ThingId, Breach> {
    canary::id(thing).parse().map_err(|error: model::id::ParseIdError| Breach::broken(&error))
}
