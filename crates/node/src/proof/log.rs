//! Every entry of the log against its leaf and its signer's key, and everything else that is stored
//! against what it follows from. It repairs nothing and changes nothing.

use super::record::all_keys;
use crate::rebuild::facts_of;
use model::id::{NodeId, ThingId};
use model::keys::KeySet;
use model::record::VerifyError;
use model::seal::PublicKey;
use std::collections::BTreeMap;
use store::{Checked, Damage, EntryFault, Inspection, Reading, Seq, StoreError};

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

/// How a log is walked.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'k> {
    /// Up to and with this place.
    pub head: Seq,
    /// On so many threads.
    pub threads: usize,
    /// Whether each signature is checked, too; leaves always are.
    pub signatures: bool,
    /// The only keys that count; where there are none, those that the store knows.
    pub pinned: Option<&'k BTreeMap<NodeId, KeySet>>,
}

/// Walks the log, computes each leaf anew and checks each signature where that is wanted.
///
/// # Errors
/// When the store cannot be read; what is wrong with an entry is told to `each`.
pub fn verify(
    reading: &Reading<'_>,
    own: &PublicKey,
    walk: Walk<'_>,
    each: &mut dyn FnMut(Step),
) -> Result<Walked, StoreError> {
    let Walk { head, threads, signatures, pinned } = walk;
    let known =
        if signatures && pinned.is_none() { all_keys(reading, own)? } else { BTreeMap::new() };
    let keys = signatures.then_some(pinned.unwrap_or(&known));
    let mut walked = Walked::default();
    let mut entries = Vec::with_capacity(AT_ONCE);
    let mut after = 0;
    while after < head {
        after = reading.check((after, head), AT_ONCE, &mut |entry| entries.push(entry))?;
        walked.entries += entries.len() as u64;
        let erased = |entry: &&Checked| entry.row.as_ref().is_some_and(|row| row.erased);
        walked.erased += entries.iter().filter(erased).count() as u64;
        let share = entries.len().div_ceil(threads.max(1)).max(1);
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

fn fault(
    entry: &Checked,
    own: &PublicKey,
    keys: Option<&BTreeMap<NodeId, KeySet>>,
) -> Option<Fault> {
    if let Some(fault) = entry.leaf() {
        return Some(Fault::Stored(fault));
    }
    let row = entry.row.as_ref()?;
    if row.via.is_none() && row.signer != own.node() {
        return Some(Fault::OtherKey);
    }
    let parts = entry.parts.as_ref()?;
    match keys?.get(&row.signer) {
        None => Some(Fault::NoKey),
        Some(keys) => parts.clone().verify_held(keys).err().map(Fault::Signature),
    }
}

/// Everything that is stored and can be compared with something else: header and schema, pages,
/// state, outlets, and each view with the log. What concerns single entries is
/// [`verify`]'s, and what was signed about outlets [`super::receipts`]'.
///
/// # Errors
/// When the store cannot be read; what is damaged is told to `each`.
pub fn inspect(inspection: &Inspection, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
    inspection.pages(each)?;
    inspection.state(each)?;
    inspection.outlets(each)?;
    inspection.views(&mut facts_of, each)
}
