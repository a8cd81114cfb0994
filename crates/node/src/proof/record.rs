//! One record with its signature, for others to check. It decides by the reader's own eyes.

use crate::keys::{chain_of, own_keys};
use crate::link::keys;
use crate::release::Lens;
use model::id::{Digest, NodeId, ThingId};
use model::keys::KeySet;
use model::record::{self, Parts};
use model::seal::{PublicKey, sha256};
use std::collections::BTreeMap;
use store::{Reading, Row, StoreError};

/// One record as it was signed, for a reader who may have it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Header, body, salt and signature.
    pub parts: Parts,
    /// The signer's first key, where it is at hand.
    pub key: Option<PublicKey>,
    /// What the signer stated about its keys since, as a chain.
    pub chain: Option<String>,
}

impl Proof {
    /// SHA-256 over the sealed bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sha256(&[self.parts.head.as_bytes(), b"\n", &self.parts.body])
    }

    /// The salted leaf.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        record::leaf(&self.parts.salt, &self.parts.head, &self.parts.body)
    }
}

/// The records of a thing with their signatures, oldest first; only those that the reader may have.
///
/// # Errors
/// When the store cannot be read.
pub fn proofs(
    reading: &Reading<'_>,
    own: &PublicKey,
    lens: &Lens,
    thing: &ThingId,
) -> Result<Vec<(Row, Proof)>, StoreError> {
    let keys = first_keys(reading, own)?;
    let mut proofs = Vec::new();
    for seq in reading.by_thing(thing)? {
        let Some(row) = reading.row(seq)?.filter(|row| lens.sees(row)) else { continue };
        let Some(parts) = reading.parts(seq)? else { continue };
        let key = keys.get(&row.signer).copied();
        let chain = chain_of(reading, &row.signer)?;
        proofs.push((row, Proof { parts, key, chain }));
    }
    Ok(proofs)
}

/// Every key by which something in the log may be signed: ours, members', partners'.
pub(super) fn all_keys(
    reading: &Reading<'_>,
    own: &PublicKey,
) -> Result<BTreeMap<NodeId, KeySet>, StoreError> {
    let mut all = keys(reading)?;
    all.insert(own.node(), own_keys(reading, own)?);
    Ok(all)
}

/// The first key of every node that something in the log may be signed by.
pub(super) fn first_keys(
    reading: &Reading<'_>,
    own: &PublicKey,
) -> Result<BTreeMap<NodeId, PublicKey>, StoreError> {
    let all = all_keys(reading, own)?.into_iter();
    Ok(all.filter_map(|(node, keys)| Some((node, *keys.first()?))).collect())
}
