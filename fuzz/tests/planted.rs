//! Faults planted in readers: the driver must find each, or it would find none in ours.

use entente_fuzz::drive::{Bounds, Fault, Finding, Target, drive};
use entente_fuzz::input::Dice;
use entente_fuzz::{made, samples};
use std::hint::black_box;

const RUNS: usize = 15_000;

fn found(run: fn(&[u8]), make: fn(&mut Dice) -> Vec<u8>) -> Option<Box<Finding>> {
    let samples = samples::STIX;
    let target = Target { name: "planted", run, make, samples, bounds: Bounds::USUAL };
    drive(&target, RUNS, 7).err()
}

fn has(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

/// Goes wrong on a report whose confidence is said twice and which names a marking that is none.
fn panics(bytes: &[u8]) {
    let rare = has(bytes, b"\"report\"") && has(bytes, b"marking-definition--\"");
    assert!(!(rare && has(bytes, b"granular_markings")), "planted");
}

/// Looks at all commas before each comma.
fn squares(bytes: &[u8]) {
    for (place, byte) in bytes.iter().enumerate() {
        if *byte == b',' {
            black_box(bytes.iter().take(place).filter(|byte| **byte == b',').count());
        }
    }
}

/// Makes room for what a number in the input asks for.
fn believes(bytes: &[u8]) {
    let digits = bytes.iter().take_while(|byte| **byte != b':').filter(|b| b.is_ascii_digit());
    let wanted = digits.fold(0_usize, |n, d| (n * 10 + usize::from(d - b'0')).min(1 << 24));
    black_box(Vec::<u8>::with_capacity(wanted));
}

#[test]
fn a_planted_panic_is_found() {
    let finding = found(panics, made::stix::object).expect("a finding");
    assert_eq!(finding.fault, Fault::Panic, "{finding}");
    println!("found on run {}", finding.run);
}

#[test]
fn a_planted_square_is_found() {
    let finding = found(squares, made::stix::object).expect("a finding");
    assert!(matches!(finding.fault, Fault::Slow(_)), "{finding}");
    println!("found on run {}: {:?}", finding.run, finding.fault);
}

#[test]
fn a_planted_bomb_is_found() {
    let finding = found(believes, made::json::value).expect("a finding");
    assert!(matches!(finding.fault, Fault::Large(_)), "{finding}");
    println!("found on run {}: {:?}", finding.run, finding.fault);
}

#[test]
fn a_reader_without_faults_stands() {
    let fine = |bytes: &[u8]| {
        black_box(bytes.iter().filter(|byte| **byte == b',').count());
    };
    assert!(found(fine, made::stix::object).is_none());
}
