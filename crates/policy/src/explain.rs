//! The sentence that a person reads for each rule. It never says more than the reader may know.

use crate::decide::{By, Decision, Rule};
use model::policy::Section;

impl Rule {
    /// Why, in one sentence for the node's own people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OwnNode => "it is this node's own",
            Self::MemberOfCircle => "member of the circle, within everything the label asks",
            Self::FollowsRecord => "it takes back what was sent there",
            Self::NotInCircle => "not a member of the record's circle",
            Self::RedNotNamed => "TLP:RED goes to named nodes only, and this one is not named",
            Self::TokenWithoutRed => "the token was not made for TLP:RED",
            Self::NotNamed => "other recipients are named",
            Self::Unconfirmed => {
                "the six words have not been compared yet; until then only GREEN and CLEAR flow"
            }
            Self::AboveCeiling => "above the ceiling set for this reader",
            Self::FirstShareWaits => "the first share with it waits for a person",
            Self::KindNotGiven => "such kinds of records are not given to it",
            Self::CircleNotGiven => "nothing out of this circle is given to it",
            Self::StrictNotForClients => {
                "TLP:AMBER+STRICT stays with the members, and a client reads by this token"
            }
            Self::SourceHidden => "its source is not to be named, and passing it on would name it",
            Self::NoHopsLeft => "the label allows no further hop",
            Self::BackToSource => "it came from there",
            Self::Embargo => "under embargo",
            Self::PersonalData => "personal data, which is not given to it",
            Self::Withdrawn => "a person withdrew it from there; only a new version goes there",
            Self::PastWaits => "of the circle's past, which a person has not let begin",
            Self::Hidden => "deleted from its collection, or stopped by its signer",
        }
    }
}

impl By {
    /// Where the rule stands, for the node's own people; `None` where the rule itself says it.
    #[must_use]
    pub fn place(self) -> Option<String> {
        match self {
            Self::Label | Self::Circle | Self::Node => None,
            Self::Card => Some("the partner's card".to_owned()),
            Self::Policy(Section::Everybody) => Some("this node's policy".to_owned()),
            Self::Policy(Section::Relation(relation)) => {
                Some(format!("this node's policy for relation `{relation}`"))
            }
            Self::Policy(Section::Country) => {
                Some("this node's policy for the partner's country".to_owned())
            }
            Self::Policy(Section::Sector) => {
                Some("this node's policy for the partner's sector".to_owned())
            }
        }
    }

    /// One word for machines: `label`, `circle`, `card`, `policy` or `node`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Circle => "circle",
            Self::Card => "card",
            Self::Policy(_) => "policy",
            Self::Node => "node",
        }
    }
}

impl Decision {
    /// Why, in one sentence for the node's own people, with the place where the rule stands.
    #[must_use]
    pub fn sentence(&self) -> String {
        let rule = self.rule.sentence();
        self.by.place().map_or_else(|| rule.to_owned(), |place| format!("{rule}, says {place}"))
    }
}
