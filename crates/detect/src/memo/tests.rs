//! What is remembered of a member, and what is too much.

use super::*;

#[test]
fn a_member_of_more_rows_than_have_room_is_not_remembered() {
    let mut known = Known::NOTHING;
    for row in [7, 8, 9] {
        assert!(known.add(row));
    }
    assert!(!known.add(10) && !known.add(11));
    assert_eq!(known.rows(), [7, 8, 9]);
}

#[test]
fn what_is_remembered_holds_in_its_state_and_until_it_is_forgotten() {
    let (mut memo, mut known) = (Memo::default(), Known::NOTHING);
    assert!(known.add(7));
    let member = b"\"query\":\"a.example\"";
    memo.learn((1, 1), known, member);
    assert_eq!(memo.known((1, 1), member), Some(known));
    assert_eq!(memo.known((2, 1), member), None, "the index learnt something");
    assert_eq!(memo.known((1, 2), member), None, "these are rows of another gathering");
    memo.forget(member);
    assert_eq!(memo.known((1, 1), member), None);
}
