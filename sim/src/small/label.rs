//! The axes of a label that join, and the two that do not (hops, embargo).
//!
//! It deliberately leaves out source hiding and the unknown flag as axes of their own: the first
//! joins as personal data does, the second is RED with no hops from the start.

/// TLP 2.0, the least strict first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tlp {
    Clear,
    Green,
    Amber,
    Strict,
    Red,
}

/// The set of names that restricts nobody.
pub(super) const ANYONE: u8 = u8::MAX;

/// The axes on which labels join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axes {
    pub(super) tlp: Tlp,
    /// One bit per node that may have it; [`ANYONE`] when no names restrict it.
    pub(super) named: u8,
    pub(super) personal: bool,
}

impl Axes {
    /// The strictest on every axis.
    pub(super) fn join(self, other: Self) -> Self {
        Self {
            tlp: self.tlp.max(other.tlp),
            named: self.named & other.named,
            personal: self.personal | other.personal,
        }
    }

    /// The least strict on every axis; it may be looser than either.
    pub(super) fn meet(self, other: Self) -> Self {
        Self {
            tlp: self.tlp.min(other.tlp),
            named: self.named | other.named,
            personal: self.personal & other.personal,
        }
    }
}

/// What is signed with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) axes: Axes,
    /// Relays left after the signer's own sending; 0 means direct recipients only.
    pub(super) hops: u8,
    /// Released to nobody before this instant.
    pub(super) until: u64,
}

/// What the submitter wrote on a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marking {
    /// None: unmarked, the circle's default applies.
    pub(super) tlp: Option<Tlp>,
    /// A marking that the node can't classify.
    pub(super) unknown: bool,
    pub(super) named: u8,
    pub(super) personal: bool,
    pub(super) hops: u8,
    pub(super) until: u64,
}

impl Marking {
    /// The record's own label, before closure.
    pub(super) fn label(self, default: Tlp) -> Label {
        let Self { tlp, unknown, named, personal, hops, until } = self;
        let tlp = if unknown { Tlp::Red } else { tlp.unwrap_or(default) };
        // RED reaches named nodes only: no names means nobody, and must join so.
        let named = match (unknown, tlp, named) {
            (true, _, _) | (false, Tlp::Red, ANYONE) => 0,
            (false, _, named) => named,
        };
        Label { axes: Axes { tlp, named, personal }, hops: if unknown { 0 } else { hops }, until }
    }
}

#[cfg(test)]
mod tests {
    use super::{ANYONE, Axes, Marking, Tlp};

    #[test]
    fn red_without_names_joins_as_nobody() {
        let unmarked =
            Marking { tlp: None, unknown: false, named: 0b10, personal: false, hops: 1, until: 0 };
        let red = Marking { tlp: Some(Tlp::Red), named: ANYONE, ..unmarked };
        let joined = unmarked.label(Tlp::Amber).axes.join(red.label(Tlp::Amber).axes);
        assert_eq!(joined, Axes { tlp: Tlp::Red, named: 0, personal: false });
    }

    #[test]
    fn the_least_strict_per_axis_may_be_looser_than_every_copy() {
        let named = Axes { tlp: Tlp::Green, named: 0b1, personal: false };
        let amber = Axes { tlp: Tlp::Amber, named: ANYONE, personal: true };
        let both = named.meet(amber);
        assert!(both != named && both != amber);
        assert_eq!(both.join(named), named);
        assert_eq!(both.join(amber), amber);
    }
}
