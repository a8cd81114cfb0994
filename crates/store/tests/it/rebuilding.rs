//! A view is built beside the one in use: whatever happens meanwhile, it ends equal to one that was
//! there all the time; and what is cut off leaves nothing behind.

use crate::views::answers;
use crate::world::{append_all, facts_of, small_log};
use crate::writing::options;
use std::path::Path;
use store::{Damage, Inspection, Rebuild, Store, views};

/// One slice of so many entries.
fn slice(store: &Store, work: &mut Rebuild, entries: u32) -> bool {
    let mut left = entries;
    let mut over = || {
        left = left.saturating_sub(1);
        left == 0
    };
    store.rebuild_slice(work, &mut |_, body| facts_of(body), &mut over).unwrap()
}

fn happen(store: &mut Store, moment: i64) {
    append_all(store, &small_log()[..3]);
    let mut tx = store.begin().unwrap();
    // One that is taken already, one that is not, one that just came.
    let head = tx.reading().head().unwrap();
    for seq in [1 + moment, 60 - moment, head] {
        tx.erase(seq, &mut |_, body| facts_of(body)).unwrap();
    }
    tx.commit().unwrap();
}

#[test]
fn what_happens_meanwhile_is_in_both() {
    let (mut one, mut other) = (Store::memory().unwrap(), Store::memory().unwrap());
    for store in [&mut one, &mut other] {
        append_all(store, &small_log());
        append_all(store, &small_log());
    }
    for view in views() {
        let mut work = one.begin_rebuild(view).unwrap();
        let mut moment = 0;
        while !slice(&one, &mut work, 7) {
            if moment < 9 {
                happen(&mut one, moment);
                happen(&mut other, moment);
            }
            assert_eq!(answers(&one), answers(&other), "{view}, moment {moment}");
            moment += 1;
        }
        assert!(moment > 10, "{view} was built in slices");
        assert!(work.taken > 0 && work.unreadable == 0);
        assert_eq!(answers(&one), answers(&other), "{view}");
    }
}

#[test]
fn a_purge_waits_for_a_building_to_end() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let mut work = store.begin_rebuild("text").unwrap();
    while work.progress().0 < 20 {
        assert!(!slice(&store, &mut work, 5));
    }
    let mut tx = store.begin().unwrap();
    tx.erase(3, &mut |_, body| facts_of(body)).unwrap();
    tx.commit().unwrap();
    for _ in 0..50 {
        assert!(!store.purge().unwrap(), "the new index may hold what was erased");
    }
    while !slice(&store, &mut work, 5) {}
    assert!((0..50).any(|_| store.purge().unwrap()));
}

fn pages(path: &Path) -> Vec<Damage> {
    let mut found = Vec::new();
    let inspection = Inspection::open(path, false).unwrap();
    inspection.pages(&mut |damage| found.push(damage)).unwrap();
    found
}

#[test]
fn a_building_that_was_cut_off_is_swept_away_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path, &options()).unwrap();
    append_all(&mut store, &small_log());
    let before = answers(&store);
    for view in views() {
        for cut in 1..14 {
            let mut work = store.begin_rebuild(view).unwrap();
            let ended = (0..cut).any(|_| slice(&store, &mut work, 9));
            // A power cut: nothing is tidied up.
            drop(store);
            store = Store::open(&path, &options()).unwrap();
            assert_eq!(answers(&store), before, "{view}, cut {cut}");
            assert!((0..500).any(|_| store.purge().unwrap()), "{view}, cut {cut}");
            assert_eq!(answers(&store), before, "{view}, cut {cut}, swept");
            if ended {
                break;
            }
        }
    }
    store.close().unwrap();
    let mut found = Vec::new();
    let inspection = Inspection::open(&path, true).unwrap();
    inspection.schema(&mut |damage| found.push(damage)).unwrap();
    inspection.pages(&mut |damage| found.push(damage)).unwrap();
    inspection.views(&mut |_, body| facts_of(body), &mut |damage| found.push(damage)).unwrap();
    assert_eq!(found, []);
    let left = rusqlite::Connection::open(&path).unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND
        (name GLOB 'fresh_*' OR name GLOB 'old_*')";
    assert_eq!(left.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn an_index_of_words_that_is_half_swept_away_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path, &options()).unwrap();
    append_all(&mut store, &small_log());
    let mut work = store.begin_rebuild("text").unwrap();
    while work.progress().0 < 20 {
        assert!(!slice(&store, &mut work, 5));
    }
    drop(store);
    store = Store::open(&path, &options()).unwrap();
    let mut work = store.begin_rebuild("text").unwrap();
    while work.progress().0 == 0 {
        assert!(!slice(&store, &mut work, 1));
        assert_eq!(pages(&path), []);
    }
}
