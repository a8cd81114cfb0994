//! Lines of telemetry as events: each form is read where it stands, into borrowed fields. There is
//! no common model of events and no mapping; nothing is kept of a line but the columns that a log's
//! header names.
//!
//! [`Reader`] takes a line and gives an [`Event`]; [`fields`] calls back for every value in it, in
//! the words of the line. What a field is for, [`names`] says.

mod auto;
mod cef;
mod columns;
mod event;
mod flat;
mod key_value;
mod leef;
mod lines;
mod moment;
pub(crate) mod names;
mod reader;
mod syslog;
pub(crate) mod text;

pub(crate) use event::read;
pub(crate) use event::time_of;
pub use event::{Event, Flat, fields, time};
pub use lines::next_line;
pub use reader::{Form, Kind, Reader};
pub use text::tokens;

#[cfg(test)]
mod tests;
