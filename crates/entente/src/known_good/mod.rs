//! What is known to be good, in the folder of a node: its lists, what they do at each gate, and why
//! a match is not told. It changes no record.

mod built_in;
mod folder;
mod gate;
mod reread;
mod silence;
mod tripped;
mod why;

pub(crate) use built_in::usual_effect;
pub(crate) use folder::{Shelf, ShelfError};
pub(crate) use gate::gate_here;
pub(crate) use reread::{Good, reread};
pub(crate) use silence::{Judge, Silence, Standing};
pub(crate) use why::{WhyView, why};
