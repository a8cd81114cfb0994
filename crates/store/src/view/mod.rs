//! Views: what can be dropped and rebuilt from the log. One file each: its table, what it does
//! with an entry, its questions. None knows another.

mod circles;
mod esteem;
mod expiry;
pub(crate) mod keyed;
mod kinds;
mod list;
pub(crate) mod rebuild;
mod references;
mod rules;
pub(crate) mod target;
pub(crate) mod text;
pub(crate) mod things;
mod values;
mod watched;

pub use esteem::{Regard, Sighted};
pub(crate) use list::{ALL, Earlier, Entry, Gone, View};
pub use list::{Content, FactsOf, views};
pub use rebuild::Rebuild;
pub(crate) use target::Target;
pub use watched::{Listed, Rival, Terms, WatchedValues};
