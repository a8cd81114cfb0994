//! Looking for damage: the log, its views, the state, the pages, the write-ahead log. It changes
//! nothing, keeps little in memory, and survives whatever it reads.

mod damage;
mod entries;
mod inspect;
mod outlets;
mod pages;
mod views;
mod wal;

pub use damage::{Damage, Place};
pub use entries::{Checked, EntryFault};
pub use inspect::Inspection;
pub(crate) use pages::owner;
pub use pages::{check_header, view_pages};
pub use wal::check_wal;
