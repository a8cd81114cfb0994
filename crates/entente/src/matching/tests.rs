//! Sums of matches.

use super::look::Found;
use super::sums::sums;
use detect::event::Role;
use detect::index::Handle;
use detect::live::Match;
use model::time::Instant;

fn found(line: u64, handle: u64, at: Option<i64>) -> Found {
    let found = Match {
        handle: Handle(handle),
        field: "dns.rrname".to_owned(),
        role: Role::Query,
        value: "evil.example".to_owned(),
        at: at.map(Instant::from_micros),
        parent: false,
    };
    Found { line, bytes: 0..0, found }
}

#[test]
fn an_event_counts_once_per_indicator_and_times_span_all_events() {
    let all = [
        found(1, 7, Some(50)),
        found(1, 7, Some(50)),
        found(1, 8, Some(50)),
        found(2, 7, Some(20)),
        found(3, 7, None),
    ];
    let sums = sums(&all, Instant::from_micros(90));
    let told: Vec<_> =
        sums.iter().map(|s| (s.seq, s.count, s.first.micros(), s.last.micros(), s.role)).collect();
    assert_eq!(told, [(7, 3, 20, 90, "dns-query"), (8, 1, 50, 50, "dns-query")]);
}
