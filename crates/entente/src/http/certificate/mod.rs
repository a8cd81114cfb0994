//! The operator's certificate for HTTP: read, offered, renewed while the node runs, and looked at
//! for its end. It issues nothing and trusts nobody.

mod offer;
mod pinned;
mod validity;

pub(crate) use offer::{Certificate, keep_fresh};
pub(crate) use pinned::pinned;
pub(crate) use validity::valid_until;
