//! What was seen, gathered while events are matched, and what proves an indicator in it. It keeps
//! nothing beyond the process and asks no file.

mod filter;
mod gathered;
mod key;
mod noted;
mod parts;
mod places;
mod row;
pub mod sketch;
mod sorted;

pub use gathered::Gathered;
pub use key::{asked, check, marks, of, ranges};
pub use noted::GatherError;
pub use parts::parts;
pub use sorted::{SeenRow, Sorted};
