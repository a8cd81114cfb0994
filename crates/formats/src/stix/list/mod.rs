//! Plain lists and CSV files of values, read line by line into items that become indicators. It
//! doesn't judge whether a value is worth matching: known-good lists do that.

mod items;
mod row;
mod value;

pub use items::{Item, Items, items};
