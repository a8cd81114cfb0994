//! `entente publish`: files cut into chunks, and sent.

mod chunk;
mod reach;
mod send;
mod undo;

pub(crate) use send::Publish;
