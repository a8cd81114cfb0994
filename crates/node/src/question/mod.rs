//! Questions among partners: "did you see this?", and the answer. Both are records to one node, so
//! that circle, card, policy, receipts and bundles hold for them; who is told how much, its card says.
//! Nothing here looks at what was seen: the rim does, and hands in what it found.

mod admit;
mod answer;
mod ask;
mod told;

pub(crate) use answer::is_silenced;
pub use answer::{Answering, Due, Found, askable, due, unanswered};
pub use ask::Asking;
pub use told::{Asked, AskedHere, Heard, asked, asked_here};

/// The version of every question and answer: there is no other.
const VERSION: &str = "1";
