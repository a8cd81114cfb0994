//! A chain of keys: statement after statement, each signed, checked from the first key on, so that
//! whoever knows a node's id needs to know nothing else.

use super::set::{FORM, KeySet, KeySetError};
use crate::id::{NodeId, bytes_from_hex};
use crate::limits::{KEY_CHAIN_BYTES_MAX, NODE_KEYS_MAX};
use crate::lines::ReadLinesError;
use crate::seal::{PublicKey, Signature, SigningKey, pae};
use std::fmt;

/// The DSSE payload type of a statement of keys.
pub const KEYS_TYPE: &str = "application/vnd.entente.keys.v1";

/// One signed statement.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stated {
    set: KeySet,
    by: PublicKey,
    signature: Signature,
    /// By the key that signs from then on, where another made the statement: nobody states a key
    /// that is not in its hands.
    own: Option<Signature>,
}

/// All statements of a node about its keys, from the first one on; each was checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyChain {
    stated: Vec<Stated>,
    last: KeySet,
}

/// What a chain means to who holds another one of the same node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Adopted {
    /// It says no more than what is held.
    Known,
    /// It goes on where the one that is held ends.
    Longer,
    /// It contradicts what is held, and the recovery key outranks the key that signed that.
    Rescued,
}

impl KeyChain {
    /// The first statement of a node: its own first key, and the recovery key if it has one.
    #[must_use]
    pub fn begin(key: &SigningKey, recovery: Option<PublicKey>, now: crate::time::Instant) -> Self {
        let first = KeySet::from(key.public());
        let recovery = recovery.map(|recovery| recovery.behind(first.node));
        let set = KeySet { number: 1, since: now, recovery, ..first };
        let stated = Stated::sign(set.clone(), key).owned(key);
        Self { stated: vec![stated], last: set }
    }

    /// The chain with one statement more, made by `by`; `own` is the key that signs from then on.
    ///
    /// # Errors
    /// When the statement does not follow the last one, or these keys may not make it.
    pub fn with(
        &self,
        next: KeySet,
        by: &SigningKey,
        own: &SigningKey,
    ) -> Result<Self, KeySetError> {
        self.followed(Stated::sign(next, by).owned(own))
    }

    /// The chain with one statement more that was signed elsewhere, as [`KeyChain::rescue`] does;
    /// `own` is the key that signs from then on.
    ///
    /// # Errors
    /// When the statement does not follow its form or the last one, or these keys may not make it.
    pub fn completed(&self, statement: &str, own: &SigningKey) -> Result<Self, KeySetError> {
        if statement.len() > KEY_CHAIN_BYTES_MAX {
            return Err(KeySetError::TooLarge);
        }
        let (stated, rest) = Stated::read(statement)?;
        if !rest.is_empty() {
            return Err(ReadLinesError::Trailing.into());
        }
        self.followed(stated.owned(own))
    }

    /// A statement signed by the recovery key, where that is kept: the node completes it.
    #[must_use]
    pub fn rescue(next: KeySet, recovery: &SigningKey) -> String {
        Stated::sign(next, recovery).write()
    }

    fn followed(&self, next: Stated) -> Result<Self, KeySetError> {
        next.check(Some(&self.last))?;
        let (mut stated, last) = (self.stated.clone(), next.set.clone());
        stated.push(next);
        Ok(Self { stated, last })
    }

