//! A TAXII 2.1 collection of somebody else's server: found from whichever address people have, and
//! read page by page. Servers break the specification in many ways; what each of these files
//! tolerates, it says.

mod ask;
mod envelope;
mod find;
mod form;
mod walk;

pub(super) use walk::pull;
