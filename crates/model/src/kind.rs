//! Kinds of records: `stix/indicator`, `entente/circle`, ... It knows names, not contents.

use crate::limits::KIND_BYTES_MAX;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The kind of a record: a format and the format's own name of the type.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Kind(Arc<str>);

/// A kind that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a kind (format/name in lower case)")]
pub struct ParseKindError;

/// A convener's signed member list.
pub const CIRCLE: &str = "entente/circle";
/// A signer's word that a record is to be erased or no longer used, everywhere.
pub const RECALL: &str = "entente/recall";
/// A node's word that it no longer releases a record to this link.
pub const WITHDRAW: &str = "entente/withdraw";
/// A node's word to one partner that it no longer releases what it gave these numbers.
pub const WITHDRAW_RANGE: &str = "entente/withdraw-range";
/// A node's keys, each vouched for by the one before.
pub const KEYS: &str = "entente/keys";
/// A node's word to who sent it recalls: how far it has come with them.
pub const OBEYED: &str = "entente/obeyed";
/// Whether a partner saw values in its own telemetry.
pub const QUESTION: &str = "entente/question";
/// What a partner says to that.
pub const ANSWER: &str = "entente/answer";
/// A signer's new label for one of its records.
pub const RELABEL: &str = "entente/relabel";
/// A change of this node's policy; in its own ledger, never sent.
pub const POLICY: &str = "entente/policy";
/// A change of a partner's card; in this node's own ledger, never sent.
pub const CARD: &str = "entente/card";
/// An event that this node's people should know of; in its own ledger, never sent.
pub const AUDIT: &str = "entente/audit";

/// The kinds of words: they say something about records, or about who may have them. Of these, those
/// that matter go before all else, whatever a partner takes ahead.
pub const WORDS: [&str; 7] = [CIRCLE, RELABEL, RECALL, WITHDRAW, WITHDRAW_RANGE, OBEYED, KEYS];
/// The kinds that go before any backfill as well, as far as there is room.
pub const ALERTS: [&str; 2] = ["cap/alert", "entente/decision"];

impl Kind {
    /// The kind of a STIX object of this type.
    ///
    /// # Errors
    /// When the type has characters outside STIX's alphabet (a-z, 0-9, hyphen) or is too long.
    pub fn stix(type_name: &str) -> Result<Self, ParseKindError> {
        Self::of("stix", type_name)
    }

    /// One of our own kinds; `name` is a constant of this module.
    #[must_use]
    pub fn ours(name: &'static str) -> Self {
        Self(Arc::from(name))
    }

    fn of(format: &str, name: &str) -> Result<Self, ParseKindError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = !name.is_empty() && format.len() + 1 + name.len() <= KIND_BYTES_MAX;
        if fits && !name.contains("--") && format.bytes().all(plain) && name.bytes().all(plain) {
            Ok(Self(Arc::from(format!("{format}/{name}"))))
        } else {
            Err(ParseKindError)
        }
    }

    /// `stix/indicator`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The format's own name of the type: `indicator`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The format: `stix`, `misp`, `entente`, ...
    #[must_use]
    pub fn format(&self) -> &str {
        self.0.split_once('/').map_or("", |(format, _)| format)
    }

    /// Whether the body is a STIX object.
    #[must_use]
    pub fn is_stix(&self) -> bool {
        self.format() == "stix"
    }

    /// Whether a record of this kind is sent before any backfill: recalls, alerts, decisions, and
    /// the member lists and labels without which a partner would refuse what follows.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.is_word() || ALERTS.contains(&self.as_str())
    }

    /// Whether a record of this kind says something about records, or about who may have them, and
    /// nothing else: what a card takes from a partner never bounds it, or a recall would go unheard.
    #[must_use]
    pub fn is_word(&self) -> bool {
        WORDS.contains(&self.as_str())
    }

    /// Whether it is a question to a named partner or the answer to one: a card has a word of its own
    /// for these, and its lists of kinds are of what is shared.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        matches!(&*self.0, QUESTION | ANSWER)
    }

    /// Whether references to such things add nothing to a label (rule B): identities, marking,
    /// extension and language definitions.
    #[must_use]
    pub fn adds_no_label(&self) -> bool {
        matches!(
            &*self.0,
            "stix/identity"
                | "stix/marking-definition"
                | "stix/extension-definition"
                | "stix/language-content"
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.0)
    }
}

impl FromStr for Kind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, ParseKindError> {
        let (format, name) = text.split_once('/').ok_or(ParseKindError)?;
        Self::of(format, name)
    }
}
