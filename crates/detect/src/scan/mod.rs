//! A line of JSON as fields: a scanner that refuses what is no JSON, keeps nothing of it and never
//! panics. Stretches of lines that came before, and proved nothing, are passed over
//! ([`templates`]).

mod escapes;
mod learning;
mod marks;
mod run;
mod scanner;
mod spot;
mod templates;

pub(crate) use escapes::plain;
pub use scanner::{Buffers, fields};
pub(crate) use scanner::{Each, Proved, Reading, read};
pub(crate) use templates::Templates;
