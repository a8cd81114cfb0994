//! The log, and the view of it that decisions read: rows, member lists, cards.
//!
//! It deliberately holds nothing that the log does not tell, so that a view as of any position
//! of the log can be made again.

use super::label::Tlp;
use super::record::Record;
use super::release::node_bit;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a partner may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) ceiling: Tlp,
    pub(super) personal: bool,
}

/// One entry of the log.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// Signed here.
    Signed(Rc<Record>),
    /// Received, for the first time or again with other hops left.
    Received { record: Rc<Record>, from: u8, hops: u8 },
    /// The copy received from this partner is withdrawn.
    Withdrawn { id: u64, from: u8 },
    /// Its signer took it back everywhere: said here, or heard.
    Recalled { id: u64 },
    /// A person withdrew it from this partner, and no widening gives it back.
    KeptBack { id: u64, partner: u8 },
    /// This node accepted a version of a circle's member list (one bit per node).
    Members { circle: u8, members: u8 },
    /// The operator set a partner's card.
    Card { partner: u8, card: Card },
}

/// A record as this node holds it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) record: Rc<Record>,
    pub(super) own: bool,
    /// From whom, and the hops left as received.
    pub(super) via: BTreeMap<u8, u8>,
    /// Position in the log of its first entry.
    pub(super) position: usize,
    pub(super) recalled: bool,
    /// One bit per partner that a person withdrew it from.
    kept_back: u8,
}

impl Row {
    /// Whether the node has it at present.
    pub(super) fn held(&self) -> bool {
        !self.recalled && (self.own || !self.via.is_empty())
    }

    /// Whether a person withdrew it from a partner.
    pub(super) fn is_kept_back(&self, partner: u8) -> bool {
        self.kept_back & node_bit(partner) != 0
    }

    /// The hops left that this node would pass on; none if it may not.
    pub(super) fn onward(&self) -> Option<u8> {
        if self.own {
            return Some(self.record.label.hops);
        }
        self.via.values().max().and_then(|hops| hops.checked_sub(1))
    }
}

/// The view of a log up to some position.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// In the order of the log.
    pub(super) rows: Vec<Row>,
    places: BTreeMap<u64, usize>,
    pub(super) members: BTreeMap<u8, u8>,
    pub(super) cards: BTreeMap<u8, Card>,
    /// Recalled before they were ever held.
    barred: BTreeSet<u64>,
}

impl View {
    /// Takes in the entry at this position.
    pub(super) fn apply(&mut self, position: usize, entry: &Entry) {
        match entry {
            Entry::Signed(record) => self.change(position, record, |row| row.own = true),
            Entry::Received { record, from, hops } => self.change(position, record, |row| {
                row.via.insert(*from, *hops);
            }),
            Entry::Withdrawn { id, from } => {
                if let Some(row) = self.row_mut(*id) {
                    row.via.remove(from);
                }
            }
            Entry::Recalled { id } => {
                self.barred.insert(*id);
                self.row_mut(*id).into_iter().for_each(|row| row.recalled = true);
            }
            Entry::KeptBack { id, partner } => {
                let bit = node_bit(*partner);
                self.row_mut(*id).into_iter().for_each(|row| row.kept_back |= bit);
            }
            Entry::Members { circle, members } => {
                self.members.insert(*circle, *members);
            }
            Entry::Card { partner, card } => {
                self.cards.insert(*partner, *card);
            }
        }
    }

    fn change(&mut self, position: usize, record: &Rc<Record>, change: impl FnOnce(&mut Row)) {
        let place = *self.places.entry(record.id).or_insert(self.rows.len());
        if place == self.rows.len() {
            let record = Rc::clone(record);
            let (recalled, via) = (self.barred.contains(&record.id), BTreeMap::new());
            self.rows.push(Row { record, own: false, via, position, recalled, kept_back: 0 });
        }
        if let Some(row) = self.rows.get_mut(place) {
            change(row);
        }
    }

    fn row_mut(&mut self, id: u64) -> Option<&mut Row> {
        self.places.get(&id).and_then(|place| self.rows.get_mut(*place))
    }

    /// The row of a record, held at present or not.
    pub(super) fn row(&self, id: u64) -> Option<&Row> {
        self.places.get(&id).and_then(|place| self.rows.get(*place))
    }

    /// The rows held, in the order of the log.
    pub(super) fn held(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.held())
    }
}
