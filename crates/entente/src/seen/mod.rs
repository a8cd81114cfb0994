//! Looking back: what was seen, beside the running node. It matches nothing.

mod held;
mod keeper;
mod layers;

pub(crate) use keeper::{Keeper, keep};
