//! What was refused only because this node followed an older member list: from where a partner's
//! outlet is read again once a newer list is followed. Nothing is kept of the records themselves.

use crate::apply::{Moment, Node};
use model::id::{CircleId, Epoch, NodeId};
use store::{Cursor, StoreError};

/// Refusals that a newer list of the record's circle may turn around.
pub(super) fn depends_on_list(code: &str) -> bool {
    matches!(code, "E-LINK-014" | "E-LINK-023")
}

impl Node {
    /// Remembers where to begin again; the earliest place counts.
    pub(super) fn missed(
        &self,
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        from: &Cursor,
    ) -> Result<(), StoreError> {
        // Only of circles that are followed here: a stranger's circles would fill the disk.
        if self.circles.by_id(circle).is_none() {
            return Ok(());
        }
        Self::remember(moment, &key(circle, &from.partner), from)
    }

    fn remember(moment: &mut Moment<'_, '_>, key: &str, from: &Cursor) -> Result<(), StoreError> {
        let known = moment.tx.reading().setting(key)?;
        let known = known.and_then(|bytes| read(from.partner, &bytes));
        if known.is_some_and(|known| known.epoch == from.epoch && known.next <= from.next) {
            return Ok(());
        }
        let bytes = [&from.epoch.as_bytes()[..], &from.next.to_be_bytes(), &from.frontier].concat();
        moment.tx.put_setting(key, &bytes)
    }

    /// Remembers where to begin again once the keys of a node change: they may prove what none does.
    pub(super) fn missed_of(
        &self,
        moment: &mut Moment<'_, '_>,
        signer: &NodeId,
        from: &Cursor,
    ) -> Result<(), StoreError> {
        Self::remember(moment, &key_of(signer, &from.partner), from)
    }

    /// Keys changed: what they may prove is read again.
    pub(crate) fn read_missed_of(
        moment: &mut Moment<'_, '_>,
        signer: &NodeId,
    ) -> Result<(), StoreError> {
        Self::read_from(moment, |partner| key_of(signer, partner))
    }

    /// A newer list is followed: what it may turn around is read again.
    pub(crate) fn read_missed(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
    ) -> Result<(), StoreError> {
        Self::read_from(moment, |partner| key(circle, partner))
    }

    fn read_from(
        moment: &mut Moment<'_, '_>,
        key: impl Fn(&NodeId) -> String,
    ) -> Result<(), StoreError> {
        for partner in moment.tx.reading().partners()? {
            let key = key(&partner.node);
            let reading = moment.tx.reading();
            let missed = reading.setting(&key)?.and_then(|bytes| read(partner.node, &bytes));
            let Some(missed) = missed else { continue };
            let cursor = reading.cursor(&partner.node)?;
            match cursor.filter(|now| now.epoch == missed.epoch) {
                Some(now) if now.next > missed.next => Self::put_back(moment, &now, &missed)?,
                // Refused in the very batch that brings the list: its end asks again.
                Some(_) => continue,
                None => {}
            }
            moment.tx.put_setting(&key, &[])?;
        }
        Ok(())
    }
}

fn key(circle: &CircleId, partner: &NodeId) -> String {
    format!("missed.{circle}.{partner}")
}

fn key_of(signer: &NodeId, partner: &NodeId) -> String {
    format!("missed-keys.{signer}.{partner}")
}

fn read(partner: NodeId, bytes: &[u8]) -> Option<Cursor> {
    let (epoch, rest) = bytes.split_at_checked(16)?;
    let (next, frontier) = rest.split_at_checked(8)?;
    let next = u64::from_be_bytes(next.try_into().ok()?);
    Some(Cursor { partner, epoch: Epoch::from_slice(epoch)?, next, frontier: frontier.to_vec() })
}
