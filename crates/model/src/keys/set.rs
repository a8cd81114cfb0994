//! All keys of a node as of one statement, and what may follow it. It checks no signature.

use crate::id::NodeId;
use crate::limits::{KEY_CHAIN_BYTES_MAX, NODE_KEYS_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::seal::PublicKey;
use crate::time::Instant;

/// The first line of each statement.
pub(super) const FORM: &str = "entente/keys/1";

/// A key that signs no more, and the instant that ended it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ended {
    /// The key.
    pub key: PublicKey,
    /// Of a former key the last instant that it may have signed at; of a revoked one the first from
    /// which its signer does not stand by it.
    pub at: Instant,
}

/// All keys that a node ever had, as of one statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySet {
    /// The node: made of its first key, whatever signs today.
    pub node: NodeId,
    /// Rises by one with every statement; 0 while the node has made none.
    pub number: u32,
    /// What signs from now on.
    pub key: PublicKey,
    /// When that was stated, by the node's own clock.
    pub since: Instant,
    /// What signs in need: it is kept apart, and outranks every other.
    pub recovery: Option<PublicKey>,
    /// What signed before; it still proves what was signed then.
    pub former: Vec<Ended>,
    /// What may be in other hands: it proves nothing that is not held already.
    pub revoked: Vec<Ended>,
}

/// Why keys are not believed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeySetError {
    /// The signature is not the key's that may speak.
    #[error("E-KEY-001: not signed by the key before, nor by the recovery key")]
    Signer,
    /// The number is not the next one.
    #[error("E-KEY-002: number {0} does not follow number {1}")]
    Number(u32, u32),
    /// It is signed by a revoked key, or takes one back into use.
    #[error("E-KEY-003: a revoked key")]
    Revoked,
    /// It does not follow the form.
    #[error("E-KEY-004: keys that cannot be read: {0}")]
    Form(#[from] ReadLinesError),
    /// It is longer than any honest chain.
    #[error("E-KEY-004: more than {NODE_KEYS_MAX} keys, or {KEY_CHAIN_BYTES_MAX} bytes")]
    TooLarge,
    /// The same key stands in two places.
    #[error("E-KEY-004: a key stands there twice")]
    Twice,
    /// Keys of another node.
    #[error("E-KEY-007: the keys of another node")]
    OtherNode,
    /// It forgets or changes what was stated before.
    #[error("E-KEY-008: a key that was stated is missing or changed")]
    Forgets,
    /// It contradicts a chain that is held.
    #[error("E-KEY-009: another chain of keys is held here")]
    Fork,
}

impl KeySetError {
    /// The stable code that its words begin with.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Signer => "E-KEY-001",
            Self::Number(..) => "E-KEY-002",
            Self::Revoked => "E-KEY-003",
            Self::Form(_) | Self::TooLarge | Self::Twice => "E-KEY-004",
            Self::OtherNode => "E-KEY-007",
            Self::Forgets => "E-KEY-008",
            Self::Fork => "E-KEY-009",
        }
    }
}

impl From<PublicKey> for KeySet {
    /// A node of which nothing but its first key is known.
    fn from(key: PublicKey) -> Self {
        Self {
            node: key.node(),
            number: 0,
            key,
            since: Instant::from_micros(0),
            recovery: None,
            former: Vec::new(),
            revoked: Vec::new(),
        }
    }
}

impl From<&PublicKey> for KeySet {
    fn from(key: &PublicKey) -> Self {
        Self::from(*key)
    }
}

impl KeySet {
    /// The first key of all, which the node's id is made of.
    #[must_use]
    pub fn first(&self) -> Option<&PublicKey> {
        self.ever().find(|key| PublicKey::new(*key.as_bytes()).node() == self.node)
    }

