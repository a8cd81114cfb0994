//! Who this node is: its key, its name, and the life of its numbering. Where the key lies is the
//! rim's business.

use model::id::{Epoch, NodeId};
use model::seal::{PublicKey, SigningKey};

/// This node's identity.
#[derive(Debug)]
pub struct Identity {
    /// The key that signs records, checkpoints and receipts, and that the link's TLS presents.
    pub key: SigningKey,
    /// The name that partners see.
    pub name: String,
    /// The life of this node's numbering.
    pub epoch: Epoch,
    /// Random and this node's own: keys fingerprints and the memory of what must not come back.
    pub local_key: [u8; 16],
}

impl Identity {
    /// The node's id.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.key.public().node()
    }

    /// The first key: what the id is made of, and what lists of members and invitations name.
    #[must_use]
    pub fn first(&self) -> PublicKey {
        self.key.first()
    }

    /// The public key that signs today.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }
}
