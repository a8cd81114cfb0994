//! What a plain token is told of a decision, beside what an administrator is.

use super::reason;
use node::{By, Decision, Rule};

#[test]
fn a_token_is_told_of_label_and_circle_and_never_of_cards() {
    let denied = |rule, by| Decision { released: false, rule, by };
    let open = [
        denied(Rule::RedNotNamed, By::Label),
        denied(Rule::Embargo, By::Label),
        denied(Rule::NotInCircle, By::Circle),
        Decision { released: true, rule: Rule::MemberOfCircle, by: By::Circle },
    ];
    for decision in open {
        assert_eq!(reason(&decision, false).0, decision.rule.sentence(), "{decision:?}");
    }
    let closed = [
        denied(Rule::AboveCeiling, By::Card),
        denied(Rule::KindNotGiven, By::Card),
        denied(Rule::PersonalData, By::Card),
        denied(Rule::Unconfirmed, By::Node),
        denied(Rule::BackToSource, By::Node),
    ];
    for decision in closed {
        assert_eq!(reason(&decision, false), ("withheld by this node".to_owned(), "node"));
        assert_eq!(reason(&decision, true).0, decision.sentence(), "an administrator is told");
    }
}
