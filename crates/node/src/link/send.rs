//! What goes out: hello, and batches derived from an outlet's segments. Numbering happened before,
//! in the writer; here rows are opened, each through release.

use super::wire::{DOES, Have, Hello, Receipt, VERSIONS, checkpoint_line};
use crate::identity::Identity;
use crate::keys::own_keys;
use crate::outlet::link_key;
use crate::release::{Lens, Released};
use crate::returns::ALL;
use model::id::{Epoch, NodeId};
use model::keys::KeySet;
use model::limits::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, BATCH_RECORDS_SENT, LINK_AHEAD_MAX};
use model::note::Checkpoint;
use model::tree::Frontier;
use store::{Reading, StoreError};

/// The name of an outlet's checkpoints: who keeps it, for whom, in which life of its numbering.
#[must_use]
pub fn origin(sender: &NodeId, receiver: &NodeId, epoch: &Epoch) -> String {
    format!("entente/{sender}/{receiver}/{epoch}")
}

/// How this node presents itself to a partner.
///
/// # Errors
/// When the store cannot be read.
pub fn hello(me: &Identity, reading: &Reading<'_>, partner: &NodeId) -> Result<Hello, StoreError> {
    let outlet = reading.outlet(&link_key(partner))?;
    let receipted = match &outlet {
        Some(outlet) => reading.held_receipts(outlet.id, 1)?.first().map_or(0, |held| held.size),
        None => 0,
    };
    let (epoch, size) = outlet.map_or((me.epoch, 0), |outlet| (outlet.epoch, outlet.next));
    let (key, name) = (me.public(), me.name.clone());
    let have = have(reading, partner)?;
    let (versions, does) = (VERSIONS.to_owned(), DOES.to_owned());
    let hpke = Some(me.key.sealing());
    let credit = LINK_AHEAD_MAX;
    let wanted = crate::returns::progress(reading, &me.epoch, partner)?;
    let wanted = wanted.filter(|progress| !progress.done);
    let returns = wanted.map(|progress| progress.next.unwrap_or_else(|| ALL.to_owned()));
    let number = |node: &NodeId| crate::keys::number(reading, node);
    let (keys, knows) = (number(&me.node())?, number(partner)?);
    Ok(Hello {
        key,
        name,
        epoch,
        size,
        receipted,
        have,
        versions,
        credit,
        hpke,
        does,
        returns,
        keys,
        knows,
        chain: None,
    })
}

/// How far this node has read the outlet that a partner keeps for it.
///
/// # Errors
/// When the store cannot be read.
pub fn have(reading: &Reading<'_>, partner: &NodeId) -> Result<Option<Have>, StoreError> {
    let cursor = reading.cursor(partner)?;
    Ok(cursor.map(|cursor| Have { epoch: cursor.epoch, next: cursor.next }))
}

/// The receipts that this node gave for the partner's batches from `from` on, oldest first, at most
/// [`BATCH_RECORDS_MAX`]: what a partner is owed whose hello says that it holds them up to there.
///
/// # Errors
/// When the store cannot be read.
pub fn owed_receipts(
    me: &Identity,
    reading: &Reading<'_>,
    partner: &NodeId,
    epoch: &Epoch,
    from: u64,
) -> Result<Vec<Receipt>, StoreError> {
    let (mut receipts, mut first) = (Vec::new(), from);
    let keys = own_keys(reading, &me.public())?;
    while receipts.len() < BATCH_RECORDS_MAX {
        let Some(given) = reading.given_receipt(partner, epoch, first)? else { break };
        first += u64::from(given.count);
        receipts.extend(Receipt::read(&given.text).map(|receipt| standing(receipt, me, &keys)));
    }
    Ok(receipts)
}

