//! Changes and notes read as they were written; a text within stays what it was.

use super::*;
use crate::card::Card;
use crate::policy::Policy;

#[test]
fn a_change_holds_the_whole_text_that_was_set() {
    for (partner, text) in
        [(Some(NodeId::new([7; 16])), Card::default().write()), (None, Policy::default().write())]
    {
        let change = Change {
            who: "operator".to_owned(),
            why: "contract of May".to_owned(),
            was: Digest::new([1; 32]),
            partner,
            gains: partner.map(|_| 12),
            loses: Some(0),
            text,
        };
        assert_eq!(Change::read(&change.write()), Ok(change));
    }
}

#[test]
fn a_note_says_who_and_what() {
    let note = Note {
        about: "keys".to_owned(),
        who: String::new(),
        code: Some("E-KEY-001".to_owned()),
        text: "signed by the wrong key".to_owned(),
    };
    assert_eq!(Note::read(&note.write()), Ok(note));
    assert!(Note::read("entente/audit/1\nabout x\n").is_err());
}

#[test]
fn a_reason_is_one_line_that_says_something() {
    assert!(valid_why("why not"));
    for bad in ["", "  ", "a\nb", "\u{1b}[2J"] {
        assert!(!valid_why(bad), "{bad:?}");
    }
    assert!(valid_why(&"x".repeat(WHY_BYTES_MAX)));
    assert!(!valid_why(&"x".repeat(WHY_BYTES_MAX + 1)));
}

#[test]
fn each_node_has_one_ledger_and_each_partner_one_card_in_it() {
    let (a, b) = (NodeId::new([1; 16]), NodeId::new([2; 16]));
    assert_eq!(ledger_of(&a), ledger_of(&a));
    assert_ne!(ledger_of(&a), ledger_of(&b));
    let ledger = ledger_of(&a);
    let things = [None, Some(&a), Some(&b)].map(|partner| changed_thing(&ledger, partner));
    assert!(
        things.iter().enumerate().all(|(n, thing)| !things.iter().skip(n + 1).any(|t| t == thing))
    );
}
