//! Query strings that must not lose a restriction.

use super::Asked;
use axum::extract::Query;

fn asked(text: &str) -> Asked {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    Asked::of(Query(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()))
}

#[test]
fn what_nobody_asked_for_is_refused() {
    let mut query = asked("circle=a&tpl=red");
    assert_eq!(query.one("circle").ok(), Some(Some("a".to_owned())));
    assert_eq!(query.one("tlp").ok(), Some(None));
    assert!(query.end().is_err());
}

#[test]
fn a_value_given_twice_is_refused_unless_it_is_a_list() {
    let mut query = asked("to=a&tlp=red&to=b&tlp=green");
    assert_eq!(query.all("to"), ["a", "b"]);
    assert!(query.one("tlp").is_err());
}

#[test]
fn flags_are_one_or_nought() {
    let mut query = asked("a=1&b=0&c=yes");
    assert_eq!(query.flag("a").ok(), Some(true));
    assert_eq!(query.flag("b").ok(), Some(false));
    assert!(query.flag("c").is_err());
    assert_eq!(query.flag("d").ok(), Some(false));
}
