//! STIX 2.1 and 2.0: objects read into Facts and markings, our own objects written, plain lists
//! turned into indicators. It never holds a model of STIX: an object stays the bytes it came in.

mod collect;
mod copy;
mod facts;
mod marking;
mod order;
mod read;
mod required;
mod timestamp;
mod tlp;

pub mod check;
pub mod list;
pub mod write;

pub use copy::{Copied, Cut, Removed, copy, derived_from};
pub use marking::{Classified, Markings, classify};
pub use order::by_reference;
pub use read::{Reading, SpecVersion, id_of, read};
pub use timestamp::timestamp;
pub use tlp::{tlp_marking_definition, tlp_marking_id};
