//! The decision: circle membership first, then TLP, named recipients, hops, embargo, personal data
//! and the partner's ceiling. It denies by default and names the rule that denied.

use model::id::{CircleId, NodeId};
use model::label::{Label, Tlp};
use model::time::Instant;
use std::collections::BTreeSet;

/// In which capacity somebody reads.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Capacity {
    /// The node itself: its administrator and its own machinery.
    Own,
    /// A token of this node, cut to its circles; reads RED only when made for it.
    Token {
        /// Made with `--red`.
        red: bool,
    },
    /// A partner's node over a link or in a bundle.
    Partner {
        /// Both sides have compared the six words; until then only GREEN and CLEAR flow.
        confirmed: bool,
    },
}

/// Who reads. Built from the node's state; nothing in it comes from the reader's own word.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Reader {
    /// The node that reads; for tokens and the administrator, this node.
    pub node: NodeId,
    /// In which capacity.
    pub capacity: Capacity,
    /// The circles it may see, each accepted by this node.
    pub circles: BTreeSet<CircleId>,
    /// The ceiling on the partner's card, or of the token.
    pub ceiling: Tlp,
    /// Whether records with personal data may be read.
    pub personal: bool,
}

/// What a decision needs to know about a record beside its label.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The restrictions.
    pub label: &'a Label,
    /// The node whose key signed it.
    pub signer: NodeId,
    /// The partner it came from; `None` when it was made or posted here.
    pub via: Option<NodeId>,
    /// Hops it has taken so far.
    pub hop: u8,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// The reader is the node itself.
    OwnNode,
    /// A member (or a member's token) within everything the label asks.
    MemberOfCircle,
    /// Not a member of the record's circle, or the circle is not accepted here.
    NotInCircle,
    /// RED goes to named nodes only.
    RedNotNamed,
    /// The token was not made for RED.
    TokenWithoutRed,
    /// Others are named.
    NotNamed,
    /// The six words have not been compared; until then only GREEN and CLEAR flow.
    Unconfirmed,
    /// Above the ceiling on the partner's card or of the token.
    AboveCeiling,
    /// The label allows no further hop.
    NoHopsLeft,
    /// It came from this reader, or this reader signed it.
    BackToSource,
    /// Not before the end of its embargo.
    Embargo,
    /// Personal data, and the card does not allow it.
    PersonalData,
}

/// Released or withheld, and by which rule.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Decision {
    /// Whether the record is released whole; there is nothing between whole and withheld.
    pub released: bool,
    /// The rule that decided.
    pub rule: Rule,
}

impl Decision {
    const fn yes(rule: Rule) -> Self {
        Self { released: true, rule }
    }

    const fn no(rule: Rule) -> Self {
        Self { released: false, rule }
    }
}

/// Decides whether `reader` may have the record at `now`.
///
/// Monotone: a stricter label never releases more (`tests.rs` checks the whole table).
#[must_use]
pub fn decide(record: &Placed<'_>, reader: &Reader, now: Instant) -> Decision {
    if reader.capacity == Capacity::Own {
        return Decision::yes(Rule::OwnNode);
    }
    let denied = by_class(record.label, reader).or_else(|| by_row(record, reader, now));
    denied.map_or(Decision::yes(Rule::MemberOfCircle), Decision::no)
}

/// What depends on the label's class alone, and so is decided once per class and reader.
#[must_use]
pub fn by_class(label: &Label, reader: &Reader) -> Option<Rule> {
    let tlp = label.effective_tlp();
    if !reader.circles.contains(&label.circle) {
        return Some(Rule::NotInCircle);
    }
    match reader.capacity {
        Capacity::Partner { confirmed: false } if tlp > Tlp::Green => {
            return Some(Rule::Unconfirmed);
        }
        Capacity::Token { red: false } if tlp == Tlp::Red => return Some(Rule::TokenWithoutRed),
        Capacity::Own | Capacity::Token { .. } | Capacity::Partner { .. } => {}
    }
    if tlp > reader.ceiling {
        return Some(Rule::AboveCeiling);
    }
    (label.personal && !reader.personal).then_some(Rule::PersonalData)
}

/// What depends on the row: named recipients, hops, where it came from, embargo.
#[must_use]
pub fn by_row(record: &Placed<'_>, reader: &Reader, now: Instant) -> Option<Rule> {
    let label = record.label;
    if label.embargo.is_some_and(|until| until > now) {
        return Some(Rule::Embargo);
    }
    match reader.capacity {
        // A token is its own node: what named partners may have, and what hops remain, is about
        // leaving the node. It still reads nothing that this node was not meant to have.
        Capacity::Own | Capacity::Token { .. } => None,
        Capacity::Partner { .. } => leaving(record, reader),
    }
}

fn leaving(record: &Placed<'_>, reader: &Reader) -> Option<Rule> {
    let label = record.label;
    if record.signer == reader.node || record.via == Some(reader.node) {
        return Some(Rule::BackToSource);
    }
    if label.effective_tlp() == Tlp::Red {
        let named = label.to.as_ref().is_some_and(|to| to.contains(&reader.node));
        if !named {
            return Some(Rule::RedNotNamed);
        }
    }
    if label.to.as_ref().is_some_and(|to| !to.contains(&reader.node)) {
        return Some(Rule::NotNamed);
    }
    // Sending what we signed costs nothing; each relay costs one hop, and RED is never relayed.
    if record.via.is_some() {
        let red = label.effective_tlp() == Tlp::Red;
        return (red || record.hop >= label.effective_hops()).then_some(Rule::NoHopsLeft);
    }
    None
}

#[cfg(test)]
mod tests;
