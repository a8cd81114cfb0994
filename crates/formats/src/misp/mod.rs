//! MISP: what its tags and its distribution ask for, and a label as its tags. Events and attributes
//! are neither read nor written here.

mod marking;

pub use marking::{Distribution, Marked, distribution, read, write};
