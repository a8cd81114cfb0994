//! One target per untrusted input, as plain functions over bytes.
//!
//! A target does not make its input and does not count runs: `tests/drive.rs` or a fuzzer does.

mod event_line;
pub mod input;
mod list_read;
mod stix_read;

pub use event_line::event_line;
pub use list_read::list_read;
pub use stix_read::stix_read;
