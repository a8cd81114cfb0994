//! Which indicators a feed of one day, or of one indicator, is read from: the same as whoever looks at
//! all of them would take. Nothing is rendered here.

use crate::world::{One, all, id, thing};
use model::time::Instant;
use node::accept::Terms;
use node::read::{Feeding, Wanted};
use node::release::Lens;
use node::{Capacity, Rights};
use std::collections::BTreeSet;

/// The names in a feed, and how many readings that took.
fn names(one: &One, lens: &Lens, wanted: Wanted) -> (BTreeSet<String>, usize) {
    let mut feeding = Feeding::new(lens.clone(), wanted);
    let (mut names, mut pages, mut after) = (BTreeSet::new(), 0, Some(0));
    let reading = one.store.reading();
    while let Some(from) = after {
        let mut each = |entry: node::read::FeedEntry<'_>| {
            let new = entry.values.iter().map(|(_, text, _)| (*text).to_owned());
            for name in new {
                assert!(names.insert(name), "told twice");
            }
        };
        after = feeding.page(&reading, from, &mut each).unwrap();
        pages += 1;
    }
    (names, pages)
}

fn begun(n: u32, name: &str, more: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","pattern":"[domain-name:value = '{name}']","pattern_type":"stix"{more}}}"#,
        id("indicator", n)
    )
}

/// The properties that say when it was made and from when it holds.
fn from(day: &str, version: &str) -> String {
    format!(r#","created":"2026-01-01T00:00:00.000Z","modified":"{version}","valid_from":"{day}""#)
}

#[test]
fn a_day_and_one_indicator_are_read_as_if_all_were_looked_at() {
    let mut one = One::new(1, "CERT Alpha");
    one.now = "2026-04-01T00:00:00Z".parse().unwrap();
    let (circle, other) = (one.circle("ops"), one.circle("other"));
    let token = one.token("firewall", &[circle, other], Rights::READ.with(Rights::WRITE));
    let who = one.caller(&token).submitter;
    let first = "2026-01-02T00:00:00.000Z";
    let rows = [
        (1, "before.example", "2026-02-28T23:59:59.999999Z", first),
        (2, "morning.example", "2026-03-01T00:00:00Z", first),
        (3, "evening.example", "2026-03-01T23:59:59.999999Z", first),
        (4, "after.example", "2026-03-02T00:00:00Z", first),
        // A version that moved it to another day.
        (5, "moved.example", "2026-03-01T12:00:00Z", first),
        (5, "moved.example", "2026-03-02T12:00:00Z", "2026-01-03T00:00:00.000Z"),
    ];
    for (n, name, day, version) in rows {
        one.publish(&who, Terms::of(circle), &begun(n, name, &from(day, version)));
    }
    one.publish(&who, Terms::of(other), &begun(6, "elsewhere.example", &from(rows[1].2, first)));
    let mut lens = Lens { reader: who.reader, now: one.now };
    lens.reader.capacity = Capacity::Own;
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let day = (at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"));
    let (found, _) = names(&one, &lens, Wanted { begun: Some(day), ..all(circle) });
    assert_eq!(found, of(&["evening.example", "morning.example"]));
    let older = (Instant::from_micros(i64::MIN), day.0);
    let (found, _) = names(&one, &lens, Wanted { begun: Some(older), ..all(circle) });
    assert_eq!(found, of(&["before.example"]));
    // One by its name: in one reading, the newest version, and not from another circle.
    for (n, name) in
        [(2, Some("morning.example")), (5, Some("moved.example")), (6, None), (9, None)]
    {
        let only = Some(thing(&id("indicator", n)).uuid);
        let (found, pages) = names(&one, &lens, Wanted { only, ..all(circle) });
        assert_eq!((found, pages), (name.into_iter().map(str::to_owned).collect(), 1), "{n}");
    }
    let (found, _) = names(&one, &lens, all(circle));
    assert_eq!(found.len(), 5, "{found:?}");
}
