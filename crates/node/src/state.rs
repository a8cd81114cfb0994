//! What the writer keeps in memory beside the store: accepted circles, partners, readers. A view of
//! the store's state, read once at the start and kept in step by the verbs that change it.

use model::card::Card;
use model::circle::Circle;
use model::id::{CircleId, NodeId};
use model::label::Tlp;
use model::seal::PublicKey;
use policy::{Capacity, Reader};
use std::collections::{BTreeMap, BTreeSet};
use store::{CircleState, Partner, PartnerState, Reading, StoreError};

/// The circles that this node follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circles(BTreeMap<CircleId, Circle>);

impl Circles {
    /// Reads the accepted versions.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn load(reading: &Reading<'_>) -> Result<Self, StoreError> {
        let mut circles = Self::default();
        for state in reading.circles()? {
            if let Some(circle) = accepted(&state) {
                circles.0.insert(circle.id, circle);
            }
        }
        Ok(circles)
    }

    /// The accepted version of a circle.
    #[must_use]
    pub(crate) fn by_id(&self, id: &CircleId) -> Option<&Circle> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Circle> {
        self.0.values()
    }

    /// The circles that a node is a member of.
    #[must_use]
    pub(crate) fn of(&self, node: &NodeId) -> BTreeSet<CircleId> {
        self.0.values().filter(|c| c.member(node).is_some()).map(|c| c.id).collect()
    }

    /// The key of any member of any followed circle.
    #[must_use]
    pub(crate) fn key_of(&self, node: &NodeId) -> Option<PublicKey> {
        self.0.values().find_map(|circle| circle.member(node)).map(|member| member.key)
    }
}

/// The accepted version in a circle's state, if there is one and it reads.
fn accepted(state: &CircleState) -> Option<Circle> {
    Circle::read(state.accepted.as_deref()?).ok()
}

/// A partner as a reader; `None` once it is removed.
#[must_use]
pub(crate) fn partner_reader(partner: &Partner, circles: &Circles) -> Option<Reader> {
    let confirmed = match partner.state {
        PartnerState::Joined => false,
        PartnerState::Confirmed => true,
        PartnerState::Removed => return None,
    };
    // An unreadable card is a forgotten restriction: the partner gets what anyone may have.
    let card = Card::read(&partner.card).unwrap_or(Card {
        ceiling: Tlp::Clear,
        take_ceiling: Tlp::Clear,
        ..Card::default()
    });
    Some(Reader {
        node: partner.node,
        capacity: Capacity::Partner { confirmed },
        circles: circles.of(&partner.node),
        ceiling: card.ceiling,
        personal: card.personal,
    })
}
