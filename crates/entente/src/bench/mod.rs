//! `entente bench`: the figures of BENCHMARKS.md, from real runs of this very program and of its
//! peers. Each figure stands with its bar, the CPU time it cost and what the disk alone needs;
//! nothing is left out because it looks bad.

mod beside;
mod child;
mod eve;
mod feeds;
mod generate;
mod index;
mod link;
mod machine;
mod peers;
mod plain;
mod process;
mod ready;
mod recall;
mod release;
mod run;
mod scale;
mod seen;
mod sighted;
mod sigma;
mod standing;
mod table;
mod taxii;
mod turns;
mod verify;
mod watching;
mod work;

pub(crate) use run::{Bench, bench};
