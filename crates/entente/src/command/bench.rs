//! `entente bench`: measures this program on this machine. What is measured is in `bench`.

use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use clap::Args;

/// Measure this program here: the figures of BENCHMARKS.md
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Bench {
    #[command(flatten)]
    what: crate::bench::Bench,
}

impl Bench {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if crate::bench::bench(&self.what, here.json) {
            return Ok(Outcome::Done);
        }
        Err(Failure::new(Exit::Later, "a measurement failed; the figures above it stand"))
    }
}
