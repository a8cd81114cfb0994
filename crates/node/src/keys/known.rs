//! What is known of nodes' keys: whose a key is, which keys prove what a node signs, and where this
//! node stands with its own. It changes nothing.

use crate::identity::Identity;
use crate::state::Circles;
use model::id::NodeId;
use model::keys::{Ended, KeyChain, KeySet};
use model::limits::KEY_SWITCH_SECONDS;
use model::seal::PublicKey;
use model::time::Instant;
use store::{Partner, PartnerState, Reading, StoreError};

/// Whose key somebody proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Who {
    /// This node's, by a key that it shows now; it need not be a partner.
    Node(NodeId),
    /// This node's, which had another key long enough ago.
    Ended(NodeId),
    /// This node's, which says that it is in other hands.
    Revoked(NodeId),
}

impl Who {
    /// The node, whatever its key is worth.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        match self {
            Self::Node(node) | Self::Ended(node) | Self::Revoked(node) => *node,
        }
    }
}

/// Whose key this is; a key that nobody spoke of is the first one of its node.
///
/// # Errors
/// When the store cannot be read.
pub fn who(reading: &Reading<'_>, key: &PublicKey, now: Instant) -> Result<Who, StoreError> {
    let node = reading.node_of_key(key)?.unwrap_or_else(|| PublicKey::new(*key.as_bytes()).node());
    let Some(keys) = last(reading, &node)? else { return Ok(Who::Node(node)) };
    Ok(if keys.revoked(key).is_some() {
        Who::Revoked(node)
    } else if keys.live(now).any(|live| live == key) {
        Who::Node(node)
    } else {
        Who::Ended(node)
    })
}

/// The chain of a node's keys as a text, if it ever stated them.
///
/// # Errors
/// When the store cannot be read.
pub fn said(reading: &Reading<'_>, node: &NodeId) -> Result<Option<String>, StoreError> {
    reading.key_chain(node)
}

/// The same where a node ever had more than its first key: without it nothing needs to be proven.
///
/// # Errors
/// When the store cannot be read.
pub fn chain_of(reading: &Reading<'_>, node: &NodeId) -> Result<Option<String>, StoreError> {
    let more = last(reading, node)?.is_some_and(|keys| keys.number > 1);
    if more { said(reading, node) } else { Ok(None) }
}

/// All keys of the node whose first key this is, as far as is known here.
///
/// # Errors
/// When the store cannot be read.
pub fn keys_of(reading: &Reading<'_>, first: &PublicKey) -> Result<KeySet, StoreError> {
    Ok(last(reading, &first.node())?.unwrap_or_else(|| KeySet::from(*first)))
}

/// The number of a node's last statement about its keys that is known here; 0 when there is none.
///
/// # Errors
/// When the store cannot be read.
pub fn number(reading: &Reading<'_>, node: &NodeId) -> Result<u32, StoreError> {
    Ok(last(reading, node)?.map_or(0, |keys| keys.number))
}

/// All keys of this node, which signs with `own`: also where its store is of another time.
///
/// # Errors
/// When the store cannot be read.
pub fn own_keys(reading: &Reading<'_>, own: &PublicKey) -> Result<KeySet, StoreError> {
    let Some(mut keys) = last(reading, &own.node())? else { return Ok(KeySet::from(*own)) };
    if !keys.ever().any(|known| known == own) {
        let before = Ended { key: keys.key, at: Instant::from_micros(i64::MAX) };
        keys.former.push(before);
        keys.key = *own;
    }
    Ok(keys)
}

/// What a node last stated about its keys.
pub(crate) fn last(reading: &Reading<'_>, node: &NodeId) -> Result<Option<KeySet>, StoreError> {
    Ok(reading.last_keys(node)?.and_then(|text| KeySet::read(&text).ok()).map(|(set, _)| set))
}

/// The same for a node that is known only by the circles it is in, or was in.
pub(crate) fn member_keys(
    reading: &Reading<'_>,
    circles: &Circles,
    node: &NodeId,
) -> Result<Option<KeySet>, StoreError> {
    circles.key_of(node).map(|first| keys_of(reading, &first)).transpose()
}

/// What this node stated about its own keys: a first statement where it made none yet.
///
/// # Errors
/// When the store cannot be read.
pub fn own_chain(
    reading: &Reading<'_>,
    me: &Identity,
    now: Instant,
) -> Result<KeyChain, StoreError> {
    let text = reading.key_chain(&me.node())?;
    let chain = text.and_then(|text| KeyChain::read(&text).ok());
    Ok(chain.unwrap_or_else(|| KeyChain::begin(&me.key, None, now)))
}

/// Whether this node should sign with another key than it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It signs with its newest key.
    Done,
    /// A newer key is stated, and some partners do not know it yet.
    Waits,
    /// A newer key is stated, and it is time to sign with it.
    Due,
    /// It signs with a key that it never stated: its folder, or its store, is of another time.
    Unknown,
}

/// Whether this node, which signs with this key, should sign with another one.
///
/// # Errors
/// When the store cannot be read.
pub fn change(reading: &Reading<'_>, key: &PublicKey, now: Instant) -> Result<Change, StoreError> {
    let Some(keys) = last(reading, &key.node())? else { return Ok(Change::Done) };
    if keys.key == *key {
        return Ok(Change::Done);
    }
    if !keys.ever().any(|known| known == key) {
        return Ok(Change::Unknown);
    }
    let over = now >= keys.since.plus_seconds(KEY_SWITCH_SECONDS);
    let due = over || keys.revoked(key).is_some() || unaware(reading, keys.number)?.is_empty();
    Ok(if due { Change::Due } else { Change::Waits })
}

/// How much of our own chain a partner knows, as it told.
///
/// # Errors
/// When the store cannot be read.
pub fn heard(reading: &Reading<'_>, partner: &NodeId) -> Result<u32, StoreError> {
    reading.key_heard(partner)
}

/// The partners that do not know this statement of our own keys, as far as they told.
///
/// # Errors
/// When the store cannot be read.
pub fn unaware(reading: &Reading<'_>, number: u32) -> Result<Vec<Partner>, StoreError> {
    let mut unaware = Vec::new();
    for partner in reading.partners()? {
        let gone = partner.state == PartnerState::Removed || partner.removed_us.is_some();
        if !gone && reading.key_heard(&partner.node)? < number {
            unaware.push(partner);
        }
    }
    Ok(unaware)
}

/// Where this node stands with its keys, for its people.
#[derive(Clone, Debug)]
pub struct Standing {
    /// All that it stated.
    pub chain: KeyChain,
    /// Whether it changes.
    pub change: Change,
    /// Each partner, and how much of the chain it knows.
    pub partners: Vec<(Partner, u32)>,
}

/// Where this node stands with its keys.
///
/// # Errors
/// When the store cannot be read.
pub fn standing(
    reading: &Reading<'_>,
    me: &Identity,
    now: Instant,
) -> Result<Standing, StoreError> {
    let mut partners = Vec::new();
    for partner in reading.partners()? {
        if partner.state != PartnerState::Removed {
            let number = reading.key_heard(&partner.node)?;
            partners.push((partner, number));
        }
    }
    let chain = own_chain(reading, me, now)?;
    Ok(Standing { chain, change: change(reading, &me.public(), now)?, partners })
}
