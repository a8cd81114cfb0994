//! Where a collection is taken up, and how far it has been read. The walk itself is tested from
//! outside, against servers that are wrong.

use super::*;

fn at(text: &str) -> Option<Instant> {
    Some(text.parse().expect("a time"))
}

const NOW: &str = "2026-11-22T08:00:00Z";

fn reached_from(before: &Position, last: &str, more: bool, next: Option<&str>) -> Position {
    let next = next.map(str::to_owned);
    let now = at(NOW).expect("a time");
    let last = if last.is_empty() { None } else { at(last) };
    reached(before, last, (more, next.as_ref()), now)
}

#[test]
fn a_date_is_taken_up_a_little_earlier_where_more_may_bear_it() {
    for (last, more, wanted) in [
        ("2026-11-01T00:00:00.123456Z", true, "2026-11-01T00:00:00.123455Z"),
        ("2026-11-01T00:00:00.123456Z", false, "2026-11-01T00:00:00.123456Z"),
        ("2026-11-01T00:00:00.123Z", false, "2026-11-01T00:00:00.122999Z"),
        ("2026-11-01T00:00:00Z", false, "2026-10-31T23:59:59.999999Z"),
    ] {
        let position = reached_from(&Position::default(), last, more, Some("n"));
        assert_eq!((position.added_after, position.next), (at(wanted), None), "{last}");
    }
}

#[test]
fn a_date_never_goes_back_and_never_beyond_now() {
    let before = Position { added_after: at("2026-11-10T00:00:00Z"), ..Position::default() };
    let back = reached_from(&before, "2026-11-01T00:00:00Z", false, None);
    assert_eq!(back.added_after, before.added_after);
    let ahead = reached_from(&before, "2126-11-01T00:00:00Z", false, None);
    assert_eq!(ahead.added_after, at(NOW));
    assert_eq!(reached_from(&before, "", false, None).added_after, before.added_after);
}

#[test]
fn next_is_kept_only_where_there_is_no_date_and_something_follows() {
    let kept = |last, more| reached_from(&Position::default(), last, more, Some("n")).next;
    assert_eq!(kept("", true).as_deref(), Some("n"));
    assert_eq!(kept("", false), None);
    assert_eq!(kept("2026-11-01T00:00:00Z", true), None);
}

#[test]
fn a_pull_is_taken_up_by_date_rather_than_by_next() {
    let (date, next) = (at("2026-11-01T00:00:00Z"), Some("n/1".to_owned()));
    let resumed = |added_after, next| {
        Way::resumed(&Position { added_after, next, ..Position::default() }).query(5)
    };
    assert_eq!(resumed(None, None), "limit=5");
    assert_eq!(resumed(date, next.clone()), "limit=5&added_after=2026-11-01T00:00:00.000000Z");
    assert_eq!(resumed(None, next), "limit=5&next=n%2F1");
}
