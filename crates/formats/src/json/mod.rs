//! Bounded JSON: splitting documents into exact byte slices, and walking one object strictly.
//! It never builds a tree of values and never writes a body anew.

mod scan;
mod split;
mod text;
mod walk;

pub use split::{Document, Form, Piece, SplitError, split, split_at_most};
pub use walk::check_object;

pub(crate) use text::Text;
pub(crate) use walk::{Leaf, Shape, Step, Visit, pointer, walk};
