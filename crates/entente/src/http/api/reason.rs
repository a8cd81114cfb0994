//! Why a partner gets a record or not, as far as the caller may know it: cards, the policy and what
//! is confirmed are the administrators' business. It decides nothing.

use node::{By, Decision};

/// What any reader is told of a denial that is not by the label or the circle.
const BY_THE_NODE: &str = "withheld by this node";

/// The sentence, and in one word whose rule it is.
pub(super) fn reason(decision: &Decision, admin: bool) -> (String, &'static str) {
    if admin {
        return (decision.sentence(), decision.by.as_str());
    }
    match decision.by {
        By::Label | By::Circle => (decision.rule.sentence().to_owned(), decision.by.as_str()),
        By::Node if decision.released => (decision.rule.sentence().to_owned(), "node"),
        // What a card says of one partner shows what this node thinks of it.
        By::Card | By::Policy(_) | By::Node => (BY_THE_NODE.to_owned(), "node"),
    }
}

#[cfg(test)]
mod tests;