/// A receipt that was given before, under a key that counts: what one signed that was revoked since is
/// said again, word for word, by the present one. Else its partner could never be receipted further.
pub(super) fn standing(receipt: Receipt, me: &Identity, keys: &KeySet) -> Receipt {
    if keys.revoked.is_empty() || keys.trusted().any(|key| receipt.is_signed_by(key)) {
        return receipt;
    }
    match Checkpoint::verify_cosigned_any(&receipt.checkpoint, keys.ever()) {
        Ok((checkpoint, at)) => {
            let cosigned = checkpoint.cosign(&me.name, &me.key, at);
            Receipt::sign(cosigned, receipt.refused, &me.key)
        }
        Err(_) => receipt,
    }
}

/// A batch for one partner: released lines, then the signed checkpoint.
#[derive(Debug)]
pub struct Batch {
    lines: Vec<Released>,
    checkpoint: Vec<u8>,
    /// The number after the last entry.
    pub next: u64,
}

impl Batch {
    /// The batch's bytes: NDJSON, the checkpoint last.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let size: usize = self.lines.iter().map(|line| line.bytes().len() + 1).sum();
        let mut bytes = Vec::with_capacity(size + self.checkpoint.len() + 1);
        for line in self.lines.iter().map(Released::bytes).chain([self.checkpoint.as_slice()]) {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The entries of the partner's outlet from `after` on, at most one batch; empty when there are
/// none. `lens` must be the partner's.
///
/// # Errors
/// When the store cannot be read.
pub fn batch(
    me: &Identity,
    reading: &Reading<'_>,
    lens: &Lens,
    after: u64,
) -> Result<Batch, StoreError> {
    let mut batch = Batch { lines: Vec::new(), checkpoint: Vec::new(), next: after };
    let Some(outlet) = reading.outlet(&link_key(&lens.reader.node))? else { return Ok(batch) };
    let Some(mut frontier) = frontier_at(reading, outlet.id, after)? else { return Ok(batch) };
    let mut bytes = 0;
    let some_withdrawn = reading.has_withdrawn(outlet.id)?;
    'fill: for segment in reading.segments(outlet.id, after, SEGMENTS)? {
        for (offset, seq) in (segment.first..).zip(segment.runs.iter()) {
            if offset < after {
                continue;
            }
            if batch.lines.len() >= BATCH_RECORDS_SENT || bytes >= BATCH_BYTES_MAX {
                break 'fill;
            }
            // What this number stood for was taken back, also when it has another one by now.
            let withdrawn = some_withdrawn && reading.is_withdrawn(outlet.id, offset)?;
            let (line, leaf) = if withdrawn {
                lens.bare(reading, offset, seq)?
            } else {
                lens.line(reading, offset, seq)?
            };
            bytes += line.bytes().len();
            batch.lines.push(line);
            batch.next = offset + 1;
            frontier.push(leaf.as_bytes());
        }
    }
    if !batch.lines.is_empty() {
        let origin = origin(&me.node(), &lens.reader.node, &outlet.epoch);
        let head = Checkpoint { origin, size: batch.next, root: frontier.root() };
        batch.checkpoint = checkpoint_line(&head.sign(&me.name, &me.key));
    }
    Ok(batch)
}

/// Segments that one batch may span: after a backfill one is enough, of single entries many.
const SEGMENTS: usize = 64;

/// The tree over the first `size` entries of an outlet; `None` when it never had that many.
pub(crate) fn frontier_at(
    reading: &Reading<'_>,
    outlet: i64,
    size: u64,
) -> Result<Option<Frontier>, StoreError> {
    if size == 0 {
        return Ok(Some(Frontier::default()));
    }
    let segments = reading.segments(outlet, size - 1, 1)?;
    let Some(segment) = segments.into_iter().next() else { return Ok(None) };
    let end = segment.first + u64::from(segment.count);
    if end == size {
        return Ok(Frontier::decode(&segment.frontier));
    }
    let Some(mut frontier) = frontier_at(reading, outlet, segment.first)? else { return Ok(None) };
    let entries = (segment.first..size).zip(segment.runs.iter());
    for leaf in reading.leaves(&entries.map(|(_, seq)| seq).collect())? {
        frontier.push(leaf.as_bytes());
    }
    Ok((frontier.size() == size).then_some(frontier))
}
