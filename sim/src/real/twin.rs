//! The other world: the same script with more records that no released record names.
//!
//! It deliberately keeps every secret at home: in a circle of one, or under an embargo that never
//! ends. Nobody whose bytes are compared may have any of it.

use super::canary;
use super::script::{Crash, Item, Mark, Place, Post, SECOND, Script, Step, Token};
use crate::rng::Rng;
use model::label::Tlp;
use std::collections::BTreeSet;

/// Numbers of steps that only this world has begin here.
pub(super) const SECRET_STEPS: u64 = 1 << 30;
/// Numbers of things that only this world has begin here.
const SECRET_THINGS: u64 = 1 << 20;

/// The same world with secrets.
pub(super) fn twin(script: &Script, seed: u64) -> Script {
    let mut rng = Rng::new(seed).fork(0x7711);
    let (public, touched) = spoken_of(script);
    let mut steps = Vec::with_capacity(script.steps.len() * 2);
    let mut secrets = 0;
    for (at, number, step) in &script.steps {
        steps.push((*at, *number, step.clone()));
        for offset in 1..=2 {
            if rng.percent(35) {
                secrets += 1;
                let node = rng.index(script.nodes);
                let post = secret(&mut rng, script, node, (&public, &touched), secrets);
                let post = Post { until: post.until.map(|_| at + YEARS), ..post };
                steps.push((at + offset, SECRET_STEPS + secrets, Step::Post(post, Crash::No)));
            }
        }
    }
    Script { steps, fork: None, ..script.clone() }
}

/// Longer than any world.
const YEARS: i64 = 10 * 365 * 86_400 * SECOND;

/// What is handed in publicly, and things that somebody relabels or takes back: their statements
/// would speak of a shadow too.
fn spoken_of(script: &Script) -> (Vec<Item>, BTreeSet<u64>) {
    let (mut public, mut touched) = (Vec::new(), BTreeSet::new());
    for (_, _, step) in &script.steps {
        match step {
            Step::Post(post, _) => public.extend(post.items.iter().cloned()),
            Step::Relabel { thing, .. }
            | Step::Recall { thing, .. }
            | Step::Withdraw { thing, .. } => {
                touched.insert(*thing);
            }
            Step::Link { .. }
            | Step::Page { .. }
            | Step::Search { .. }
            | Step::Hide { .. }
            | Step::Member { .. }
            | Step::Accept { .. }
            | Step::Confirm { .. }
            | Step::Match { .. }
            | Step::Clock { .. }
            | Step::Partition(_)
            | Step::Card { .. }
            | Step::Policy { .. }
            | Step::Backup { .. }
            | Step::Restore { .. }
            | Step::File { .. }
            | Step::Rotate { .. }
            | Step::Revoke { .. } => {}
        }
    }
    (public, touched)
}

fn secret(
    rng: &mut Rng,
    script: &Script,
    node: usize,
    (public, touched): (&[Item], &BTreeSet<u64>),
    number: u64,
) -> Post {
    let shadowed = rng.pick(public).filter(|item| !touched.contains(&item.thing)).cloned();
    let mut items = Vec::new();
    for n in 0..1 + rng.below(2) {
        let mut item = match &shadowed {
            // The very thing and version of a public record, past or to come.
            Some(item) if rng.percent(50) => Item { canary: rng.word(), ..item.clone() },
            Some(_) | None => Item {
                thing: SECRET_THINGS + number * 4 + n,
                version: rng.byte(2),
                refs: public.iter().filter(|_| rng.percent(10)).map(|item| item.thing).collect(),
                marks: vec![Mark::Two(*rng.pick(&Tlp::ALL).unwrap_or(&Tlp::Red))],
                canary: rng.word(),
            },
        };
        let most = usize::try_from(canary::names_most(item.thing)).unwrap_or(5).min(5);
        if item.refs.is_empty() {
            item.refs.push(SECRET_THINGS);
        }
        item.refs.truncate(most);
        items.push(item);
    }
    let embargo = rng.percent(50);
    let place = if embargo { Place::Circle(rng.index(script.circles.len())) } else { Place::Home };
    let until = embargo.then_some(0);
    Post { node, token: Token::Secret, place, items, to: None, tlp: None, hops: None, until }
}
