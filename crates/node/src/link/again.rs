//! Reading a partner's outlet a second time: what was proven of it before must be proven again, for
//! one life of a numbering has one history. Only a new epoch may tell another.
//!
//! It puts cursors back and judges; what the entries say is judged in `arrive`.

use super::receive::Line;
use super::wire::{Hello, Receipt};
use crate::apply::{Moment, Node};
use crate::effect::Effect;
use formats::problem::Problem;
use model::id::{Digest, Epoch, NodeId};
use model::time::Instant;
use model::tree::Frontier;
use std::collections::BTreeMap;
use store::{Cursor, Reading, StoreError};

impl Node {
    /// Begins to read a partner's outlet again from an earlier place of the same life, and remembers
    /// how far it was proven.
    pub(crate) fn put_back(
        moment: &mut Moment<'_, '_>,
        from: &Cursor,
        to: &Cursor,
    ) -> Result<(), StoreError> {
        let key = key(&from.partner);
        let known = moment.tx.reading().setting(&key)?.and_then(|bytes| Proven::read(&bytes));
        // A second time, before the first was read to its end: the farther place counts.
        if known.is_none_or(|known| known.epoch != from.epoch || known.size < from.next) {
            let root = Frontier::decode(&from.frontier).unwrap_or_default().root();
            let proven = Proven { epoch: from.epoch, size: from.next, root };
            moment.tx.put_setting(&key, &proven.write())?;
        }
        moment.tx.put_cursor(to)
    }

    /// The tree after these entries; `None` when it has not the roots that were proven before.
    pub(super) fn grown(
        moment: &Moment<'_, '_>,
        cursor: &Cursor,
        lines: &[Line],
    ) -> Result<Option<Frontier>, StoreError> {
        let mut frontier = Frontier::decode(&cursor.frontier).unwrap_or_default();
        let upto = cursor.next.saturating_add(lines.len() as u64);
        let proven = Self::proven_before(moment, cursor, upto)?;
        for line in lines {
            frontier.push(line.leaf.as_bytes());
            if proven.get(&frontier.size()).is_some_and(|root| *root != frontier.root()) {
                return Ok(None);
            }
        }
        Ok(Some(frontier))
    }

    /// The roots that were proven beyond a cursor that was put back, by the number of entries that
    /// they are over; none for a cursor that stands where it was last.
    fn proven_before(
        moment: &Moment<'_, '_>,
        cursor: &Cursor,
        upto: u64,
    ) -> Result<BTreeMap<u64, Digest>, StoreError> {
        let reading = moment.tx.reading();
        let proven = reading.setting(&key(&cursor.partner))?;
        let proven = proven.and_then(|bytes| Proven::read(&bytes));
        let ahead = |p: &Proven| p.epoch == cursor.epoch && p.size > cursor.next;
        let Some(proven) = proven.filter(ahead) else { return Ok(BTreeMap::new()) };
        let mut roots = BTreeMap::from([(proven.size, proven.root)]);
        let whose = (&cursor.partner, &cursor.epoch);
        for given in reading.given_receipts(whose, cursor.next, upto)? {
            let root = Receipt::read(&given.text).and_then(|receipt| receipt.root());
            roots.extend(root.map(|root| (given.first + u64::from(given.count), root)));
        }
        Ok(roots)
    }

    /// A partner's numbering began a new life: it was restored from a backup. People must know.
    pub(super) fn began_anew(
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
    ) -> Result<(), StoreError> {
        let at = moment.now.micros().to_be_bytes();
        moment.tx.put_setting(&restored_key(partner), &at)?;
        moment.effects.push(Effect::Restored(*partner));
        Ok(())
    }
}

/// When this node last saw a partner's numbering begin a new life; `None` when it never did.
///
/// # Errors
/// When the store cannot be read.
pub fn restored(reading: &Reading<'_>, partner: &NodeId) -> Result<Option<Instant>, StoreError> {
    let bytes = reading.setting(&restored_key(partner))?;
    let micros = bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
    Ok(micros.map(Instant::from_micros))
}

/// What is wrong with a partner that now numbers less for us than we had read of this very life
/// before it said so: its folder was put back to an older state, and it does not know.
#[must_use]
pub fn rolled_back(read: Option<(Epoch, u64)>, hello: &Hello) -> Option<Problem> {
    let (_, next) = read.filter(|(epoch, next)| *epoch == hello.epoch && *next > hello.size)?;
    let message = format!(
        "the partner was put back to an older state: {next} entries were read, it knows of {}",
        hello.size
    );
    let hint = "it must restore a backup with `entente restore`, which begins a new numbering";
    Some(Problem::error("E-LINK-038", message).hint(hint))
}

/// How far a life of a partner's numbering was proven.
struct Proven {
    epoch: Epoch,
    size: u64,
    root: Digest,
}

impl Proven {
    fn write(&self) -> Vec<u8> {
        let size = self.size.to_be_bytes();
        [&self.epoch.as_bytes()[..], &size, self.root.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (epoch, rest) = bytes.split_at_checked(16)?;
        let (size, root) = rest.split_at_checked(8)?;
        let size = u64::from_be_bytes(size.try_into().ok()?);
        Some(Self { epoch: Epoch::from_slice(epoch)?, size, root: Digest::from_slice(root)? })
    }
}

fn key(partner: &NodeId) -> String {
    format!("proven.{partner}")
}

fn restored_key(partner: &NodeId) -> String {
    format!("restored.{partner}")
}
