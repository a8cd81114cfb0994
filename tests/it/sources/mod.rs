//! Sources: servers of all kinds of rightness, pulled by the real binary.

mod lists;
mod medallion;
mod misbehaving;
mod power;
mod world;
