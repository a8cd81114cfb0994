//! A record's label in MISP's words.

use super::MispView;
use model::id::CircleId;
use model::label::{Label, Pap, Tlp};

#[test]
fn a_label_is_shown_as_misps_tags_and_distribution() {
    let circle = CircleId::new(uuid::Uuid::from_u128(7));
    let amber = Label { pap: Some(Pap::Green), ..Label::new(Tlp::Amber, circle) };
    let view = MispView::of(&amber);
    assert_eq!(view.tags, ["tlp:amber", "PAP:GREEN"]);
    assert_eq!((view.distribution, view.sharing_group), (4, Some(circle.to_string())));
    // What nobody is named for stays with its organisation, and what is not understood is RED.
    let unknown = Label { unknown: true, ..Label::new(Tlp::Clear, circle) };
    for label in [Label::new(Tlp::Red, circle), unknown] {
        let view = MispView::of(&label);
        assert_eq!((view.tags, view.distribution), (vec!["tlp:red".to_owned()], 0));
        assert_eq!(view.sharing_group, None);
    }
}