    /// Reads a chain and checks every statement of it, from the first key on.
    ///
    /// # Errors
    /// When one does not follow its form, is signed by another key than may speak, or does not
    /// follow the one before.
    pub fn read(text: &str) -> Result<Self, KeySetError> {
        if text.len() > KEY_CHAIN_BYTES_MAX {
            return Err(KeySetError::TooLarge);
        }
        let mut stated: Vec<Stated> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if stated.len() >= NODE_KEYS_MAX {
                return Err(KeySetError::TooLarge);
            }
            let (one, behind) = Stated::read(rest)?;
            one.check(stated.last().map(|last| &last.set))?;
            stated.push(one);
            rest = behind;
        }
        let last = stated.last().map(|last| last.set.clone());
        let last = last.ok_or(KeySetError::Form(ReadLinesError::Form(FORM)))?;
        Ok(Self { stated, last })
    }

    /// The node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.last.node
    }

    /// The node's first key, which its id is made of.
    #[must_use]
    pub fn first(&self) -> PublicKey {
        self.stated.first().map_or(self.last.key, |first| first.set.key)
    }

    /// What its last statement says.
    #[must_use]
    pub const fn last(&self) -> &KeySet {
        &self.last
    }

    /// The text of its last statement, without its signature.
    #[must_use]
    pub fn last_text(&self) -> String {
        self.stated.last().map_or_else(String::new, |last| last.set.write(&last.by))
    }

    /// What a chain of the same node means to who holds this one.
    ///
    /// # Errors
    /// When it contradicts this one, and no recovery key has spoken.
    pub fn adopts(&self, other: &Self) -> Result<Adopted, KeySetError> {
        if other.node() != self.node() {
            return Err(KeySetError::OtherNode);
        }
        let mut pairs = self.stated.iter().zip(&other.stated);
        let Some(at) = pairs.position(|(ours, theirs)| ours != theirs) else {
            let longer = other.stated.len() > self.stated.len();
            return Ok(if longer { Adopted::Longer } else { Adopted::Known });
        };
        let recovery = self.stated.get(..at).and_then(|same| same.last()?.set.recovery);
        let rescued = |chain: &Self| {
            recovery.is_some() && chain.stated.get(at).map(|stated| stated.by) == recovery
        };
        if rescued(other) && !rescued(self) { Ok(Adopted::Rescued) } else { Err(KeySetError::Fork) }
    }
}

impl fmt::Display for KeyChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stated.iter().try_for_each(|stated| f.write_str(&stated.write()))
    }
}

impl Stated {
    fn sign(set: KeySet, by: &SigningKey) -> Self {
        let (key, node) = (by.public(), set.node);
        let by_key = key.behind(node);
        let signature = by.sign(&pae(KEYS_TYPE, &[set.write(&by_key).as_bytes()]));
        Self { set, by: by_key, signature, own: None }
    }

    /// With the signature of the key that signs from then on, where another made the statement.
    fn owned(self, own: &SigningKey) -> Self {
        let needed = self.by != self.set.key;
        let text = self.set.write(&self.by);
        let own = needed.then(|| own.sign(&pae(KEYS_TYPE, &[text.as_bytes()])));
        Self { own, ..self }
    }

    fn write(&self) -> String {
        let own = self.own.as_ref().map(|own| format!("own {own}\n")).unwrap_or_default();
        format!("{}sig {}\n{own}", self.set.write(&self.by), self.signature)
    }

    /// Reads the first statement of a text; gives what follows it.
    fn read(text: &str) -> Result<(Self, &str), KeySetError> {
        let unsigned = KeySetError::Form(ReadLinesError::Missing("sig"));
        let (said, behind) = text.split_once("\nsig ").ok_or(unsigned)?;
        let (signature, mut rest) = line(behind, "sig")?;
        let mut own = None;
        if let Some(behind) = rest.strip_prefix("own ") {
            let (signature, behind) = line(behind, "own")?;
            (own, rest) = (Some(signature), behind);
        }
        let (set, by) = KeySet::read(&format!("{said}\n"))?;
        Ok((Self { set, by, signature, own }, rest))
    }

    /// Whether it may follow the statement before, and is signed by the key that it names.
    fn check(&self, before: Option<&KeySet>) -> Result<(), KeySetError> {
        match before {
            Some(before) => before.succeeds(&self.set, &self.by)?,
            None => {
                let set = &self.set;
                if PublicKey::new(*set.key.as_bytes()).node() != set.node {
                    return Err(KeySetError::OtherNode);
                }
                let nothing_ended = set.former.is_empty() && set.revoked.is_empty();
                if set.number != 1 || !nothing_ended {
                    return Err(KeySetError::Number(set.number, 0));
                }
                if self.by != set.key {
                    return Err(KeySetError::Signer);
                }
            }
        }
        let text = self.set.write(&self.by);
        let text = pae(KEYS_TYPE, &[text.as_bytes()]);
        self.by.verify(&text, &self.signature).map_err(|_| KeySetError::Signer)?;
        match &self.own {
            Some(own) if self.by != self.set.key => {
                self.set.key.verify(&text, own).map_err(|_| KeySetError::Signer)
            }
            None if self.by == self.set.key => Ok(()),
            Some(_) | None => Err(KeySetError::Signer),
        }
    }
}

/// A signature at the end of a line, and what follows.
fn line<'t>(text: &'t str, name: &'static str) -> Result<(Signature, &'t str), KeySetError> {
    let (signature, rest) = text.split_once('\n').ok_or(ReadLinesError::Value(name))?;
    let signature = bytes_from_hex(signature).map(Signature::new);
    Ok((signature.ok_or(ReadLinesError::Value(name))?, rest))
}
