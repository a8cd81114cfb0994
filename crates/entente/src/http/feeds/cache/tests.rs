//! How long a rendered feed is handed out.

use super::{Cache, Made, Stamp};
use bytes::Bytes;
use model::limits::{FEED_FRESH_MILLIS, FEEDS_CACHED_MAX};
use model::time::Instant;
use std::sync::Arc;

fn made(stamp: Stamp, at: i64, until: Option<i64>) -> Arc<Made> {
    Arc::new(Made {
        bytes: Bytes::from_static(b"a\n"),
        tag: "tag".to_owned(),
        shows: Vec::new(),
        stamp,
        at: Instant::from_micros(at),
        until: until.map(Instant::from_micros),
    })
}

const LATER: i64 = FEED_FRESH_MILLIS * 1_000;

#[test]
fn a_feed_holds_until_something_changes_or_its_time_comes() {
    let cache = Cache::default();
    let good = Arc::default();
    let stamp = cache.stamp(7, Arc::clone(&good));
    cache.keep("key".to_owned(), made(stamp.clone(), 0, Some(LATER * 10)));
    let at =
        |micros, stamp: &Stamp| cache.fresh("key", stamp, Instant::from_micros(micros)).is_some();
    assert!(at(LATER * 9, &stamp), "nothing changed");
    assert!(!at(LATER * 10, &stamp), "what it shows has expired");
    let committed = cache.stamp(8, Arc::clone(&good));
    assert!(at(LATER - 1, &committed), "who asks in a loop gets the same again");
    assert!(!at(LATER, &committed), "something was committed");
    assert!(!at(-1, &committed), "the clock was set back");
    cache.stale();
    assert!(!at(LATER, &cache.stamp(7, good)), "something is watched no more");
    assert!(!at(LATER, &cache.stamp(7, Arc::default())), "other lists");
    assert!(cache.fresh("other", &stamp, Instant::from_micros(0)).is_none());
}

#[test]
fn the_oldest_go_first() {
    let cache = Cache::default();
    let stamp = cache.stamp(0, Arc::default());
    for n in 0..=FEEDS_CACHED_MAX {
        cache.keep(n.to_string(), made(stamp.clone(), i64::try_from(n).expect("small"), None));
    }
    let held = |key: &str| cache.fresh(key, &stamp, Instant::from_micros(0)).is_some();
    assert!(!held("0") && held("1") && held(&FEEDS_CACHED_MAX.to_string()));
}
