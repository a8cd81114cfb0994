//! What is near, and what is not.

use super::{distance, nearest};

#[test]
fn slips_of_the_hand_find_the_name_that_was_meant() {
    let known = ["ring", "lighthouse", "CERT Beta"];
    for (typed, meant) in [
        ("rnig", Some("ring")),
        ("Ring", Some("ring")),
        ("lighthuose", Some("lighthouse")),
        ("light house", Some("lighthouse")),
        ("cert beta", Some("CERT Beta")),
        ("CERT Bet", Some("CERT Beta")),
        ("suppliers", None),
        ("wine", None),
        ("", None),
    ] {
        assert_eq!(nearest(typed, known), meant, "{typed}");
    }
    assert_eq!(nearest("ring", []), None);
}

#[test]
fn a_swap_of_neighbours_is_one_slip() {
    assert_eq!(distance("rnig", "ring"), 1);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("same", "same"), 0);
}
