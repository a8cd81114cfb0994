//! `entente verify`: a node's folder against itself, or one exported record. It only reads, and needs
//! no running node.

mod folder;
mod record;
mod run;

pub(super) use run::Verify;
