//! `entente demo`: three real nodes on this machine and one story, told in the terminal as it
//! happens. Nothing is pretended: every step is asked of the nodes over the API that everybody
//! uses, and a step that does not happen ends the story.

mod bundle;
mod door;
mod failure;
mod nodes;
mod run;
mod scenes;
mod story;
mod terminal;

pub(crate) use bundle::{DEFAULT_VALUE, Value};
pub(crate) use run::{Plan, run};
