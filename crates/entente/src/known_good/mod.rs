//! What is known to be good, in the folder of a node, and why a match is not told. It changes no
//! record.

mod folder;
mod silence;

pub(crate) use folder::reread;
pub(crate) use silence::{silence, tripped};
