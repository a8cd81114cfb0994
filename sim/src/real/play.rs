//! Plays a script: one step after the other, everything checked on the way.
//!
//! It deliberately draws nothing: what happens is written down before.

use super::canary;
use super::fault::Fault;
use super::run::Breach;
use super::script::{Crash, Script, Step, Token};
use super::site::TICK;
use super::twin::SECRET_STEPS;
use super::world::World;
use crate::outcome::Stats;
use model::id::{CircleId, ThingId};
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
    for (at, number, step) in &script.steps {
        world.at = *at;
        world.step = *number;
        world.happen(step).map_err(|breach| (*at, breach))?;
    }
    // The end is at the same instant, and draws the same, whether there were secrets or not.
    let public = script.steps.iter().rev().find(|(_, number, _)| *number < SECRET_STEPS);
    let (at, last) = public.map_or((begin, 0), |(at, number, _)| (*at, *number));
    world.at = at;
    world.step = last;
    world.settle().map_err(|breach| (at, breach))?;
    Ok((world.stats, world.streams))
}

impl World {
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
            Step::Accept { node, circle } => {
                let circle = self.circle(*circle)?;
                self.count(*node, Administer::AcceptCircle(circle), "circles accepted late")
            }
            Step::Confirm { a, b } => {
                self.confirm(*a, *b)?;
                self.confirm(*b, *a)
            }
            Step::Match { node, thing, count } => self.found(*node, *thing, *count),
            Step::Clock { node, off } => {
                self.site_mut(*node)?.off = *off;
                Ok(())
            }
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

    fn member(&mut self, circle: usize, node: usize, add: bool) -> Result<(), Breach> {
        let id = self.circle(circle)?;
        let mut convener = None;
        for site in &self.sites {
            let lines = node::read::circles(&site.store.reading())?;
            if lines.iter().any(|line| line.circle.id == id && line.circle.convener == site.id) {
                convener = Some(site.index);
            }
        }
        let (Some(convener), partner) = (convener, self.site(node)?.id) else { return Ok(()) };
        let (act, name) = if add {
            (Administer::AddMember { circle: id, partner }, "members added")
        } else {
            (Administer::RemoveMember { circle: id, partner }, "members removed")
        };
        self.count(convener, act, name)
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
                && held.header.authorship == model::record::Authorship::Carries(submitter.intake)
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

    fn found(&mut self, node: usize, thing: u64, count: u64) -> Result<(), Breach> {
        if canary::kind(thing) != "indicator" {
            return Ok(());
        }
        let thing = parsed(thing)?;
        let (site, now) = (self.site(node)?, self.site(node)?.clock(self.at));
        let secret = site.caller(self.at, Token::Secret)?.submitter.intake;
        let mut newest = None;
        for held in site.held.iter().filter(|held| *held.thing() == thing && !held.erased) {
            let shadow = held.header.authorship == model::record::Authorship::Carries(secret);
            if !shadow && !site.store.reading().is_hidden(held.circle(), held.seq)? {
                newest = Some(held.seq);
            }
        }
        let Some(seq) = newest else { return Ok(()) };
        let matched = Matched { seq, count, first: now, last: now, role: "dns-query" };
        self.apply(node, Command::Matched(vec![matched]), Crash::No)?;
        self.stats.add("matches", 1);
        *self.matched.entry((node, thing)).or_default() += count;
        Ok(())
    }
}

fn parsed(thing: u64) -> Result<ThingId, Breach> {
    canary::id(thing).parse().map_err(|error: model::id::ParseIdError| Breach::broken(&error))
}
