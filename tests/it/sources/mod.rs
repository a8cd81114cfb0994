//! Sources: servers of all kinds of rightness, pulled by the real binary.

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fault changes one thing and leaves all others as they are"
)]
mod collection;
mod lists;
mod medallion;
mod misbehaving;
mod power;
mod world;
