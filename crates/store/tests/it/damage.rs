//! A byte changes on the disk: the check finds it, or nothing that anyone can ask has changed. What
//! a view lost comes back from the log.

use crate::world::{append_all, circle, facts_of, small_log};
use crate::writing::options;
use model::keys::KeySet;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fmt::Write as _;
use std::path::Path;
use store::{
    CircleState, Damage, Inspection, Place, Segment, Store, StoreError, check_header, check_wal,
    views,
};

/// A fixed series of numbers that look drawn.
fn draw(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

/// A store with a log, views, and some state; closed in order.
fn made(path: &Path) {
    let mut store = Store::open(path, &options()).unwrap();
    for _ in 0..8 {
        append_all(&mut store, &small_log());
    }
    let mut tx = store.begin().unwrap();
    for n in 1..20 {
        let convener = crate::world::node(n);
        let (accepted, offered) = (Some(format!("a list {n}")), None);
        let circle = circle(n);
        let state = CircleState { circle, convener, accepted, offered, auto_accept: true };
        tx.put_circle(&state).unwrap();
        tx.put_setting(&format!("setting {n}"), &[n; 40]).unwrap();
    }
    for seq in [18, 4, 40] {
        tx.erase(seq, &mut |_, body| facts_of(body)).unwrap();
    }
    let outlet = store::Outlet {
        id: 0,
        key: "taxii:x:plain".to_owned(),
        epoch: model::id::Epoch::new([4; 16]),
        next: 200,
        scanned: 320,
        urgent: 320,
        alerts: 320,
        last_date: crate::world::NOW,
        last_read: crate::world::NOW,
        frontier: Vec::new(),
    };
    let outlet = tx.put_outlet(&outlet).unwrap();
    for n in 0..20_u32 {
        let segment = Segment {
            outlet,
            first: u64::from(n) * 10,
            count: 10,
            date: crate::world::NOW.plus_seconds(i64::from(n)),
            runs: (0..10).map(|m| i64::from(1 + n * 10 + m)).collect(),
            policy_version: 0,
            frontier: Vec::new(),
        };
        tx.put_segment(&segment).unwrap();
    }
    tx.commit().unwrap();
    while !store.purge().unwrap() {}
    store.close().unwrap();
}

/// All that the check says.
fn found(path: &Path) -> Result<Vec<Damage>, StoreError> {
    let mut all = check_header(path).unwrap();
    all.extend(check_wal(path).unwrap());
    let mut each = |damage| all.push(damage);
    let inspection = Inspection::open(path, false)?;
    if inspection.schema(&mut each)? {
        return Ok(all);
    }
    inspection.pages(&mut each)?;
    inspection.state(&mut each)?;
    inspection.outlets(&mut each)?;
    inspection.views(&mut |_, body| facts_of(body), &mut each)?;
    let head = inspection.head();
    let keys = KeySet::from(crate::world::key().public());
    inspection
        .reading()
        .check((0, head), 1_000_000, &mut |entry| {
            let forged =
                || entry.parts.clone().is_some_and(|parts| parts.verify_held(&keys).is_err());
            if let Some(fault) = entry.leaf() {
                let (place, what) = (Place::Entry(entry.seq), fault.to_string());
                all.push(Damage { place, what });
            } else if forged() {
                let (place, what) = (Place::Entry(entry.seq), "signature".to_owned());
                all.push(Damage { place, what });
            }
        })
        .unwrap();
    Ok(all)
}

/// Every row of every table, and every word of the text index; what is damaged, as such.
fn dump(path: &Path) -> String {
    let conn = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let conn = conn.unwrap();
    let words = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, view_text, instance)";
    let mut text = format!("{:?}", conn.execute_batch(words).err());
    let tables = "SELECT name FROM pragma_table_list WHERE type IN ('table', 'shadow')
        AND schema = 'main' AND name NOT IN ('view_text_data', 'view_text_idx') ORDER BY name";
    let tables: Result<Vec<String>, _> = conn
        .prepare(tables)
        .and_then(|mut all| all.query_map((), |row| row.get(0)).and_then(Iterator::collect));
    let Ok(mut tables) = tables else { return "no tables".to_owned() };
    tables.push("temp.words".to_owned());
    for table in tables {
        let sql = format!("SELECT * FROM {table} NOT INDEXED");
        let sql = if table.starts_with("temp") { sql.replace(" NOT INDEXED", "") } else { sql };
        let Ok(mut statement) = conn.prepare(&sql) else {
            writeln!(text, "{table}: cannot be asked").unwrap();
            continue;
        };
        let count = statement.column_count();
        let mut rows = statement.query(()).unwrap();
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    let values = (0..count).map(|n| row.get::<_, Value>(n));
                    writeln!(text, "{table} {:?}", values.collect::<Vec<_>>()).unwrap();
                }
                Ok(None) => break,
                Err(error) => {
                    writeln!(text, "{table}: {error}").unwrap();
                    break;
                }
            }
        }
    }
    text
}

#[test]
fn a_store_without_damage_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    made(&path);
    assert_eq!(found(&path).unwrap(), []);
    let store = Store::open(&path, &options()).unwrap();
    for view in views() {
        store.rebuild(view, &mut |_, body| facts_of(body), &mut |_, _| {}).unwrap();
        assert_eq!(found(&path).unwrap(), [], "{view} was rebuilt, and the node runs");
    }
}

#[test]
fn every_flipped_byte_is_found_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    made(&path);
    let kept = std::fs::read(&path).unwrap();
    let before = dump(&path);
    let (mut told, mut mended) = (0, 0);
    // Most bytes lie in pages of tables that hold nothing: enough must hit those that do.
    let flips = 320;
    for number in 0..flips {
        let mut bytes = kept.clone();
        let at = usize::try_from(draw(number)).unwrap_or(0) % bytes.len();
        bytes[at] ^= 1 << (draw(number + 1_000) % 8);
        std::fs::write(&path, &bytes).unwrap();
        for other in ["store.db-wal", "store.db-shm"] {
            drop(std::fs::remove_file(folder.path().join(other)));
        }
        let damages = match found(&path) {
            Err(error) => {
                assert!(error.is_damage(), "byte {at}: {error}");
                told += 1;
                continue;
            }
            Ok(damages) => damages,
        };
        if damages.is_empty() {
            assert_eq!(dump(&path), before, "byte {at} was not found");
            continue;
        }
        told += 1;
        let view = |damage: &Damage| matches!(damage.place, Place::View(..));
        if damages.iter().all(view) {
            mend(&path, &damages);
            assert_eq!(found(&path).unwrap(), [], "byte {at}: {damages:?}");
            mended += 1;
        }
    }
    println!("damage: of {flips} flipped bytes {told} were found, {mended} in views and mended");
    assert!(told > 20 && mended > 4, "{told} {mended}");
}

fn mend(path: &Path, damages: &[Damage]) {
    let mut wanted = Store::mend(path, &options()).unwrap();
    for damage in damages {
        let Place::View(view, _) = damage.place else { continue };
        if !wanted.contains(&view) {
            wanted.push(view);
        }
    }
    let store = Store::open(path, &options()).unwrap();
    for view in wanted {
        store.rebuild(view, &mut |_, body| facts_of(body), &mut |_, _| {}).unwrap();
    }
    store.close().unwrap();
}
