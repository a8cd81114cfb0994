//! `entente verify`: a node's folder or backup against itself, a bundle, or one exported proof. It only reads,
//! and needs no running node.

mod backup;
mod bundle;
mod folder;
mod keys;
mod receipt;
mod record;
mod run;

pub(super) use run::Verify;
