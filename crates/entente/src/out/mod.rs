//! What matching leaves at home: the journal of matches, for this node's own people. It decides
//! nothing about who may read a record, and sends nothing.

mod journal;
mod kept;

pub(crate) use kept::{Kept, forget_gone};
