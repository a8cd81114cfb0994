//! The label: the closed set of restrictions on a record, which is stricter, and how they join.
//! It says what a record carries; `policy` decides what follows from it for a reader.

use crate::id::{CircleId, NodeId};
use crate::time::Instant;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Traffic Light Protocol 2.0, from the freest to the strictest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Tlp {
    /// Anyone (TLP 1's WHITE too).
    Clear,
    /// The community.
    Green,
    /// Each member and its clients.
    Amber,
    /// The members alone.
    AmberStrict,
    /// Named nodes only; nobody when none is named.
    Red,
}

impl Tlp {
    /// All of them, from the freest to the strictest.
    pub const ALL: [Self; 5] =
        [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// `amber+strict`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// Its place from 0 (CLEAR) to 4 (RED), as stores keep it.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Green => 1,
            Self::Amber => 2,
            Self::AmberStrict => 3,
            Self::Red => 4,
        }
    }

    /// The TLP of this rank.
    #[must_use]
    pub fn from_rank(rank: u8) -> Option<Self> {
        Self::ALL.get(usize::from(rank)).copied()
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no restriction we know.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown; use clear, green, amber, amber+strict or red")]
pub struct ParseTlpError;

impl FromStr for Tlp {
    type Err = ParseTlpError;

    /// Reads any usual spelling: `TLP:AMBER+STRICT`, `amber-strict`, `white`.
    fn from_str(text: &str) -> Result<Self, ParseTlpError> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.strip_prefix("tlp:").unwrap_or(&lower) {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "amber+strict" | "amber-strict" | "amber_strict" => Ok(Self::AmberStrict),
            "red" => Ok(Self::Red),
            _ => Err(ParseTlpError),
        }
    }
}

/// Permissible Actions Protocol: what may be *done* with a record, never who may have it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Pap {
    /// Anything.
    Clear,
    /// Active use within one's own infrastructure, block lists included.
    Green,
    /// Passive look-ups with third parties; no block lists, no inline drops.
    Amber,
    /// Passive matching of what is already there, nothing visible outside.
    Red,
}

impl Pap {
    /// `amber`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

impl FromStr for Pap {
    type Err = ParseTlpError;

    fn from_str(text: &str) -> Result<Self, ParseTlpError> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.strip_prefix("pap:").unwrap_or(&lower) {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "red" => Ok(Self::Red),
            _ => Err(ParseTlpError),
        }
    }
}

/// The restrictions on one record. Signed with it; a version's label never changes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "three of the closed axes are yes or no")]
pub struct Label {
    /// Traffic light.
    pub tlp: Tlp,
    /// The one circle that the record is placed in; it bounds what is ever sent.
    pub circle: CircleId,
    /// Named recipients; `None` means every member, an empty set nobody.
    pub to: Option<BTreeSet<NodeId>>,
    /// Hops that relays may take within the circle, at most `HOPS_MAX`.
    pub hops: u8,
    /// Personal data inside.
    pub personal: bool,
    /// The source is not to be named.
    pub hide_source: bool,
    /// Not to be released before this instant.
    pub embargo: Option<Instant>,
    /// It carries a marking that we neither hold nor can classify; read as RED without hops.
    pub unknown: bool,
    /// Limits actions, not release.
    pub pap: Option<Pap>,
}

impl Label {
    /// A label of this colour for every member of the circle.
    #[must_use]
    pub const fn new(tlp: Tlp, circle: CircleId) -> Self {
        Self {
            tlp,
            circle,
            to: None,
            hops: crate::limits::HOPS_DEFAULT,
            personal: false,
            hide_source: false,
            embargo: None,
            unknown: false,
            pap: None,
        }
    }

    /// Joins the axes of rule B with what a reference brings; the stricter side wins on each.
    #[must_use]
    pub fn joined(mut self, other: &Strictness) -> Self {
        let mine = Strictness::of(&self).join(other);
        self.tlp = mine.tlp;
        self.to = mine.to;
        self.personal = mine.personal;
        self.hide_source = mine.hide_source;
        self
    }

    /// The traffic light that release goes by: an unknown marking means RED.
    #[must_use]
    pub const fn effective_tlp(&self) -> Tlp {
        if self.unknown { Tlp::Red } else { self.tlp }
    }

    /// The hops that release goes by.
    #[must_use]
    pub const fn effective_hops(&self) -> u8 {
        if self.unknown { 0 } else { self.hops }
    }

    /// Whether this label never releases more than `other` to anyone, in the same circle.
    #[must_use]
    pub fn at_least_as_strict_as(&self, other: &Self) -> bool {
        let mine = Strictness::of(self);
        self.circle == other.circle
            && mine.join(&Strictness::of(other)) == mine
            && self.effective_hops() <= other.effective_hops()
            && self.embargo.unwrap_or(Instant::from_micros(i64::MIN))
                >= other.embargo.unwrap_or(Instant::from_micros(i64::MIN))
    }
}

/// The four axes on which rule B joins: traffic light, named recipients, personal data, hidden
/// source. A join-semilattice with [`Strictness::FREE`] at its bottom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Strictness {
    /// Traffic light.
    pub tlp: Tlp,
    /// Named recipients; `None` restricts nobody.
    pub to: Option<BTreeSet<NodeId>>,
    /// Personal data inside.
    pub personal: bool,
    /// The source is not to be named.
    pub hide_source: bool,
}

impl Strictness {
    /// No restriction at all.
    pub const FREE: Self = Self { tlp: Tlp::Clear, to: None, personal: false, hide_source: false };

    /// The joining axes of a label. RED that names nobody is for nobody, not for everybody.
    #[must_use]
    pub fn of(label: &Label) -> Self {
        let tlp = label.effective_tlp();
        Self {
            tlp,
            to: label.to.clone().or_else(|| (tlp == Tlp::Red).then(BTreeSet::new)),
            personal: label.personal,
            hide_source: label.hide_source,
        }
    }

    /// The stricter of both on every axis; named recipients intersect.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let to = match (&self.to, &other.to) {
            (None, to) | (to, None) => to.clone(),
            (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
        };
        Self {
            tlp: self.tlp.max(other.tlp),
            to,
            personal: self.personal || other.personal,
            hide_source: self.hide_source || other.hide_source,
        }
    }

    /// The least strict of both on every axis; named recipients unite, `None` wins.
    ///
    /// Used over the labels under which one thing is held, so that a partner's RED copy cannot
    /// poison a public id.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let to = match (&self.to, &other.to) {
            (None, _) | (_, None) => None,
            (Some(a), Some(b)) => Some(a.union(b).copied().collect()),
        };
        Self {
            tlp: self.tlp.min(other.tlp),
            to,
            personal: self.personal && other.personal,
            hide_source: self.hide_source && other.hide_source,
        }
    }
}

#[cfg(test)]
mod tests;
