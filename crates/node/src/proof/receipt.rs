//! The proof that a partner was given a record: the entry's leaf, its path to the root of a
//! checkpoint, and the partner's receipt over that checkpoint. Judged with keys alone.

use super::record::Proof;
use crate::identity::Identity;
use crate::link::{Receipt, frontier_at, origin};
use model::id::{Digest, Epoch, NodeId};
use model::keys::KeySet;
use model::note::Checkpoint;
use model::record::VerifyError;
use model::seal::PublicKey;
use model::time::Instant;
use model::tree::{PathBuilder, included};
use std::collections::BTreeMap;
use store::{Reading, StoreError};

/// One entry of an outlet with all that proves who was given it.
#[derive(Clone, Debug)]
pub struct ReceiptProof {
    /// `entente/SENDER/RECEIVER/EPOCH`.
    pub origin: String,
    /// The entry's number.
    pub number: u64,
    /// Entries under the checkpoint.
    pub size: u64,
    /// The entry's salted leaf.
    pub leaf: Digest,
    /// From the leaf to the root, lowest first (RFC 6962 §2.1.1).
    pub path: Vec<Digest>,
    /// The checkpoint as the sender signs it.
    pub checkpoint: String,
    /// The receiver's receipt over it.
    pub receipt: Receipt,
    /// The record itself, while the sender still has it.
    pub record: Option<Proof>,
    /// The keys that it names; worth nothing unless whoever judges knows them from elsewhere.
    pub keys: BTreeMap<NodeId, PublicKey>,
    /// What these nodes stated about their keys since, as chains; each proves itself.
    pub chains: Vec<String>,
}

/// Makes the proof for an entry of a partner's outlet; `None` when there is no such entry, or no
/// receipt covers it yet.
///
/// # Errors
/// When the store cannot be read.
pub fn receipt_proof(
    reading: &Reading<'_>,
    me: &Identity,
    (outlet, number): (i64, u64),
) -> Result<Option<ReceiptProof>, StoreError> {
    let outlets = reading.outlets()?;
    let Some(outlet) = outlets.into_iter().find(|known| known.id == outlet) else {
        return Ok(None);
    };
    let Some(node) = crate::outlet::link_of(&outlet.key) else { return Ok(None) };
    let Some(partner) = reading.partner(&node)? else { return Ok(None) };
    let Some(held) = reading.held_receipt_over(outlet.id, number)? else { return Ok(None) };
    let damaged =
        || StoreError::Damaged { what: format!("the receipt over {} entries", held.size) };
    let receipt = Receipt::read(&held.text).ok_or_else(damaged)?;
    let Some(before) = frontier_at(reading, outlet.id, number)? else { return Ok(None) };
    let (mut builder, mut seq, mut next) = (None::<PathBuilder>, 0, number);
    let mut leaf = Digest::new([0; 32]);
    while next < held.size {
        let segments = reading.segments(outlet.id, next, 1)?;
        let Some(segment) = segments.into_iter().next() else { return Ok(None) };
        let wanted = (segment.first..held.size).zip(segment.runs.iter());
        let wanted: Vec<_> = wanted.filter(|(offset, _)| *offset >= next).collect();
        let leaves = reading.leaves(&wanted.iter().map(|(_, seq)| *seq).collect())?;
        for ((_, place), data) in wanted.iter().zip(leaves) {
            match &mut builder {
                Some(builder) => builder.push(data.as_bytes()),
                None => {
                    builder = Some(PathBuilder::new(&before, data.as_bytes()));
                    (seq, leaf) = (*place, data);
                }
            }
        }
        next = segment.first + u64::from(segment.count);
    }
    let Some((path, size, root)) = builder.map(PathBuilder::finish) else { return Ok(None) };
    let origin = origin(&me.node(), &node, &outlet.epoch);
    let checkpoint = Checkpoint { origin: origin.clone(), size, root };
    let mut keys = BTreeMap::from([(me.node(), me.first()), (node, partner.key)]);
    let signer = reading.row(seq)?.map(|row| row.signer);
    let key = signer.and_then(|signer| {
        let known = super::record::first_keys(reading, &me.public()).ok()?;
        known.get(&signer).copied()
    });
    keys.extend(key.map(|key| (key.node(), key)));
    let mut chains = Vec::new();
    for node in keys.keys() {
        chains.extend(crate::keys::chain_of(reading, node)?);
    }
    let record = reading.parts(seq)?.map(|parts| Proof { parts, key, chain: None });
    Ok(Some(ReceiptProof {
        origin,
        number,
        size,
        leaf,
        path,
        checkpoint: checkpoint.sign(&me.name, &me.key),
        receipt,
        record,
        keys,
        chains,
    }))
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReceiptFault {
    /// Nobody vouches for a key of this node.
    #[error("E-VERIFY-002: no key of node {0} is pinned")]
    Unpinned(NodeId),
    /// The parts speak of different outlets.
    #[error("E-VERIFY-003: the checkpoint or the receipt belongs to another outlet")]
    Origin,
    /// The path does not lead from the leaf to the root.
    #[error("E-VERIFY-004: the path does not lead from the entry to the checkpoint's root")]
    Path,
    /// The sender did not sign the checkpoint, or the receiver did not cosign it.
    #[error("E-VERIFY-005: {0} did not sign this checkpoint")]
    Cosignature(NodeId),
    /// The receiver did not sign these results.
    #[error("E-VERIFY-006: the results are not signed by {0}")]
    Results(NodeId),
    /// The record beside it is another.
    #[error("E-VERIFY-008: the record in the file is not the one that was given: {0}")]
    Record(String),
}

/// What a sound proof says.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Who gave.
    pub sender: NodeId,
    /// Who was given, and said so.
    pub receiver: NodeId,
    /// When the receiver signed, by its own clock.
    pub at: Instant,
    /// Why the receiver refused it; `None` when it applied it.
    pub refused: Option<String>,
}

