//! The rules A to C hold in 500 random worlds, and each way of getting them wrong is found.
//!
//! It deliberately takes nothing from the environment: seeds that ever failed stand in
//! `seeds/small.txt` and run first, always.

use sim::small::{Fault, Stats, run};

/// Worlds per run.
const SEEDS: u64 = 500;

/// Seeds that once failed; a number at the start of each line, then why.
const KEPT: &str = include_str!("../../seeds/small.txt");

fn kept() -> impl Iterator<Item = u64> {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok())
}

/// Where the rarest are found, tried first to save time; all the others are tried after it.
const RARE: [(Fault, u64); 2] = [(Fault::NeverBack, 416), (Fault::AnySchedule, 87)];

fn found(fault: Fault) -> Option<String> {
    let rare = RARE.into_iter().filter(|(rare, _)| *rare == fault).map(|(_, seed)| seed);
    let mut breaches = rare.chain(0..SEEDS).filter_map(|seed| run(seed, Some(fault)).err());
    let breach = breaches.next()?;
    Some(format!("{fault:?}: seed {} broke \"{}\"", breach.seed, breach.check))
}

#[test]
fn the_rules_hold_in_five_hundred_worlds_and_their_twins() {
    let mut sum = Stats::default();
    for seed in kept().chain(0..SEEDS) {
        match run(seed, None) {
            Ok(stats) => sum.merge(&stats),
            Err(breach) => panic!("{breach}\nKeep it: add {} to sim/seeds/small.txt", breach.seed),
        }
    }
    println!("{sum}{:>9}%  of records are RED", sum.percent("records RED", "records signed"));
    // Idle worlds prove nothing.
    for busy in [
        "references to something held",
        "records made stricter by closure",
        "answers that say duplicate",
        "cuts in the middle of a batch",
        "acks lost",
        "crashes that lost the commit",
        "crashes that kept the commit",
        "narrowings",
        "widenings",
        "numbers that withdraw",
        "records numbered anew",
        "recalls that were heard",
    ] {
        assert!(sum.count(busy) >= SEEDS, "too few: {busy}");
    }
    assert!(sum.count("records withdrawn by a person") >= SEEDS / 4);
    assert!(sum.count("twin streams compared") > 5 * SEEDS);
}

#[test]
fn each_planted_fault_is_found() {
    for fault in Fault::PLANTED {
        println!("{}", found(fault).unwrap_or_else(|| panic!("nothing found {fault:?}")));
    }
}

#[test]
fn each_refuted_reading_of_the_rules_is_found() {
    for fault in Fault::REFUTED {
        println!("{}", found(fault).unwrap_or_else(|| panic!("nothing found {fault:?}")));
    }
}
