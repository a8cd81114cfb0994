//! The reader's side of a node: pages, objects, search, who. Every answer is made with one lens
//! over one snapshot, so that counts, orders and absences are those of that reader's world.

mod cards;
mod depended;
mod feed;
mod held;
mod numbered;
mod overview;
mod page;
mod preview;
mod recalled;
mod receipts;
mod search;
mod since;
mod versions;
mod who;

pub use crate::foresee::{Change, Foreseen, ForeseenLine, foresee};
pub use cards::{CardLine, Changed, PolicyLine, card, cards, changes, is_policy_readable, policy};
pub(crate) use cards::{policy_text, text_digest};
pub use depended::{Depended, depended, depended_on};
pub use feed::{Bodies, FeedEntry, FeedError, Feeding, Wanted};
pub use held::{Held, HeldLine, HeldRecord, Stricter};
pub(crate) use numbered::{Numbered, Way};
pub use overview::{
    CircleLine, PartnerLine, SightingLine, circles, find_circle, last_at, partners, sightings,
};
pub use page::{Entry, Page, Shape, is_current, page};
pub use preview::{Preview, PreviewLine};
pub use recalled::{
    Grace, ObeyedBy, RecallLine, RecallState, Recalled, overdue, overdue_count, own_recalls,
    recalled,
};
pub(crate) use recalled::{recall_at, recalls};
pub(crate) use receipts::places;
pub use receipts::{About, Given, GivenState, receipts};
pub use search::{Shown, search, show};
pub use since::place_at;
pub use who::{Told, who};
