//! The decision: circle membership first, then TLP, named recipients, hops, embargo, and what card and
//! policy give. It denies by default, and names the rule that denied and whose it is.

use model::bounds::Give;
use model::id::{CircleId, NodeId};
use model::kind::{CIRCLE, Kind};
use model::label::{Label, Tlp};
use model::policy::Section;
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
        /// A client reads by it: nothing of AMBER+STRICT, which stays with the members.
        client: bool,
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
    /// What it may get: its card met with the policy; everything for a token.
    pub give: Give,
    /// What `give` is the meeting of, to name whose a denial is; may be empty.
    pub bounds: Vec<(By, Give)>,
    /// Nothing was shared with this partner yet, and the first share waits for a person.
    pub waits: bool,
}

/// Whose rule decided.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum By {
    /// The record's label, which its signer gave it.
    Label,
    /// The circle's list of members.
    Circle,
    /// The partner's card.
    Card,
    /// A section of this node's policy.
    Policy(Section),
    /// This node: what a token may, what is confirmed, where a record came from.
    Node,
}

/// What a decision needs to know about a record beside its label.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The restrictions.
    pub label: &'a Label,
    /// What kind of record it is.
    pub kind: &'a Kind,
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
    /// A word of a record's own signer, and that record was sent to this reader. It is decided where
    /// it is known what was sent; by its label alone nobody has it.
    FollowsRecord,
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
    /// Above the ceiling on the partner's card or in the policy.
    AboveCeiling,
    /// Nothing was shared with this partner yet, and a person lets it begin.
    FirstShareWaits,
    /// Such kinds are not given to this partner.
    KindNotGiven,
    /// Out of this circle nothing is given to this partner.
    CircleNotGiven,
    /// A client's token, and AMBER+STRICT is for members alone.
    StrictNotForClients,
    /// The source is not to be named, and a relay would name it.
    SourceHidden,
    /// The label allows no further hop.
    NoHopsLeft,
    /// It came from this reader, or this reader signed it.
    BackToSource,
    /// Not before the end of its embargo.
    Embargo,
    /// Personal data, and the card does not allow it.
    PersonalData,
    /// A person withdrew it from this reader. This rule and the next two are decided where it is
    /// known what people said; by its label alone nothing is denied for them.
    Withdrawn,
    /// It is of a circle's past, and a person has yet to give that, or refused it.
    PastWaits,
    /// It was deleted from its collection, or stopped by its signer.
    Hidden,
}

/// Released or withheld, and by which rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Decision {
    /// Whether the record is released whole; there is nothing between whole and withheld.
    pub released: bool,
    /// The rule that decided.
    pub rule: Rule,
    /// Whose rule it is.
    pub by: By,
}

/// Decides whether `reader` may have the record at `now`.
///
/// Monotone: a stricter label never releases more (`tests.rs` checks the whole table).
#[must_use]
pub fn decide(record: &Placed<'_>, reader: &Reader, now: Instant) -> Decision {
    if reader.capacity == Capacity::Own {
        return Decision { released: true, rule: Rule::OwnNode, by: By::Node };
    }
    let class = by_class(record.label, reader).filter(|rule| holds_for(*rule, record.kind));
    let denied = class.or_else(|| by_row(record, reader, now));
    let rule = denied.unwrap_or(Rule::MemberOfCircle);
    Decision { released: denied.is_none(), rule, by: whose(rule, record, reader) }
}

/// Whose rule it is that decided. Of card and policy, the first that alone would have denied.
#[must_use]
pub fn whose(rule: Rule, record: &Placed<'_>, reader: &Reader) -> By {
    let label = record.label;
    let first = |denies: &dyn Fn(&Give) -> bool| {
        let found = reader.bounds.iter().find(|(_, give)| denies(give));
        found.map_or(By::Card, |(by, _)| *by)
    };
    match rule {
        Rule::AboveCeiling => first(&|give| label.effective_tlp() > give.ceiling),
        Rule::KindNotGiven => first(&|give| !given(give, record.kind)),
        Rule::CircleNotGiven => first(&|give| !give.circles.has(&label.circle)),
        Rule::PersonalData => first(&|give| label.personal && !give.personal),
        Rule::FirstShareWaits => By::Policy(Section::Everybody),
        Rule::NotInCircle | Rule::MemberOfCircle => By::Circle,
        Rule::RedNotNamed
        | Rule::NotNamed
        | Rule::NoHopsLeft
        | Rule::Embargo
        | Rule::SourceHidden => By::Label,
        Rule::OwnNode
        | Rule::TokenWithoutRed
        | Rule::FollowsRecord
        | Rule::StrictNotForClients
        | Rule::Unconfirmed
        | Rule::BackToSource
        | Rule::Withdrawn
        | Rule::PastWaits
        | Rule::Hidden => By::Node,
    }
}

/// Whether a kind is given. Member lists always are: without them nothing else is understood.
fn given(give: &Give, kind: &Kind) -> bool {
    give.kinds.has(kind) || kind.as_str() == CIRCLE
}

/// Whether a class's rule holds for this kind: a ceiling does not keep a circle's member list from
/// its members, or they could take nothing of what they are given.
#[must_use]
pub fn holds_for(rule: Rule, kind: &Kind) -> bool {
    rule != Rule::AboveCeiling || kind.as_str() != CIRCLE
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
        Capacity::Token { red: false, .. } if tlp == Tlp::Red => {
            return Some(Rule::TokenWithoutRed);
        }
        // SPEC: TLP 2.0 §4: AMBER+STRICT restricts sharing to the organization only.
        Capacity::Token { client: true, .. } if tlp > Tlp::Amber => {
            return Some(Rule::StrictNotForClients);
        }
        Capacity::Own | Capacity::Token { .. } | Capacity::Partner { .. } => {}
    }
    if !reader.give.circles.has(&label.circle) {
        return Some(Rule::CircleNotGiven);
    }
    if tlp > reader.give.ceiling {
        return Some(Rule::AboveCeiling);
    }
    (label.personal && !reader.give.personal).then_some(Rule::PersonalData)
}

/// What depends on the row: its kind, named recipients, hops, where it came from, embargo.
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
    if reader.waits && record.kind.as_str() != CIRCLE {
        return Some(Rule::FirstShareWaits);
    }
    if !given(&reader.give, record.kind) {
        return Some(Rule::KindNotGiven);
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
        // Whoever relays a record sends its signature, which names its source.
        if label.hide_source {
            return Some(Rule::SourceHidden);
        }
        let red = label.effective_tlp() == Tlp::Red;
        return (red || record.hop >= label.effective_hops()).then_some(Rule::NoHopsLeft);
    }
    None
}

#[cfg(test)]
mod tests;
