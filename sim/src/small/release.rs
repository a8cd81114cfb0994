//! Release: one default-deny decision, row x reader at an instant -> hops passed on, or withheld.
//!
//! It deliberately does not know what was sent before; that is the outlet's.

use super::label::{ANYONE, Tlp};
use super::view::{Row, View};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reader {
    /// Another node, by its number.
    Partner(u8),
    /// Local tokens with equal rights, by their number at this node.
    Audience(u8),
}

/// What a token or an audience may read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights {
    /// One bit per circle.
    pub(super) circles: u32,
    pub(super) ceiling: Tlp,
    pub(super) red: bool,
}

impl Rights {
    /// Whether a token with these rights may read a row at this instant.
    pub(super) fn read(&self, row: &Row, now: u64) -> bool {
        let record = &row.record;
        let in_circle = self.circles & bit(record.circle) != 0;
        let tlp = record.label.axes.tlp;
        let cleared = if tlp == Tlp::Red { self.red } else { tlp <= self.ceiling };
        row.held() && in_circle && cleared && record.label.until <= now
    }
}

/// The bit of a circle in [`Rights::circles`].
pub(super) fn bit(circle: u8) -> u32 {
    1_u32.checked_shl(u32::from(circle)).unwrap_or(0)
}

/// The bit of a node in member lists and names.
pub(super) fn node_bit(node: u8) -> u8 {
    1_u8.checked_shl(u32::from(node)).unwrap_or(0)
}

/// What `me` passes on of a row to a partner: the hops left, or nothing.
pub(super) fn to_partner(view: &View, me: u8, partner: u8, row: &Row, now: u64) -> Option<u8> {
    let record = &row.record;
    let axes = record.label.axes;
    let both = node_bit(me) | node_bit(partner);
    let members = view.members.get(&record.circle).copied().unwrap_or(0);
    let card = view.cards.get(&partner)?;
    if !row.held() || partner == me || partner == record.signer || members & both != both {
        return None;
    }
    if axes.tlp > card.ceiling || (axes.personal && !card.personal) || record.label.until > now {
        return None;
    }
    if axes.named & node_bit(partner) == 0 {
        return None;
    }
    // RED is never relayed, and goes to nobody when nobody is named.
    if axes.tlp == Tlp::Red && (!row.own || axes.named == ANYONE) {
        return None;
    }
    row.onward()
}