impl ReceiptProof {
    /// Judges a proof with these keys alone; those that it carries count for nothing.
    ///
    /// # Errors
    /// What does not hold.
    pub fn judge(&self, keys: &BTreeMap<NodeId, KeySet>) -> Result<Judged, ReceiptFault> {
        let (sender, receiver) = parties(&self.origin).ok_or(ReceiptFault::Origin)?;
        let key = |node: NodeId| keys.get(&node).ok_or(ReceiptFault::Unpinned(node));
        let (senders, receivers) = (key(sender)?, key(receiver)?);
        let ours = Checkpoint::verify_any(&self.checkpoint, senders.trusted())
            .map_err(|_| ReceiptFault::Cosignature(sender))?;
        let signed = receivers.trusted();
        let (theirs, at) = Checkpoint::verify_cosigned_any(&self.receipt.checkpoint, signed)
            .map_err(|_| ReceiptFault::Cosignature(receiver))?;
        if !receivers.trusted().any(|key| self.receipt.is_signed_by(key)) {
            return Err(ReceiptFault::Results(receiver));
        }
        if ours != theirs || ours.origin != self.origin || ours.size != self.size {
            return Err(ReceiptFault::Origin);
        }
        let leaf = self.leaf.as_bytes();
        if !included(leaf, self.number, self.size, &self.path, &ours.root) {
            return Err(ReceiptFault::Path);
        }
        if let Some(record) = &self.record {
            self.judge_record(record, keys, at)?;
        }
        let refused = self.receipt.refused.iter().find(|entry| entry.o == self.number);
        let refused = refused.map(|entry| entry.reason.clone());
        Ok(Judged { sender, receiver, at, refused })
    }

    fn judge_record(
        &self,
        record: &Proof,
        keys: &BTreeMap<NodeId, KeySet>,
        given: Instant,
    ) -> Result<(), ReceiptFault> {
        if record.leaf() != self.leaf {
            return Err(ReceiptFault::Record("its leaf is another".to_owned()));
        }
        let unproven = |error: &dyn std::fmt::Display| ReceiptFault::Record(error.to_string());
        let header = model::record::Header::read(&record.parts.head).map_err(|e| unproven(&e))?;
        let keys = keys.get(&header.signer).ok_or(ReceiptFault::Unpinned(header.signer))?;
        match record.parts.clone().verify_by(keys) {
            Ok(_) => Ok(()),
            // The receiver had it, and says so under its own key, before the signer's was revoked.
            Err(VerifyError::Revoked) if keys.revoked.iter().all(|one| given < one.at) => Ok(()),
            Err(error) => Err(unproven(&error)),
        }
    }
}

/// Sender and receiver of an outlet of this name.
pub(super) fn parties(origin: &str) -> Option<(NodeId, NodeId)> {
    let mut parts = origin.split('/');
    if parts.next() != Some("entente") {
        return None;
    }
    let (sender, receiver) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let _epoch: Epoch = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((sender, receiver))
}
