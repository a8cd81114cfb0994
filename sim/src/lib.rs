//! Many nodes in one thread, with broken networks, disks and clocks: where promises are tried.
//!
//! It deliberately holds no product code, and nothing here is shipped. [`small`] is a model that
//! knows nothing of the product's crates: it tries the rules themselves, not their build.

pub mod outcome;
pub mod real;
pub mod rng;
pub mod small;
