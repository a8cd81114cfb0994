//! `entente doctor`: what an operator should look at, each with the next command to type. It looks
//! and changes nothing.

mod around;
mod finding;
mod inside;
mod keys;
mod run;

pub(crate) use run::Doctor;
