//! Looking back: what was seen, beside the running node. It matches nothing.

mod answering;
mod held;
mod keeper;
mod layers;
mod possible;

pub(crate) use answering::answer;
pub(crate) use keeper::{Keeper, keep};
