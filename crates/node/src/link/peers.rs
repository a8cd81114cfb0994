//! Whom a link is with: the partner as a reader, and the keys that records may be proven with.

use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::NodeId;
use model::keys::KeySet;
use model::time::Instant;
use std::collections::BTreeMap;
use store::{PartnerState, Reading, StoreError};

/// The partner's eyes on this node, now; `None` when it is no partner, or no more.
///
/// # Errors
/// When the store cannot be read.
pub fn lens_for(
    reading: &Reading<'_>,
    partner: &NodeId,
    now: Instant,
) -> Result<Option<Lens>, StoreError> {
    let Some(partner) = reading.partner(partner)? else { return Ok(None) };
    let reader = partner_reader(&partner, &Circles::load(reading)?);
    Ok(reader.map(|reader| Lens { reader, now }))
}

/// Whether a node is a partner that has not been removed.
///
/// # Errors
/// When the store cannot be read.
pub fn is_partner(reading: &Reading<'_>, node: &NodeId) -> Result<bool, StoreError> {
    let partner = reading.partner(node)?;
    Ok(partner.is_some_and(|partner| partner.state != PartnerState::Removed))
}

/// Whether a node was a partner, and was removed here.
///
/// # Errors
/// When the store cannot be read.
pub fn was_partner(reading: &Reading<'_>, node: &NodeId) -> Result<bool, StoreError> {
    let partner = reading.partner(node)?;
    Ok(partner.is_some_and(|partner| partner.state == PartnerState::Removed))
}

/// The keys of all partners and of all who are, or were once, members of the circles that this node
/// follows.
///
/// # Errors
/// When the store cannot be read.
pub fn keys(reading: &Reading<'_>) -> Result<BTreeMap<NodeId, KeySet>, StoreError> {
    let circles = Circles::load(reading)?;
    let members = circles.all().flat_map(|circle| &circle.members);
    let members = members.map(|member| (member.node(), KeySet::from(member.key)));
    let former = circles.former().map(|(node, key)| (*node, KeySet::from(*key)));
    let mut keys: BTreeMap<NodeId, KeySet> = former.chain(members).collect();
    let partners = reading.partners()?.into_iter();
    keys.extend(
        partners
            .filter(|p| p.state != PartnerState::Removed)
            .map(|partner| (partner.node, KeySet::from(partner.key))),
    );
    // Most nodes never stated more than their first key.
    for text in reading.all_last_keys()? {
        let Ok((said, _)) = KeySet::read(&text) else { continue };
        if let Some(known) = keys.get_mut(&said.node) {
            *known = said;
        }
    }
    Ok(keys)
}
