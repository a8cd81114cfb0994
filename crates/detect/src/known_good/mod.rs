//! Lists of what is known to be good, in the form of MISP's warninglists, and what they say of a
//! value. They accuse nobody, and change no record.
//!
//! Start with [`list`] (one file), then [`lists`] (all of them, asked at once). Unlike there, a text
//! that stands somewhere inside another proves nothing: names are compared label by label and
//! networks bit by bit.

mod attributes;
mod list;
mod lists;
mod networks;
mod texts;

pub use list::{Effect, List, ListError, Skipped};
pub use lists::{Because, Lists};

#[cfg(test)]
mod tests;
