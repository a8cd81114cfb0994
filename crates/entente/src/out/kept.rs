//! The matches of a node, at home. It shows them to nobody.

use crate::config::Folder;
use crate::matching::Matches;
use crate::settings::MatchesKept;
use model::id::Digest;
use node::Seq;

/// The journal of matches; it keeps nothing yet.
#[derive(Debug, Default)]
pub(crate) struct Kept;

impl Kept {
    /// The folder that the node lives in is known; the node is about to serve.
    pub(crate) const fn open(&self, _folder: &Folder, _key: [u8; 16], _settings: &MatchesKept) {}

    /// Keeps what a delivery found; `delivery` names it where it may come again.
    pub(crate) const fn keep(&self, _matches: &Matches, _delivery: Option<&Digest>) {}

    /// Forgets the matches of an indicator that is gone.
    pub(crate) const fn forget(&self, _seq: Seq) {}
}
