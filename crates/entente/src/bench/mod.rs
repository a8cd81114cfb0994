//! `entente bench`: the figures of BENCHMARKS.md, from real runs of this very program. Each figure
//! stands with the CPU time it cost and with what the disk alone needs; nothing is judged here.

mod child;
mod generate;
mod link;
mod machine;
mod plain;
mod run;
mod table;
mod taxii;
mod watching;

pub(crate) use run::{Bench, bench};
