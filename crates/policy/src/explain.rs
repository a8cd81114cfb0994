//! The sentence that a person reads for each rule. It never says more than the reader may know.

use crate::decide::Rule;

impl Rule {
    /// Why, in one sentence for the node's own people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OwnNode => "it is this node's own",
            Self::MemberOfCircle => "member of the circle, within everything the label asks",
            Self::NotInCircle => "not a member of the record's circle",
            Self::RedNotNamed => "TLP:RED goes to named nodes only, and this one is not named",
            Self::TokenWithoutRed => "the token was not made for TLP:RED",
            Self::NotNamed => "other recipients are named",
            Self::Unconfirmed => {
                "the six words have not been compared yet; until then only GREEN and CLEAR flow"
            }
            Self::AboveCeiling => "above the ceiling set for this reader",
            Self::NoHopsLeft => "the label allows no further hop",
            Self::BackToSource => "it came from there",
            Self::Embargo => "under embargo",
            Self::PersonalData => "personal data, and the partner's card does not allow it",
        }
    }
}
