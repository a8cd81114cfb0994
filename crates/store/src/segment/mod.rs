//! Segments: what was seen on a day, in files beside the database that other programs read. It knows
//! no normal form and matches nothing.
//!
//! `day=2026-11-22/000001.parquet` holds rows in the order of keys that the caller makes of them,
//! `000001.sketch` beside it says what is not among them, and `journal-000007` holds what no segment
//! holds yet. The listing of the folder is the only truth: a segment is there once both its files have
//! their names.

mod check;
mod error;
mod head;
mod journal;
mod names;
mod parquet_file;
mod read;
mod write;

pub use check::SegmentDamage;
pub use error::SegmentError;
pub use head::{Head, SHAPE_BYTES};
pub use journal::{Journal, Noted};
pub use names::{Day, SegmentId};
pub use read::{KeyOf, SegmentInfo, Segments};
pub use write::{NewSegment, SegmentRow};
