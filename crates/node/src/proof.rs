//! Proving what is held: one record with its signature for others to check, and every entry of the
//! log against its leaf and its signer's key. It repairs nothing and changes nothing.

use crate::link::keys;
use crate::release::Lens;
use model::id::{Digest, NodeId, ThingId};
use model::record::{self, Parts, VerifyError};
use model::seal::{PublicKey, sha256};
use std::collections::BTreeMap;
use store::{Checked, Reading, Row, Seq, StoreError};

/// One record as it was signed, for a reader who may have it.
#[derive(Debug)]
pub struct Proof {
    /// Header, body, salt and signature.
    pub parts: Parts,
    /// The signer's key, where it is at hand.
    pub key: Option<PublicKey>,
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
    let keys = all_keys(reading, own)?;
    let mut proofs = Vec::new();
    for seq in reading.by_thing(thing)? {
        let Some(row) = reading.row(seq)?.filter(|row| lens.sees(row)) else { continue };
        let Some(parts) = reading.parts(seq)? else { continue };
        let key = keys.get(&row.signer).copied();
        proofs.push((row, Proof { parts, key }));
    }
    Ok(proofs)
}

/// Every key by which something in the log may be signed: ours, members', partners'.
fn all_keys(
    reading: &Reading<'_>,
    own: &PublicKey,
) -> Result<BTreeMap<NodeId, PublicKey>, StoreError> {
    let mut all = keys(reading)?;
    all.insert(own.node(), *own);
    Ok(all)
}

/// What is wrong with one entry.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The stored bytes give another leaf than the one that was numbered.
    #[error("the leaf does not fit the stored bytes")]
    Leaf,
    /// The body cannot be unpacked.
    #[error("the body cannot be unpacked")]
    Unreadable,
    /// No key of the signer is at hand: neither ours, nor a member's, nor a partner's.
    #[error("the signer's key is not at hand")]
    NoKey,
    /// Form, bounds or signature do not hold.
    #[error("{0}")]
    Signature(VerifyError),
}

/// A place in the log where something is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The place.
    pub seq: Seq,
    /// What it is about.
    pub thing: ThingId,
    /// What is wrong.
    pub fault: Fault,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walked {
    /// Entries.
    pub entries: u64,
    /// Stubs of erased entries among them: nothing is left to compare.
    pub erased: u64,
}

/// Entries looked at between two looks for a newer end of the log.
const STEP: usize = 1_000;

/// Walks the log, computes each leaf anew and checks each signature.
///
/// # Errors
/// When the store cannot be read; what is wrong with an entry is told to `each`.
pub fn verify(
    reading: &Reading<'_>,
    own: &PublicKey,
    each: &mut dyn FnMut(&Finding),
) -> Result<Walked, StoreError> {
    let keys = all_keys(reading, own)?;
    let mut walked = Walked::default();
    let mut after = 0;
    loop {
        let last = reading.check(after, STEP, &mut |entry| {
            walked.entries += 1;
            walked.erased += u64::from(entry.row.erased);
            let (seq, thing) = (entry.seq, entry.row.thing.clone());
            if let Some(fault) = fault(entry, &keys) {
                each(&Finding { seq, thing, fault });
            }
        })?;
        if last == after {
            return Ok(walked);
        }
        after = last;
    }
}

fn fault(entry: Checked, keys: &BTreeMap<NodeId, PublicKey>) -> Option<Fault> {
    let Checked { row, leaf_ok, parts, .. } = entry;
    let Some(parts) = parts else {
        return (!row.erased).then_some(Fault::Unreadable);
    };
    if !leaf_ok {
        return Some(Fault::Leaf);
    }
    match keys.get(&row.signer) {
        None => Some(Fault::NoKey),
        Some(key) => parts.verify(key).err().map(Fault::Signature),
    }
}
