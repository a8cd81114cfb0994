//! One seed: its world, its twin, and the comparison of the two.
//!
//! It deliberately prints nothing and keeps nothing: seeds that failed are the caller's.

use super::fault::Fault;
use super::play::Play;
use super::world::{self, HEAL_AT, Script};
use crate::outcome::{Check, Stats, Violation};

/// Rounds over all links in which a sound network must come to rest.
const ROUNDS: u64 = 40;

/// Plays the world of a seed and its twin, with a fault planted or none.
///
/// # Errors
/// The first promise that was broken.
pub fn run(seed: u64, fault: Option<Fault>) -> Result<Stats, Violation> {
    let script = world::world(seed);
    let plain = play(seed, &script, fault)?;
    let script = world::twin(&script, seed);
    let twin = play(seed, &script, fault)?;
    let mut stats = plain.stats;
    super::check::twins(seed, (&plain.streams, &twin.streams), &twin.privy(), &mut stats)?;
    stats.add("worlds (each with its twin)", 1);
    Ok(stats)
}

fn play(seed: u64, script: &Script, fault: Option<Fault>) -> Result<Play<'_>, Violation> {
    let mut play = Play::new(seed, script, fault);
    for (at, step) in &script.steps {
        play.at(*at);
        play.step(step)?;
    }
    play.at(HEAL_AT);
    play.heal()?;
    let mut round = 1;
    play.at(HEAL_AT + 1_000);
    while play.round()? {
        round += 1;
        play.at(HEAL_AT + round * 1_000);
        if round > ROUNDS {
            let detail = "the links do not come to rest".to_owned();
            return Err(Violation { check: Check::Converge, seed, at: HEAL_AT, detail });
        }
    }
    // Not "after the last round": a twin may need more of them.
    play.at(HEAL_AT + (ROUNDS + 1) * 1_000);
    play.end()?;
    Ok(play)
}
