//! What an operator writes about partners, as TOML files: partner cards and this node's policy. They
//! are read strictly, since a forgotten restriction would widen; what follows from them is not
//! decided here.

mod bounds;
mod card;
mod policy;
mod strict;

pub(crate) use bounds::Circles;
pub(crate) use card::{print_card, read_card};
pub(crate) use policy::{print_policy, read_policy};
