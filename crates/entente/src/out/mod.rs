//! What leaves a node besides records: matches kept at home, findings to other tools. It decides
//! nothing about who may read a record.

mod kept;
mod queue;

pub(crate) use kept::Kept;
pub(crate) use queue::send;
