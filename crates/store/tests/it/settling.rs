//! Entries are found, compared and erased alike before and after their keys have settled.

use crate::world::{append_all, circle, facts_of, header, seal, thing};
use model::facts::ValueKind;
use model::label::{Label, Tlp};
use store::{Inspection, Store};

/// Enough for several slices to settle.
const ENTRIES: u16 = 2_100;
/// Entry `n` and entry `n + THINGS` are about the same thing.
const THINGS: u16 = 1_500;

#[test]
fn nothing_is_lost_when_keys_settle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path, &crate::writing::options()).unwrap();
    let made: Vec<_> = (0..ENTRIES)
        .map(|n| {
            let n = n % THINGS;
            let header = header(thing("indicator", n), Label::new(Tlp::Green, circle(1)));
            seal(header, &format!("value h{n}.example\nref {}", thing("malware", n)))
        })
        .collect();
    append_all(&mut store, &made);
    for n in 0..THINGS {
        let first = i64::from(n) + 1;
        let both = [first, first + i64::from(THINGS)];
        let places = if n < ENTRIES - THINGS { &both[..] } else { &both[..1] };
        let newest: Vec<i64> = places.iter().rev().copied().collect();
        let reading = store.reading();
        assert_eq!(reading.by_thing(&thing("indicator", n)).unwrap(), places);
        let value = format!("h{n}.example");
        assert_eq!(reading.by_value(ValueKind::Domain, &value, None, 9).unwrap(), newest);
        assert_eq!(reading.referring(&thing("malware", n), None, 9).unwrap(), newest);
    }
    let now = counts(&path);
    assert!(now.iter().all(|rows| *rows > 0), "{now:?}");
    // One key of each sort for each entry.
    assert_eq!(now.iter().sum::<i64>(), 3 * i64::from(ENTRIES));
    let mut found = Vec::new();
    let inspection = Inspection::open(&path, false).unwrap();
    inspection.views(&mut |_, body| facts_of(body), &mut |damage| found.push(damage)).unwrap();
    assert!(found.is_empty(), "{found:?}");
    let mut tx = store.begin().unwrap();
    for seq in 1..=i64::from(ENTRIES) {
        tx.strip(seq, &mut |_, body| facts_of(body)).unwrap();
    }
    tx.commit().unwrap();
    assert_eq!(counts(&path), [0; 3]);
}

/// Rows that are recent, those that are settling, and those that have settled.
fn counts(path: &std::path::Path) -> [i64; 3] {
    let conn = rusqlite::Connection::open(path).unwrap();
    let count = |view: &str, which: &str| {
        let sql = format!("SELECT count(*) FROM view_{view}{which}");
        conn.query_row(&sql, (), |row| row.get::<_, i64>(0)).unwrap()
    };
    ["_recent", "_settling", ""]
        .map(|which| ["thing", "value", "reference"].map(|view| count(view, which)).iter().sum())
}
