//! Views: what can be dropped and rebuilt from the log. One file each: its table, what it does
//! with an entry, its questions. None knows another.

mod circles;
mod kinds;
mod list;
mod references;
pub(crate) mod text;
pub(crate) mod things;
mod values;

pub(crate) use list::{ALL, Earlier, Entry, Gone};
pub use list::{FactsOf, views};
