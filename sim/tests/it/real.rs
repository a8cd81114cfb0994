//! The real node keeps its promises in 500 random worlds and their twins, and the checks find what
//! is planted around it.
//!
//! It deliberately takes nothing from the environment: seeds that ever failed stand in
//! `seeds/real.txt` and run first, always.

use sim::real::{Check, Fault, Stats, run};

/// Worlds per run.
const SEEDS: u64 = 500;

/// Seeds that once failed; a number at the start of each line, then why.
const KEPT: &str = include_str!("../../seeds/real.txt");

fn kept() -> impl Iterator<Item = u64> {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok())
}

#[test]
fn the_real_node_keeps_its_promises_in_five_hundred_worlds_and_their_twins() {
    let mut sum = Stats::default();
    for seed in kept().chain(0..SEEDS) {
        match run(seed, None) {
            Ok(stats) => sum.merge(&stats),
            Err(breach) => panic!("{breach}\nKeep it: add {} to sim/seeds/real.txt", breach.seed),
        }
    }
    println!("{sum}{:>9}%  of records are RED", sum.percent("records RED", "records handed in"));
    // Idle worlds prove nothing.
    for busy in [
        "answers that say duplicate",
        "bytes to readers",
        "collections paged to the end",
        "crashes that kept the commit",
        "crashes that lost the commit",
        "cuts in the middle of a batch",
        "members added",
        "records applied from a link",
        "records that had to arrive",
        "references",
        "searches",
        "secrets in twins",
        "words compared",
    ] {
        assert!(sum.count(busy) >= SEEDS / 2, "too few: {busy}");
    }
    for rare in ["batches that came twice", "objects hidden", "recalls", "relabels", "matches"] {
        assert!(sum.count(rare) >= SEEDS / 8, "too few: {rare}");
    }
    assert!(sum.count("twin streams compared") > 5 * SEEDS);
}

#[test]
fn what_is_planted_around_the_real_node_is_found() {
    for (fault, check) in
        [(Fault::AckBeforeCommit, Check::Ack), (Fault::OtherReadersLens, Check::Leak)]
    {
        let breaches = (0..20).filter_map(|seed| run(seed, Some(fault)).err());
        let breach = breaches.into_iter().find(|breach| breach.check == check);
        println!("{fault:?}: {}", breach.unwrap_or_else(|| panic!("nothing found {fault:?}")));
    }
}
