//! Keys that whoever verifies knows from elsewhere. It never takes one from what is being verified.

use crate::command::failure::Failure;
use model::id::NodeId;
use model::seal::PublicKey;
use std::collections::BTreeMap;
use std::path::Path;

/// Pinned keys; none at all when no file was named.
#[derive(Debug, Default)]
pub(super) struct Pinned(Option<BTreeMap<NodeId, PublicKey>>);

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
            keys.insert(node, key);
        }
        Ok(Self(Some(keys)))
    }

    /// The only keys that count; `None` when no file was named.
    pub(super) const fn only(&self) -> Option<&BTreeMap<NodeId, PublicKey>> {
        self.0.as_ref()
    }

    /// The keys to judge with: the pinned ones, else those that the proof claims.
    pub(super) fn or_claimed(
        &self,
        claimed: &BTreeMap<NodeId, PublicKey>,
    ) -> BTreeMap<NodeId, PublicKey> {
        self.0.as_ref().unwrap_or(claimed).clone()
    }

    /// What has to be said beside a result when no key was pinned.
    pub(super) fn remark(&self) -> Option<String> {
        let claimed = "the keys are those that the file names; pin them with --keys FILE";
        self.0.is_none().then(|| claimed.to_owned())
    }

    /// Whether this key counts for this node: any does where none was pinned.
    pub(super) fn allows(&self, node: &NodeId, key: &PublicKey) -> bool {
        self.0.as_ref().is_none_or(|keys| keys.get(node) == Some(key))
    }
}
