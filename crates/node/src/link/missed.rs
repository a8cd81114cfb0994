//! What was refused only because of what this node knew or wanted then: an older member list, older
//! keys, a stricter card, no word yet that RED is RED no more. From where a partner's outlet is read
//! again once that changed. Nothing is kept of the records themselves.

use crate::apply::{Moment, Node};
use model::id::{CircleId, Epoch, NodeId};
use store::{Cursor, StoreError};

/// Refusals that a newer list of the record's circle may turn around.
pub(super) fn depends_on_list(code: &str) -> bool {
    matches!(code, "E-LINK-014" | "E-LINK-023")
}

/// Refusals that a card or a policy which takes more may turn around.
pub(super) fn depends_on_bounds(code: &str) -> bool {
    matches!(code, "E-LINK-024" | "E-LINK-041" | "E-QUOTA-002")
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

    /// Remembers where to begin again once a signer says that a record of its own is RED no more.
    pub(super) fn missed_red(
        &self,
        moment: &mut Moment<'_, '_>,
        signer: &NodeId,
        from: &Cursor,
    ) -> Result<(), StoreError> {
        // Only of members: strangers would fill the disk.
        if self.circles.key_of(signer).is_none() {
            return Ok(());
        }
        Self::remember(moment, &key_red(signer, &from.partner), from)
    }

    /// Remembers where to begin again once the ceiling of a circle that is followed is raised.
    pub(super) fn missed_above(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        from: &Cursor,
    ) -> Result<(), StoreError> {
        Self::remember(moment, &key_above(circle, &from.partner), from)
    }

    /// Remembers where to begin again once more is taken of a partner.
    pub(super) fn missed_taken(
        moment: &mut Moment<'_, '_>,
        from: &Cursor,
    ) -> Result<(), StoreError> {
        Self::remember(moment, &key_taken(&from.partner), from)
    }

    /// A signer freed a record of its own: what was refused as RED may be another by now.
    pub(super) fn read_missed_red(
        moment: &mut Moment<'_, '_>,
        signer: &NodeId,
    ) -> Result<(), StoreError> {
        Self::read_from(moment, |partner| key_red(signer, partner))
    }

    /// More is taken of a partner: what was refused is read again.
    pub(crate) fn read_missed_taken(
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
    ) -> Result<(), StoreError> {
        Self::read_one(moment, *partner, &key_taken(partner))
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

    /// A circle's ceiling was raised: what was above it is read again. No other list does that, or
    /// whoever states lists could have others read again without end.
    pub(crate) fn read_missed_above(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
    ) -> Result<(), StoreError> {
        Self::read_from(moment, |partner| key_above(circle, partner))
    }

    fn read_from(
        moment: &mut Moment<'_, '_>,
        key: impl Fn(&NodeId) -> String,
    ) -> Result<(), StoreError> {
        for partner in moment.tx.reading().partners()? {
            Self::read_one(moment, partner.node, &key(&partner.node))?;
        }
        Ok(())
    }

    fn read_one(moment: &mut Moment<'_, '_>, partner: NodeId, key: &str) -> Result<(), StoreError> {
        let reading = moment.tx.reading();
        let missed = reading.setting(key)?.and_then(|bytes| read(partner, &bytes));
        let Some(missed) = missed else { return Ok(()) };
        let cursor = reading.cursor(&partner)?;
        match cursor.filter(|now| now.epoch == missed.epoch) {
            Some(now) if now.next > missed.next => Self::put_back(moment, &now, &missed)?,
            // Refused in the very batch that brings the list: its end asks again.
            Some(_) => return Ok(()),
            None => {}
        }
        moment.tx.put_setting(key, &[])
    }
}

fn key_red(signer: &NodeId, partner: &NodeId) -> String {
    format!("missed-red.{signer}.{partner}")
}

fn key_taken(partner: &NodeId) -> String {
    format!("missed-taken.{partner}")
}

fn key_above(circle: &CircleId, partner: &NodeId) -> String {
    format!("missed-ceiling.{circle}.{partner}")
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
