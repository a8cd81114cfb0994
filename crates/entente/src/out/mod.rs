//! What becomes of matches: the journal at home, for this node's own people, and findings for the
//! receivers that its administrators named. It decides nothing about who may read a record.

mod choose;
mod failure;
mod gone;
mod journal;
mod kept;
mod send;
mod syslog;
mod way;
mod webhook;

pub(crate) use gone::Gone;
pub(crate) use kept::{Kept, forget_gone};
pub(crate) use send::send_all;
pub(crate) use syslog::Target;
pub(crate) use way::test;
pub(crate) use webhook::address;
