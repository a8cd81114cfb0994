//! Proving what is held: one record with its signature for others to check, and every entry of the
//! log against its leaf and its signer's key. It repairs nothing and changes nothing.

use crate::link::keys;
use crate::rebuild::facts_of;
use crate::release::Lens;
use model::id::{Digest, NodeId, ThingId};
use model::record::{self, Parts, VerifyError};
use model::seal::{PublicKey, sha256};
use std::collections::BTreeMap;
use store::{Checked, Damage, EntryFault, Inspection, Reading, Row, Seq, StoreError};

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
    /// It is not what was written.
    #[error("{0}")]
    Stored(EntryFault),
    /// No key of the signer is at hand: neither ours, nor a member's, nor a partner's.
    #[error("the signer's key is not at hand")]
    NoKey,
    /// Form, bounds or signature do not hold.
    #[error("{0}")]
    Signature(VerifyError),
    /// It was made here, and this node's key did not sign it.
    #[error("it was made here, but the node's key is another than its signer's")]
    OtherKey,
}

/// A place in the log where something is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The place.
    pub seq: Seq,
    /// What it is about; `None` when it cannot be read.
    pub thing: Option<ThingId>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is told while the log is walked.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something is wrong with an entry.
    Found(Finding),
    /// Up to and with this place everything was looked at.
    Reached(Seq),
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walked {
    /// Entries.
    pub entries: u64,
    /// Stubs of erased entries among them: nothing is left to compare.
    pub erased: u64,
}

/// Entries that are in memory at once.
const AT_ONCE: usize = 1_000;

/// Walks the log up to and with `head`, computes each leaf anew and checks each signature, on so
/// many threads.
///
/// # Errors
/// When the store cannot be read; what is wrong with an entry is told to `each`.
pub fn verify(
    reading: &Reading<'_>,
    own: &PublicKey,
    (head, threads): (Seq, usize),
    each: &mut dyn FnMut(Step),
) -> Result<Walked, StoreError> {
    let keys = all_keys(reading, own)?;
    let mut walked = Walked::default();
    let mut entries = Vec::with_capacity(AT_ONCE);
    let mut after = 0;
    while after < head {
        after = reading.check((after, head), AT_ONCE, &mut |entry| entries.push(entry))?;
        walked.entries += entries.len() as u64;
        let erased = |entry: &&Checked| entry.row.as_ref().is_some_and(|row| row.erased);
        walked.erased += entries.iter().filter(erased).count() as u64;
        let share = entries.len().div_ceil(threads.max(1)).max(1);
        let keys = &keys;
        let found: Vec<Finding> = std::thread::scope(|scope| {
            let parts = entries.chunks(share);
            let judges: Vec<_> = parts
                .map(|part| {
                    scope.spawn(move || {
                        let judged = part.iter().map(|entry| (entry, fault(entry, own, keys)));
                        judged.filter_map(finding).collect::<Vec<_>>()
                    })
                })
                .collect();
            judges.into_iter().flat_map(|judge| judge.join().unwrap_or_default()).collect()
        });
        found.into_iter().for_each(|finding| each(Step::Found(finding)));
        each(Step::Reached(after));
        entries.clear();
    }
    Ok(walked)
}

fn finding((entry, fault): (&Checked, Option<Fault>)) -> Option<Finding> {
    let thing = entry.row.as_ref().filter(|row| !row.erased).map(|row| row.thing.clone());
    fault.map(|fault| Finding { seq: entry.seq, thing, fault })
}

fn fault(entry: &Checked, own: &PublicKey, keys: &BTreeMap<NodeId, PublicKey>) -> Option<Fault> {
    if let Some(fault) = entry.leaf() {
        return Some(Fault::Stored(fault));
    }
    let row = entry.row.as_ref()?;
    if row.via.is_none() && row.signer != own.node() {
        return Some(Fault::OtherKey);
    }
    let parts = entry.parts.as_ref()?;
    match keys.get(&row.signer) {
        None => Some(Fault::NoKey),
        Some(key) => parts.clone().verify(key).err().map(Fault::Signature),
    }
}

/// Everything that is stored and can be compared with something else: header and schema, pages,
/// state, outlets, and each view with the log. What concerns single entries is [`verify`]'s.
///
/// # Errors
/// When the store cannot be read; what is damaged is told to `each`.
pub fn inspect(inspection: &Inspection, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
    inspection.pages(each)?;
    inspection.state(each)?;
    inspection.outlets(each)?;
    inspection.views(&mut facts_of, each)
}
