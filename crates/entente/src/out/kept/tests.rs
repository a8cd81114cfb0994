//! What lets matches go when none come.

use super::{Home, Journal, MatchesKept, State};
use std::sync::Mutex;

#[test]
fn old_days_go_within_the_hour_though_nothing_matches() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it opens");
    let settings = MatchesKept { days: 30, bytes_max: 1 << 20 };
    let home = Home { journal, settings, state: Mutex::new(State::default()) };
    let days = || -> Vec<String> {
        home.journal.days().expect("days").into_iter().map(|(day, _)| day).collect()
    };
    let keep = |day: &str| home.journal.append(day, b"1 {\"match\":\"x\"}\n").expect("kept");
    let at = |time: &str| time.parse().expect("a time");
    for day in ["2026-01-01", "2026-10-22", "2026-10-23", "2026-11-22"] {
        keep(day);
    }
    home.look_after_hourly(at("2026-11-22T10:00:00Z")).expect("looked after");
    assert_eq!(days(), ["2026-10-23", "2026-11-22"]);
    keep("2026-01-01");
    home.look_after_hourly(at("2026-11-22T10:59:59Z")).expect("looked after");
    assert_eq!(days().len(), 3, "not again in the same hour");
    home.look_after_hourly(at("2026-11-22T11:00:00Z")).expect("looked after");
    assert_eq!(days(), ["2026-10-23", "2026-11-22"]);
    home.look_after_hourly(at("2026-11-23T00:00:00Z")).expect("looked after");
    assert_eq!(days(), ["2026-11-22"], "a day later another day is old");
}
