//! Keys that whoever verifies knows from elsewhere. It never takes one from what is being verified.

use crate::command::failure::Failure;
use model::id::NodeId;
use model::keys::{KeyChain, KeySet};
use model::seal::PublicKey;
use node::{Reading, StoreError};
use std::collections::BTreeMap;
use std::path::Path;

/// Pinned keys; none at all when no file was named.
#[derive(Debug, Default)]
pub(super) struct Pinned(Option<BTreeMap<NodeId, KeySet>>);

impl Pinned {
    /// Reads lines `NODE KEY`; what follows the key on a line, empty lines and lines that begin with
    /// `#` are for people.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = crate::command::check::read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut keys = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace();
            let node: Option<NodeId> = words.next().and_then(|word| word.parse().ok());
            let key: Option<PublicKey> = words.next().and_then(|word| word.parse().ok());
            let (Some(node), Some(key)) = (node, key) else {
                let shown = path.display();
                return Err(Failure::input(format!("{shown}, line {number}: not `NODE KEY`"))
                    .hint("32 hexadecimal digits of the node, a space, 64 of its key"));
            };
            if key.node() != node {
                let shown = path.display();
                let what = format!("{shown}, line {number}: this key is another node's");
                return Err(Failure::input(what).hint("a node's id is half of its key's SHA-256"));
            }
            keys.insert(node, KeySet::from(key));
        }
        Ok(Self(Some(keys)))
    }

    /// The keys to judge with: the pinned ones, else those that the proof claims, and what follows
    /// them by chains that prove themselves.
    pub(super) fn or_claimed(
        &self,
        claimed: &BTreeMap<NodeId, PublicKey>,
        chains: &[String],
    ) -> BTreeMap<NodeId, KeySet> {
        let claimed = || claimed.iter().map(|(node, key)| (*node, KeySet::from(key))).collect();
        let mut keys = self.0.clone().unwrap_or_else(claimed);
        chains.iter().for_each(|chain| follow(&mut keys, chain));
        keys
    }

    /// The only keys that count for a store, and what its own chains prove to follow them.
    pub(super) fn only_in(
        &self,
        reading: &Reading<'_>,
    ) -> Result<Option<BTreeMap<NodeId, KeySet>>, StoreError> {
        let Some(mut keys) = self.0.clone() else { return Ok(None) };
        let nodes: Vec<NodeId> = keys.keys().copied().collect();
        for node in nodes {
            if let Some(chain) = node::keys::said(reading, &node)? {
                follow(&mut keys, &chain);
            }
        }
        Ok(Some(keys))
    }

    /// What has to be said beside a result when no key was pinned.
    pub(super) fn remark(&self) -> Option<String> {
        let claimed = "the keys are those that the file names; pin them with --keys FILE";
        self.0.is_none().then(|| claimed.to_owned())
    }
}

/// Follows a chain from the first key that is known of its node; anything else is left alone.
pub(super) fn follow(keys: &mut BTreeMap<NodeId, KeySet>, chain: &str) {
    let Ok(chain) = KeyChain::read(chain) else { return };
    if let Some(known) = keys.get_mut(&chain.node())
        && known.number < chain.last().number
    {
        *known = chain.last().clone();
    }
}
