//! The reader's side of a node: pages, objects, search, who. Every answer is made with one lens
//! over one snapshot, so that counts, orders and absences are those of that reader's world.

mod overview;
mod page;
mod recalled;
mod search;
mod since;
mod versions;
mod who;

pub use overview::{
    CircleLine, PartnerLine, SightingLine, circles, find_circle, last_at, partners, sightings,
};
pub use page::{Entry, Page, Shape, is_current, page};
pub(crate) use recalled::recalls;
pub use recalled::{RecallState, Recalled, recalled};
pub use search::{Shown, search, show};
pub use since::place_at;
pub use who::{Told, who};
