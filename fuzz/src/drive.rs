//! Drives a target with many inputs and finds what no reader may do: panic, take out of all
//! proportion long, or take out of all proportion much memory. It does not search for coverage.

use crate::input::{Dice, changed, inflated};
use allocation_counter::measure;
use cpu_time::ThreadTime;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One untrusted input: its reader, and how such input is made.
#[derive(Clone, Copy)]
pub struct Target {
    /// As the fuzzer calls it.
    pub name: &'static str,
    /// Reads the bytes and checks what the reader promises.
    pub run: fn(&[u8]),
    /// Makes input as its senders would, mostly, from the grammar.
    pub make: fn(&mut Dice) -> Vec<u8>,
    /// Written by hand.
    pub samples: &'static [&'static [u8]],
    /// What it may cost.
    pub bounds: Bounds,
}

/// What an input may cost its reader.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes held at once, for each byte of input.
    pub each: u64,
    /// Bytes held at once, for any input.
    pub any: u64,
}

impl Bounds {
    /// For readers that keep what they read, a few times over.
    pub const USUAL: Self = Self { each: 64, any: 256 << 10 };
}

/// Times the median cost of a byte that any input may cost.
const SLOWER_MAX: f64 = 50.0;
/// Nanoseconds below which nothing is slow: the clock and the machine's caches are in there, and the
/// making of a regular expression that a pattern asks for.
const NANOS_MIN: u64 = 2_000_000;
/// Nanoseconds after which a run stops at once.
const NANOS_MAX: u64 = 5_000_000_000;
/// Bytes that an input counts as having beside its own: refusing an empty one costs something too.
const OVERHEAD: f64 = 512.0;
/// One input of so many is blown up to tens or hundreds of kilobytes.
const LARGE_EVERY: usize = 500;

/// What an input did to its reader.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It panicked.
    Panic,
    /// It took so many nanoseconds.
    Slow(u64),
    /// It held so many bytes at once.
    Large(u64),
}

/// A fault, and how to see it again.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The target.
    pub target: &'static str,
    /// The seed of the series.
    pub seed: u64,
    /// The place in it.
    pub run: usize,
    /// What happened.
    pub fault: Fault,
    /// The bytes.
    pub input: Vec<u8>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, seed, run, fault, input } = self;
        let start = input.get(..4096).unwrap_or(input).escape_ascii();
        let bytes = input.len();
        write!(f, "{target}: {fault:?} on run {run} of seed {seed}: {bytes} bytes b\"{start}\"")
    }
}

/// What a whole series cost.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// Inputs.
    pub runs: usize,
    /// Nanoseconds for a byte of the median input.
    pub nanos_per_byte: f64,
    /// The longest that one input took, in nanoseconds.
    pub slowest_nanos: u64,
    /// The most that one input held, in bytes.
    pub largest_bytes: u64,
}

/// One input of a series: the same for the same seed and place.
#[must_use]
pub fn input(target: &Target, seed: u64, run: usize) -> Vec<u8> {
    if let Some(sample) = target.samples.get(run) {
        return sample.to_vec();
    }
    let mut dice = Dice::at(seed, run);
    let made = (target.make)(&mut dice);
    if run % LARGE_EVERY == 1 {
        return inflated(&made, &mut dice);
    }
    match dice.below(4) {
        0 => made,
        1 => changed(&[&made], &mut dice),
        _ if target.samples.is_empty() => changed(&[&made], &mut dice),
        2 => changed(&[target.samples, &[&made]].concat(), &mut dice),
        _ => changed(target.samples, &mut dice),
    }
}

/// Runs a target over a series of inputs.
///
/// # Errors
/// The first panic, the first input that takes too much memory, or the slowest of those that take
/// too long.
pub fn drive(target: &Target, runs: usize, seed: u64) -> Result<Summary, Box<Finding>> {
    let mut summary = Summary { runs, nanos_per_byte: 0.0, slowest_nanos: 0, largest_bytes: 0 };
    let mut costs = Vec::with_capacity(runs);
    let found =
        |run, fault, input| Box::new(Finding { target: target.name, seed, run, fault, input });
    for run in 0..runs {
        let input = input(target, seed, run);
        let cost = cost(target, &input);
        let length = u64::try_from(input.len()).unwrap_or(u64::MAX);
        let allowed = target.bounds.each.saturating_mul(length).saturating_add(target.bounds.any);
        if cost.panicked {
            return Err(found(run, Fault::Panic, input));
        }
        if cost.bytes > allowed {
            return Err(found(run, Fault::Large(cost.bytes), input));
        }
        if cost.nanos > NANOS_MAX {
            return Err(found(run, Fault::Slow(cost.nanos), input));
        }
        summary.slowest_nanos = summary.slowest_nanos.max(cost.nanos);
        summary.largest_bytes = summary.largest_bytes.max(cost.bytes);
        costs.push((per_byte(cost.nanos, input.len()), cost.nanos, run));
    }
    summary.nanos_per_byte = median(&costs);
    let limit = summary.nanos_per_byte * SLOWER_MAX;
    costs.retain(|(each, nanos, _)| *nanos > NANOS_MIN && *each > limit);
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, _, run) in costs {
        let input = input(target, seed, run);
        // Looked at again: the machine may have been slow, and not the reader.
        let nanos = (0..3).map(|_| cost(target, &input).nanos).min().unwrap_or(0);
        if nanos > NANOS_MIN && per_byte(nanos, input.len()) > limit {
            return Err(found(run, Fault::Slow(nanos), input));
        }
    }
    Ok(summary)
}

struct Cost {
    panicked: bool,
    nanos: u64,
    bytes: u64,
}

fn cost(target: &Target, input: &[u8]) -> Cost {
    let mut panicked = false;
    let start = ThreadTime::now();
    let held = measure(|| {
        panicked = catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err();
    });
    let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    Cost { panicked, nanos, bytes: held.bytes_max }
}

#[expect(clippy::cast_precision_loss, reason = "a rate, not a count")]
fn per_byte(nanos: u64, bytes: usize) -> f64 {
    nanos as f64 / (bytes as f64 + OVERHEAD)
}

fn median(costs: &[(f64, u64, usize)]) -> f64 {
    let mut each: Vec<f64> = costs.iter().map(|(each, ..)| *each).collect();
    each.sort_by(f64::total_cmp);
    each.get(each.len() / 2).copied().unwrap_or(0.0)
}
