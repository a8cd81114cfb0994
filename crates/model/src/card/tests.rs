//! Cards: what is written is read, old ones too, and nothing is read that nobody would obey.

use super::{Card, Quota};
use crate::label::Tlp;

#[test]
fn a_card_from_before_the_quotas_is_still_read() {
    let old = "entente/card/1\nceiling red\ntake-ceiling amber\npersonal yes\n";
    let card = Card::read(old).unwrap();
    assert_eq!((card.take_ceiling, card.quota), (Tlp::Amber, Quota::default()));
    assert_eq!(card.write(), old);
}

#[test]
fn a_card_says_what_its_partner_may_cost() {
    let quota = Quota { records_per_hour: Some(10), bytes_per_hour: None, records_held: Some(0) };
    let card = Card { quota, ..Card::default() };
    assert_eq!(Card::read(&card.write()), Ok(card));
    for line in ["records-per-hour many", "records-held -1", "records-per-day 5"] {
        let text = format!("entente/card/1\nceiling red\ntake-ceiling red\n{line}\n");
        assert!(Card::read(&text).is_err(), "{line}");
    }
}
