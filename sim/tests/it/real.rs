//! The real node keeps its promises in 2,000 random worlds and their twins, and the checks find
//! what is planted around it.
//!
//! It deliberately takes one thing from the environment: `SIM_SEEDS`, how many worlds are tried.
//! Seeds that ever failed stand in `seeds/real.txt` and run first, always.

use sim::real::{Fault, Stats, Violation, run};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

/// Worlds per run, unless `SIM_SEEDS` says otherwise.
const SEEDS: u64 = 2_000;
/// Fewer worlds than these are too few to be sure that each rarity came to pass.
const TELLING: u64 = 500;

/// Worlds in which a planted fault must be found.
const PLANTED: u64 = 100;

/// Seeds that once failed; a number at the start of each line, then why.
const KEPT: &str = include_str!("../../seeds/real.txt");

fn kept() -> impl Iterator<Item = u64> {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok())
}

#[expect(clippy::disallowed_methods, reason = "who runs the test says how long it may take")]
fn seeds() -> u64 {
    let Ok(asked) = std::env::var("SIM_SEEDS") else { return SEEDS };
    asked.parse().unwrap_or_else(|_| panic!("SIM_SEEDS is a number of worlds, not {asked:?}"))
}

/// Plays worlds on all processors. What is told is the first breach in the order of the list,
/// whichever processor came upon one first.
fn play(worlds: &[u64]) -> Result<Stats, Violation> {
    let (next, first) = (AtomicUsize::new(0), AtomicU64::new(u64::MAX));
    let (sum, breaches) = (Mutex::new(Stats::default()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                let mut own = Stats::default();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seed) = worlds.get(place) else { break };
                    if place as u64 > first.load(Ordering::Relaxed) {
                        break;
                    }
                    match run(*seed, None) {
                        Ok(stats) => own.merge(&stats),
                        Err(breach) => {
                            first.fetch_min(place as u64, Ordering::Relaxed);
                            breaches.lock().unwrap().push((place, breach));
                        }
                    }
                }
                sum.lock().unwrap().merge(&own);
            });
        }
    });
    let breaches = breaches.into_inner().unwrap();
    match breaches.into_iter().min_by_key(|(place, _)| *place) {
        Some((_, breach)) => Err(breach),
        None => Ok(sum.into_inner().unwrap()),
    }
}

#[test]
fn the_real_node_keeps_its_promises_in_random_worlds_and_their_twins() {
    let seeds = seeds();
    let worlds: Vec<u64> = kept().chain(0..seeds).collect();
    let sum = match play(&worlds) {
        Ok(sum) => sum,
        Err(breach) => panic!("{breach}\nKeep it: add {} to sim/seeds/real.txt", breach.seed),
    };
    println!("{sum}{:>9}%  of records are RED", sum.percent("records RED", "records handed in"));
    if seeds < TELLING {
        return;
    }
    // Idle worlds prove nothing.
    for busy in [
        "answers that say duplicate",
        "bytes to readers",
        "collections paged to the end",
        "crashes that kept the commit",
        "crashes that lost the commit",
        "cuts in the middle of a batch",
        "records applied from a link",
        "records that had to arrive",
        "references",
        "searches",
        "secrets in twins",
        "words compared",
    ] {
        assert!(sum.count(busy) >= seeds / 2, "too few: {busy}");
    }
    for rare in [
        "batches that came twice",
        "entries by file and by link alike",
        "matches",
        "members added",
        "objects hidden",
        "recalls",
        "records closed by a card or policy",
        "records that had to be taken back",
        "records that partners gave back",
        "relabels",
        "sessions that did not come to be",
    ] {
        assert!(sum.count(rare) >= seeds / 8, "too few: {rare}");
    }
    assert!(sum.count("records opened by a word") >= seeds / 16);
    assert!(sum.count("twin streams compared") > 5 * seeds);
}

#[test]
fn what_is_planted_around_the_real_node_is_found() {
    for (fault, check) in Fault::PLANTED {
        let breaches = (0..PLANTED).filter_map(|seed| run(seed, Some(fault)).err());
        let breach = breaches.into_iter().find(|breach| breach.check == check);
        println!("{fault:?}: {}", breach.unwrap_or_else(|| panic!("nothing found {fault:?}")));
    }
}
