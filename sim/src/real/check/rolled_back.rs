//! I7, the other half: a node whose folder was put back to an older state, and which does not know,
//! is found out by each partner that has proof of the longer history, and its fork is refused.
//!
//! It deliberately happens after the end of a world: nothing else is checked of it then.

use crate::real::canary;
use crate::real::run::Breach;
use crate::real::script::{Crash, Item, Mark};
use crate::real::world::World;
use model::label::Tlp;
use node::Command;
use node::accept::{Prepared, Terms};
use node::link::{batch, have, hello, keys, lens_for, prepare, rolled_back};
use node::outlet::link_key;

/// Numbers of things that only a forked history has begin here.
const FORKED: u64 = 1 << 24;
/// Objects that are handed in at once.
const OBJECTS: u64 = 100;

impl World {
    /// Puts a node back to what it was, has it go on, and shows its partners what came of it.
    pub(in crate::real) fn fork(&mut self) -> Result<(), Breach> {
        let Some((node, image)) = self.aside.take() else { return Ok(()) };
        self.site_mut(node)?.restart(Some(image))?;
        self.step += 1;
        let others: Vec<usize> = self
            .pairs
            .iter()
            .filter_map(|(a, b)| match (*a == node, *b == node) {
                (true, _) => Some(*b),
                (false, true) => Some(*a),
                (false, false) => None,
            })
            .collect();
        for partner in &others {
            self.deny(node, *partner)?;
        }
        let circles = self.circles.clone();
        for (n, circle) in (0_u64..).zip(circles) {
            self.step += 1;
            let marks = vec![Mark::Two(Tlp::Green)];
            let items = (0..OBJECTS).map(|item| {
                let thing = FORKED + (n * OBJECTS + item) * 5;
                let refs = Vec::new();
                Item { thing, version: 0, refs, marks: marks.clone(), canary: thing }
            });
            let bodies: Vec<String> = items.map(|item| canary::body(&item)).collect();
            let objects = Prepared::stix(format!("[{}]", bodies.join(",")).as_bytes());
            let objects = objects.map_err(|problem| Breach::broken(&problem.message))?;
            let caller = self.site(node)?.caller(self.at, crate::real::script::Token::Plain)?;
            let (submitter, terms) = (caller.submitter, Terms::of(circle));
            self.apply(node, Command::Publish { submitter, terms, objects }, Crash::No)?;
        }
        for partner in others {
            self.step += 1;
            self.refuse_fork(node, partner)?;
        }
        Ok(())
    }

    /// A hello that knows less than was read of this very life gives it away.
    fn deny(&mut self, node: usize, partner: usize) -> Result<(), Breach> {
        let (liar, witness) = (self.site(node)?, self.site(partner)?);
        let greeting = hello(&liar.me, &liar.store.reading(), &witness.id)?;
        let read = have(&witness.store.reading(), &liar.id)?.map(|have| (have.epoch, have.next));
        let behind =
            read.is_some_and(|(epoch, next)| epoch == greeting.epoch && next > greeting.size);
        if behind && rolled_back(read, &greeting).is_none() {
            return Err(Breach::receipt(format!("node {partner} believes the older node {node}")));
        }
        self.stats.add("older states found out", usize::from(behind));
        Ok(())
    }

    /// Where the fork is longer than what was read, its continuation has another root.
    fn refuse_fork(&mut self, node: usize, partner: usize) -> Result<(), Breach> {
        let (from, to) = (self.site(node)?.id, self.site(partner)?.id);
        let read = have(&self.site(partner)?.store.reading(), &from)?.map_or(0, |have| have.next);
        self.apply(node, Command::Number(link_key(&to)), Crash::No)?;
        let liar = self.site(node)?;
        let reading = liar.store.reading();
        let Some(outlet) = reading.outlet(&link_key(&to))? else { return Ok(()) };
        // Where it stood when it was put back; a fork begins behind that.
        let Some(lens) = lens_for(&reading, &to, liar.clock(self.at))? else { return Ok(()) };
        let whole = batch(&liar.me, &reading, &lens, read)?;
        if whole.is_empty() || outlet.next <= read || !self.is_forked(node, partner, read)? {
            return Ok(());
        }
        let bytes = whole.bytes();
        let known = keys(&self.site(partner)?.store.reading())?;
        let Ok(arrival) = prepare(from, &bytes, &known) else { return Ok(()) };
        self.unmoved(partner, Command::Arrive(arrival), "a forked history")?;
        self.stats.add("forks refused", 1);
        Ok(())
    }

    /// Whether what a partner read is no beginning of what the node has now.
    fn is_forked(&self, node: usize, partner: usize, read: u64) -> Result<bool, Breach> {
        let to = self.site(partner)?.id;
        let reading = self.site(node)?.store.reading();
        let Some(outlet) = reading.outlet(&link_key(&to))? else { return Ok(false) };
        let mut leaves = Vec::new();
        for segment in reading.segments(outlet.id, 0, usize::MAX >> 1)? {
            leaves.extend(reading.leaves(&segment.runs)?);
        }
        let size = usize::try_from(read).unwrap_or(usize::MAX);
        let root = leaves.get(..size).map(model::tree::root);
        let cursor = self.site(partner)?.store.reading().cursor(&self.site(node)?.id)?;
        let frontier = cursor.and_then(|cursor| model::tree::Frontier::decode(&cursor.frontier));
        Ok(root.zip(frontier).is_some_and(|(root, frontier)| frontier.root() != root))
    }
}
