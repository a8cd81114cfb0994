//! Cards: what is written is read, old ones too, and nothing is read that nobody would obey.

use super::{Card, Quota, Relation};
use crate::bounds::{CirclesOf, Give, Kinds, Take};
use crate::id::CircleId;
use crate::label::Tlp;
use crate::question::Answers;
use uuid::Uuid;

#[test]
fn a_card_of_the_first_form_is_still_read() {
    let old = "entente/card/1\ncountry FR\nsector Power and Light\nceiling red\ntake-ceiling amber\n\
        personal yes\nrecords-held 7\n";
    let card = Card::read(old).unwrap();
    let quota = Quota { records_held: Some(7), ..Quota::NONE };
    assert_eq!(card.take, Take { ceiling: Tlp::Amber, quota, ..Take::whole() });
    assert_eq!(card.give, Give { answers: Answers::No, ..Give::whole() });
    assert_eq!((card.country, card.sector.as_ref()), ("FR".parse().ok(), None));
    assert_eq!(Card::read(&card.write()), Ok(card));
}

#[test]
fn a_card_reads_as_it_was_written() {
    let kinds =
        |names: &[&str]| Kinds::Only(names.iter().map(|name| name.parse().unwrap()).collect());
    let card = Card {
        relation: Relation::Vendor,
        country: "FR".parse().ok(),
        sector: "energy".parse().ok(),
        give: Give {
            ceiling: Tlp::Green,
            kinds: kinds(&["stix/*", "misp/attribute"]),
            circles: CirclesOf::Only([CircleId::new(Uuid::from_u128(7))].into()),
            personal: true,
            answers: Answers::Band,
        },
        take: Take {
            ceiling: Tlp::Amber,
            kinds: kinds(&[]),
            circles: CirclesOf::Only([].into()),
            body_bytes: Some(1 << 20),
            quota: Quota {
                records_per_hour: Some(10),
                bytes_per_hour: None,
                records_held: Some(0),
            },
        },
        clients: ["siem of Café".to_owned(), "b".to_owned()].into(),
    };
    assert_eq!(Card::read(&card.write()), Ok(card.clone()));
    assert_ne!(card.write(), Card::default().write());
    assert_eq!(Card::read(&Card::default().write()), Ok(Card::default()));
}

#[test]
fn a_line_that_nobody_would_obey_is_refused() {
    let good = Card::default().write();
    for (from, to) in [
        ("relation partner", "relation friend"),
        ("give-ceiling red", "give-ceiling pink"),
        ("take-ceiling red", "take-ceiling red\nrecords-per-day 5"),
        ("take-ceiling red", "take-ceiling red\ntake-body-bytes -1"),
        ("take-ceiling red", "take-ceiling red\nrecords-per-hour many"),
        ("give-ceiling red", "give-ceiling red\ngive-kinds stix"),
        ("give-ceiling red", "give-ceiling red\ngive-kinds stix/*,"),
        ("give-ceiling red", "give-ceiling red\ngive-circles ring"),
        ("relation partner", "relation partner\ncountry fr"),
        ("relation partner", "relation partner\nsector Energy"),
        ("take-ceiling red\n", "take-ceiling red\nclient  padded\n"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        assert!(Card::read(&text).is_err(), "{text}");
    }
}
