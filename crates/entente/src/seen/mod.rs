//! Looking back: what was seen, beside the running node. It matches nothing.

mod keeper;

pub(crate) use keeper::{Keeper, keep};
