//! What was seen, kept by day: gathered values go to a journal and from it to segments, and one may
//! ask both. Nothing of it is a record, and no partner ever reads it.

mod ask;
mod keep;
mod look_back;
mod open;
mod rules;
mod word;

pub use ask::{Asked, SeenLine};
pub use keep::{Kept, Retain};
pub use look_back::{Pending, fresh, pending, sought, sought_as};
pub use open::{Batch, Replayed, Seen};
pub use rules::{RulesPage, rules};
pub use store::segment::{Day, Journal, SegmentDamage, SegmentError, SegmentInfo, Segments};
