//! What the writer keeps in memory beside the store: accepted circles, the policy, readers. A view of
//! the store's state, read once at the start and kept in step by the verbs that change it.

use model::bounds::{Bounds, Give, Take};
use model::card::Card;
use model::circle::Circle;
use model::id::{CircleId, NodeId};
use model::policy::{Ask, Policy};
use model::question::Answers;
use model::seal::PublicKey;
use policy::{By, Capacity, Reader};
use std::collections::{BTreeMap, BTreeSet};
use store::{CircleState, Partner, PartnerState, Reading, StoreError};

/// The text of the policy, as `model::policy` prints it; absent while nobody has set one.
pub(crate) const POLICY_SETTING: &str = "policy";
/// How many changes of policy and cards there were: eight bytes, the highest first.
pub(crate) const POLICY_VERSION_SETTING: &str = "policy-version";

/// Before a partner's id: when the first share with it was let begin.
pub(crate) const FIRST_SHARE_PREFIX: &str = "released-first.";
/// Names of the tokens that policy and cards call clients, one a line.
pub(crate) const CLIENTS_SETTING: &str = "clients";

/// Whether policy or a card calls a token a client's.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn is_client(reading: &Reading<'_>, token: &str) -> Result<bool, StoreError> {
    let Some(bytes) = reading.setting(CLIENTS_SETTING)? else { return Ok(false) };
    Ok(std::str::from_utf8(&bytes).unwrap_or_default().lines().any(|name| name == token))
}

/// The policy under which partners read, and how often it or a card was changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    /// The policy.
    pub policy: Policy,
    /// Counts every change of the policy or of a card.
    pub version: u64,
    /// Partners with whom something was shared, or may be; kept only where the policy asks first.
    pub started: BTreeSet<NodeId>,
}

impl Policies {
    /// Reads what is in force. A policy that cannot be read is a forgotten restriction: partners
    /// get what anyone may have.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn load(reading: &Reading<'_>) -> Result<Self, StoreError> {
        let policy = match reading.setting(POLICY_SETTING)? {
            None => Policy::default(),
            Some(bytes) => {
                let text = std::str::from_utf8(&bytes).unwrap_or_default();
                Policy::read(text).unwrap_or_else(|_| Policy::least())
            }
        };
        let version = reading.setting(POLICY_VERSION_SETTING)?;
        let version = version.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        let mut started = BTreeSet::new();
        if policy.first_share == Ask::Ask {
            let keys = reading.settings(FIRST_SHARE_PREFIX)?.into_iter();
            started.extend(keys.filter_map(|(key, _)| {
                key.strip_prefix(FIRST_SHARE_PREFIX).and_then(|node| node.parse::<NodeId>().ok())
            }));
        }
        Ok(Self { policy, version, started })
    }

    /// Whether the first share with a partner waits for a person.
    #[must_use]
    pub(crate) fn waits(&self, node: &NodeId) -> bool {
        self.policy.first_share == Ask::Ask && !self.started.contains(node)
    }

    /// What a card gives under this policy, and what that is the meeting of.
    fn give(&self, card: &Card) -> (Give, Vec<(By, Give)>) {
        let sections = self.policy.sections(card).into_iter();
        let sections = sections.map(|(name, bounds)| (By::Policy(name), bounds.give.clone()));
        let bounds = std::iter::once((By::Card, card.give.clone())).chain(sections).collect();
        (self.policy.effective(card).give, bounds)
    }

    /// How much a partner is told of what was seen here; nothing while its words are not compared.
    #[must_use]
    pub(crate) fn answers(&self, partner: &Partner) -> Answers {
        match partner.state {
            PartnerState::Confirmed => self.policy.effective(&card_of(partner)).give.answers,
            PartnerState::Joined | PartnerState::Removed => Answers::No,
        }
    }

    /// What is taken from a partner under this policy.
    #[must_use]
    pub(crate) fn take(&self, partner: &Partner) -> Take {
        self.policy.effective(&card_of(partner)).take
    }
}

/// A partner's card. One that cannot be read is a forgotten restriction: then the partner gets what
/// anyone may have, and no more is taken from it.
#[must_use]
pub(crate) fn card_of(partner: &Partner) -> Card {
    Card::read(&partner.card).unwrap_or_else(|_| {
        let Bounds { give, take } = Bounds::least();
        Card { give, take, ..Card::default() }
    })
}

/// The circles that this node follows, and the policy under which partners read in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circles {
    followed: BTreeMap<CircleId, Circle>,
    /// Who was a member once, and under which key.
    former: BTreeMap<(CircleId, NodeId), PublicKey>,
    pub(crate) policies: Policies,
}

impl Circles {
    /// Reads the accepted versions.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn load(reading: &Reading<'_>) -> Result<Self, StoreError> {
        let mut circles = Self { policies: Policies::load(reading)?, ..Self::default() };
        for state in reading.circles()? {
            if let Some(circle) = accepted(&state) {
                circles.followed.insert(circle.id, circle);
            }
        }
        let former = reading.former_members()?.into_iter();
        circles.former = former.map(|one| ((one.circle, one.node), one.key)).collect();
        Ok(circles)
    }

    /// The circles with this one in place of what was followed.
    #[must_use]
    pub(crate) fn with(mut self, circle: Circle) -> Self {
        self.followed.insert(circle.id, circle);
        self
    }

    /// The accepted version of a circle.
    #[must_use]
    pub(crate) fn by_id(&self, id: &CircleId) -> Option<&Circle> {
        self.followed.get(id)
    }

    /// All of them, by id.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Circle> {
        self.followed.values()
    }

    /// The circles that a node is a member of.
    #[must_use]
    pub(crate) fn of(&self, node: &NodeId) -> BTreeSet<CircleId> {
        self.followed.values().filter(|c| c.member(node).is_some()).map(|c| c.id).collect()
    }

    /// The key of any member of any followed circle, or of who was one once.
    #[must_use]
    pub(crate) fn key_of(&self, node: &NodeId) -> Option<PublicKey> {
        let member = self.followed.values().find_map(|circle| circle.member(node));
        let former = || self.former.iter().find(|((_, former), _)| former == node);
        member.map(|member| member.key).or_else(|| former().map(|(_, key)| *key))
    }

    /// Who was a member of a circle once and is none now, each with its key.
    pub(crate) fn former(&self) -> impl Iterator<Item = (&NodeId, &PublicKey)> {
        self.former.iter().map(|((_, node), key)| (node, key))
    }

    /// Whether a node is a member of a circle, or was one once.
    #[must_use]
    pub(crate) fn was_member(&self, circle: &CircleId, node: &NodeId) -> bool {
        self.by_id(circle).is_some_and(|list| list.member(node).is_some())
            || self.former.contains_key(&(*circle, *node))
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
    let (give, bounds) = circles.policies.give(&card_of(partner));
    Some(Reader {
        node: partner.node,
        capacity: Capacity::Partner { confirmed },
        circles: circles.of(&partner.node),
        give,
        bounds,
        waits: circles.policies.waits(&partner.node),
    })
}
