//! What the compiler and clippy cannot check: one file per check, each a function over the tree.
//!
//! The checks report; they never mend. Each has a test that plants its fault and expects it found.
//! [`rim`] (who may speak and wait) and [`floors`] (who may use whom) matter most.

mod all;
mod budget;
mod clock;
mod floors;
mod heads;
mod map;
mod opening;
mod places;
mod released;
mod rim;
mod routes;
mod rows;
mod size;
mod sql;
mod words;

pub(crate) use all::{COUNT, run};
