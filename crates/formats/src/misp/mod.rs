//! MISP: what its tags and its distribution ask for, and a label as its tags. Events and attributes
//! are neither read nor written here.
//!
//! [`read`] makes of one thing's tags, distribution and sharing group what they ask for ([`Marked`]).
//! In the STIX that MISP writes its tags are labels and statements: `stix::marking` reads those with it.
//! A distribution is nowhere in that STIX; it waits for a reader of events. [`write`] with
//! [`distribution`] says a label in MISP's words again, as the API shows it beside each record.

mod marking;

pub use marking::{Distribution, Marked, distribution, read, write};
