//! MISP: what its tags and its distribution ask for, and a label as its tags. Events and attributes
//! are neither read nor written here.
//!
//! What is there: [`read`] makes of one thing's tags, distribution and sharing group what they ask
//! for ([`Marked`]), and [`write`] with [`distribution`] says a label in those words again; both are
//! tested over every traffic light. What is not: nothing in the program calls them yet. They wait for
//! the reader of events, which joins an attribute's marks with those of its object and its event, and
//! for the feeds and the API that MISP instances speak to.

mod marking;

pub use marking::{Distribution, Marked, distribution, read, write};
