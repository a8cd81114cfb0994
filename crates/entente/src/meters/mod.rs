//! What the running node counts about itself: numbers in memory, in closed classes. No name of a
//! circle, partner, token or value can get in, because nothing here takes a text.

mod histogram;
mod meter;
mod standing;

pub(crate) use histogram::Histogram;
pub(crate) use meter::{Meters, Resource};
pub(crate) use standing::Standing;
