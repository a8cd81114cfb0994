//! One target per untrusted input, as plain functions over bytes; what makes their input; and what
//! drives them where there is no fuzzer.
//!
//! A target does not make its input and does not count runs: `drive` or a fuzzer does.

pub mod drive;
mod event_line;
pub mod input;
mod json_split;
mod link_wire;
mod list_read;
pub mod made;
mod media_type;
mod own_texts;
mod rim;
pub mod samples;
mod sources;
mod stix_marking;
mod stix_pattern;
mod stix_read;
pub mod targets;
mod taxii_query;
mod tree_parts;
mod words;

pub use event_line::event_line;
pub use json_split::json_split;
pub use link_wire::{link_batch, link_hello, link_receipt};
pub use list_read::list_read;
pub use media_type::media_type;
pub use own_texts::{card_text, circle_text, record_header, signed_note, statement_text};
// The store's file that `rim` reads in names its error so.
pub(crate) use rim::StoreError;
pub use rim::{invitation_code, link_join, unpacking};
pub use sources::{source_list, source_taxii};
pub use stix_marking::stix_marking;
pub use stix_pattern::stix_pattern;
pub use stix_read::stix_read;
pub use taxii_query::taxii_query;
pub use tree_parts::tree_parts;
pub use words::words;