    /// The keys that may have signed at this instant by the node's own clock, newest first.
    pub fn proving(&self, signed: Instant) -> impl Iterator<Item = &PublicKey> {
        let former = self.former.iter().rev().filter(move |one| signed <= one.at);
        std::iter::once(&self.key).chain(former.map(|one| &one.key))
    }

    /// The keys whose word counts when it comes today, whenever it was signed: all but the revoked.
    pub fn trusted(&self) -> impl Iterator<Item = &PublicKey> {
        let former = self.former.iter().rev().map(|one| &one.key);
        std::iter::once(&self.key).chain(former)
    }

    /// Every key that ever signed, newest first: what is held already was proven when it came.
    pub fn ever(&self) -> impl Iterator<Item = &PublicKey> {
        let ended = self.former.iter().rev().chain(self.revoked.iter().rev());
        std::iter::once(&self.key).chain(ended.map(|one| &one.key))
    }

    /// The keys that the node itself may show now: its newest, and the one before while it changes.
    pub fn live(&self, now: Instant) -> impl Iterator<Item = &PublicKey> {
        self.proving(now)
    }

    /// The key under which a check holds, tried newest first.
    ///
    /// # Errors
    /// What the check says of the newest key, where it holds for none.
    pub fn tried<'k, T, E>(
        mut keys: impl Iterator<Item = &'k PublicKey>,
        check: impl Fn(&PublicKey) -> Result<T, E>,
        none: E,
    ) -> Result<T, E> {
        let Some(newest) = keys.next() else { return Err(none) };
        check(newest).or_else(|error| keys.find_map(|key| check(key).ok()).ok_or(error))
    }

    /// Since when a key is revoked; `None` when it is not.
    #[must_use]
    pub fn revoked(&self, key: &PublicKey) -> Option<Instant> {
        self.revoked.iter().find(|one| one.key == *key).map(|one| one.at)
    }

    /// What a statement by `by` may put in the place of this one.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn succeeds(&self, next: &Self, by: &PublicKey) -> Result<(), KeySetError> {
        if next.node != self.node {
            return Err(KeySetError::OtherNode);
        }
        if Some(next.number) != self.number.checked_add(1) {
            return Err(KeySetError::Number(next.number, self.number));
        }
        let rescued = self.recovery == Some(*by);
        if self.revoked(by).is_some() {
            return Err(KeySetError::Revoked);
        }
        if !rescued && *by != self.key {
            return Err(KeySetError::Signer);
        }
        // Who has stolen a key must not be able to lock its node out.
        if !rescued && self.recovery.is_some() && next.recovery != self.recovery {
            return Err(KeySetError::Signer);
        }
        next.distinct()?;
        let (used, changed) = (next.key, next.key != self.key);
        if self.revoked(&used).is_some() {
            return Err(KeySetError::Revoked);
        }
        if changed && self.ever().any(|known| *known == used) {
            return Err(KeySetError::Twice);
        }
        self.keeps(next, changed)
    }

    /// Whether everything that was stated is stated still, and nothing is made up.
    fn keeps(&self, next: &Self, changed: bool) -> Result<(), KeySetError> {
        let revoked = |key: &PublicKey| next.revoked(key).is_some();
        let kept = |one: &Ended| next.former.contains(one) || revoked(&one.key);
        if !self.former.iter().all(kept) || !self.revoked.iter().all(|o| next.revoked.contains(o)) {
            return Err(KeySetError::Forgets);
        }
        let ended = |key: &PublicKey| revoked(key) || next.former.iter().any(|o| o.key == *key);
        if changed != ended(&self.key) {
            return Err(KeySetError::Forgets);
        }
        let all = next.former.len() + next.revoked.len();
        let expected = self.former.len() + self.revoked.len() + usize::from(changed);
        if all == expected { Ok(()) } else { Err(KeySetError::Forgets) }
    }

    /// Whether no key stands in two places, and there are not too many.
    fn distinct(&self) -> Result<(), KeySetError> {
        let mut keys: Vec<&PublicKey> = self.ever().chain(&self.recovery).collect();
        if keys.len() > NODE_KEYS_MAX {
            return Err(KeySetError::TooLarge);
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() == count { Ok(()) } else { Err(KeySetError::Twice) }
    }

    /// The statement's text, without its signature.
    #[must_use]
    pub fn write(&self, by: &PublicKey) -> String {
        let recovery = self.recovery.map(|key| key.to_string());
        let mut text = LineWriter::new(FORM)
            .line("node", &self.node.to_string())
            .line("number", &self.number.to_string())
            .line("key", &self.key.to_string())
            .line("since", &self.since.to_string())
            .maybe("recovery", recovery.as_deref());
        for Ended { key, at } in &self.former {
            text = text.line("was", &format!("{key} until {at}"));
        }
        for Ended { key, at } in &self.revoked {
            text = text.line("revoked", &format!("{key} from {at}"));
        }
        text.line("by", &by.to_string()).finish()
    }

    /// Reads a statement's text, and which key it says that it is signed by.
    ///
    /// # Errors
    /// When it does not follow the form, exceeds a bound, or names a key twice.
    pub fn read(text: &str) -> Result<(Self, PublicKey), KeySetError> {
        let mut lines = LineReader::new(text, FORM)?;
        let node: NodeId = lines.parsed("node")?;
        let mut set = Self {
            node,
            number: lines.parsed("number")?,
            key: lines.parsed::<PublicKey>("key")?.behind(node),
            since: lines.parsed("since")?,
            recovery: lines.optional_parsed::<PublicKey>("recovery")?.map(|key| key.behind(node)),
            former: Vec::new(),
            revoked: Vec::new(),
        };
        while let Some(line) = lines.optional("was").filter(|_| set.has_room()) {
            let one = ended(line, " until ", node).ok_or(ReadLinesError::Value("was"))?;
            set.former.push(one);
        }
        while let Some(line) = lines.optional("revoked").filter(|_| set.has_room()) {
            let one = ended(line, " from ", node).ok_or(ReadLinesError::Value("revoked"))?;
            set.revoked.push(one);
        }
        if !set.has_room() {
            return Err(KeySetError::TooLarge);
        }
        let by = lines.parsed::<PublicKey>("by")?.behind(node);
        lines.end()?;
        set.distinct()?;
        // One statement has one text.
        if set.write(&by) == text { Ok((set, by)) } else { Err(ReadLinesError::Trailing.into()) }
    }

    fn has_room(&self) -> bool {
        self.former.len() + self.revoked.len() < NODE_KEYS_MAX
    }

    /// The statement after this one, in which another key signs; what signed until now is former
    /// from `until` on.
    #[must_use]
    pub fn rotated(&self, key: PublicKey, now: Instant, until: Instant) -> Self {
        let number = self.number.saturating_add(1);
        let mut next = Self { number, since: now, ..self.clone() };
        next.former.push(Ended { key: self.key, at: until });
        next.key = key.behind(self.node);
        next
    }

    /// The statement after this one, in which a key proves nothing more that is not held. What signs
    /// from then on is `key`: a new one where the revoked one did.
    #[must_use]
    pub fn revoking(&self, revoked: PublicKey, key: PublicKey, now: Instant) -> Self {
        let number = self.number.saturating_add(1);
        let mut next = Self { number, since: now, ..self.clone() };
        next.former.retain(|one| one.key != revoked);
        next.revoked.push(Ended { key: revoked.behind(self.node), at: now });
        if key != self.key && revoked != self.key {
            next.former.push(Ended { key: self.key, at: now });
        }
        next.key = key.behind(self.node);
        next
    }
}

fn ended(line: &str, between: &str, node: NodeId) -> Option<Ended> {
    let (key, at) = line.split_once(between)?;
    let key: PublicKey = key.parse().ok()?;
    Some(Ended { key: key.behind(node), at: at.parse().ok()? })
}
