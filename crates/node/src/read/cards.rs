//! Cards and the policy as they stand, with who changed them last and why: for this node's own
//! people. What stands here is never told to a partner or to a token that is not an administrator's.

use crate::state::{Circles, POLICY_SETTING, card_of};
use model::bounds::Bounds;
use model::card::Card;
use model::id::{Digest, NodeId, ThingId};
use model::kind::{CARD, Kind, POLICY};
use model::ledger::{Change, changed_thing, ledger_of};
use model::policy::Policy;
use model::seal::sha256;
use model::time::Instant;
use store::{Partner, PartnerState, Reading, Seq, StoreError};

/// A change of a card or of the policy, as the ledger has it.
#[derive(Clone, Debug)]
pub struct Changed {
    /// How many changes there were with it.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// By whom, why, and to what.
    pub change: Change,
}

/// A partner's card.
#[derive(Clone, Debug)]
pub struct CardLine {
    /// The partner.
    pub partner: Partner,
    /// The card; what is left of one when it cannot be read.
    pub card: Card,
    /// Whether it can be read.
    pub readable: bool,
    /// The digest of its text, which a change names.
    pub digest: Digest,
    /// What the partner may get and what is taken from it: the card met with the policy.
    pub effective: Bounds,
    /// The first share with it waits for a person.
    pub waits: bool,
    /// Its last change; `None` for the card that every partner begins with.
    pub changed: Option<Changed>,
}

/// The policy.
#[derive(Clone, Debug)]
pub struct PolicyLine {
    /// The policy; what is left of one when it cannot be read.
    pub policy: Policy,
    /// Whether it can be read.
    pub readable: bool,
    /// Counts every change of the policy and of cards; segments of outlets carry it.
    pub version: u64,
    /// The digest of its text, which a change names.
    pub digest: Digest,
    /// Its last change; `None` for the policy that every node begins with.
    pub changed: Option<Changed>,
}

/// The digest by which a change names the text that it replaces.
#[must_use]
pub(crate) fn text_digest(text: &str) -> Digest {
    sha256(&[text.as_bytes()])
}

/// The cards of all partners that were not removed, by name.
///
/// # Errors
/// When the store cannot be read.
pub fn cards(reading: &Reading<'_>, me: NodeId) -> Result<Vec<CardLine>, StoreError> {
    let circles = Circles::load(reading)?;
    let partners = reading.partners()?.into_iter();
    let partners = partners.filter(|partner| partner.state != PartnerState::Removed);
    partners.map(|partner| line(reading, me, &circles, partner)).collect()
}

/// The card of one partner; `None` when it is none.
///
/// # Errors
/// When the store cannot be read.
pub fn card(
    reading: &Reading<'_>,
    me: NodeId,
    partner: &NodeId,
) -> Result<Option<CardLine>, StoreError> {
    let known = reading.partner(partner)?;
    let Some(known) = known.filter(|known| known.state != PartnerState::Removed) else {
        return Ok(None);
    };
    line(reading, me, &Circles::load(reading)?, known).map(Some)
}

fn line(
    reading: &Reading<'_>,
    me: NodeId,
    circles: &Circles,
    partner: Partner,
) -> Result<CardLine, StoreError> {
    let card = card_of(&partner);
    Ok(CardLine {
        readable: Card::read(&partner.card).is_ok(),
        digest: text_digest(&partner.card),
        effective: circles.policies.policy.effective(&card),
        waits: circles.policies.waits(&partner.node),
        changed: newest(reading, me, Some(&partner.node))?,
        card,
        partner,
    })
}

/// The policy in force.
///
/// # Errors
/// When the store cannot be read.
pub fn policy(reading: &Reading<'_>, me: NodeId) -> Result<PolicyLine, StoreError> {
    let policies = Circles::load(reading)?.policies;
    let text = policy_text(reading)?;
    Ok(PolicyLine {
        readable: Policy::read(&text).is_ok(),
        digest: text_digest(&text),
        version: policies.version,
        policy: policies.policy,
        changed: newest(reading, me, None)?,
    })
}

/// Whether the policy in force can be read; else partners get what anyone may have.
///
/// # Errors
/// When the store cannot be read.
pub fn is_policy_readable(reading: &Reading<'_>) -> Result<bool, StoreError> {
    Ok(Policy::read(&policy_text(reading)?).is_ok())
}

/// The text of the policy in force, that of a new node's where nobody has set another.
pub(crate) fn policy_text(reading: &Reading<'_>) -> Result<String, StoreError> {
    Ok(match reading.setting(POLICY_SETTING)? {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => Policy::default().write(),
    })
}

/// The newest changes of cards and policy, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn changes(
    reading: &Reading<'_>,
    me: NodeId,
    limit: usize,
) -> Result<Vec<Changed>, StoreError> {
    let head = reading.head()?;
    let mut found = Vec::new();
    for name in [POLICY, CARD] {
        let kind = Kind::ours(name);
        let mut after = 0;
        loop {
            let lights = reading.scan_kind(&kind, after, head, STEP)?;
            for light in &lights {
                found.extend(read(reading, me, light.seq)?);
            }
            match lights.last() {
                Some(last) if lights.len() >= STEP => after = last.seq,
                Some(_) | None => break,
            }
        }
    }
    found.sort_by_key(|changed| std::cmp::Reverse(changed.number));
    found.truncate(limit);
    Ok(found)
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;

fn newest(
    reading: &Reading<'_>,
    me: NodeId,
    partner: Option<&NodeId>,
) -> Result<Option<Changed>, StoreError> {
    let kind = Kind::ours(if partner.is_some() { CARD } else { POLICY });
    let thing = ThingId { kind, uuid: changed_thing(&ledger_of(&me), partner) };
    let mut newest: Option<Changed> = None;
    for seq in reading.by_thing(&thing)? {
        let changed = read(reading, me, seq)?;
        newest = newest.into_iter().chain(changed).max_by_key(|changed| changed.number);
    }
    Ok(newest)
}

/// One change, if it is this node's own and stands in its ledger.
fn read(reading: &Reading<'_>, me: NodeId, seq: Seq) -> Result<Option<Changed>, StoreError> {
    let Some((row, body)) = reading.row_and_body(seq)? else { return Ok(None) };
    if row.signer != me || row.label.circle != ledger_of(&me) {
        return Ok(None);
    }
    let change = std::str::from_utf8(&body).ok().and_then(|text| Change::read(text).ok());
    let number = row.version.parse().unwrap_or(0);
    Ok(change.map(|change| Changed { number, at: row.at, change }))
}
