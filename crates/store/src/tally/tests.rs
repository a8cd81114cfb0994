//! The tally reads one index in its own order: no row, and nothing is sorted.

use super::TALLY;
use crate::Store;

#[test]
fn the_tally_is_a_walk_over_one_covering_index() {
    let store = Store::memory().unwrap();
    let reading = store.reading();
    let conn = &reading.handle.conn;
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {TALLY}")).unwrap();
    let steps = statement.query_map((10,), |row| row.get::<_, String>(3)).unwrap();
    let plan: Vec<String> = steps.map(Result::unwrap).collect();
    assert_eq!(plan, ["SCAN log USING COVERING INDEX log_class"]);
}

#[test]
fn tmp_speed() {
    let dir = std::env::temp_dir().join("pc_tally");
    std::fs::create_dir_all(&dir).unwrap();
    let store = Store::memory().unwrap();
    let reading = store.reading();
    let conn = &reading.handle.conn;
    let fill = |index: bool| {
        conn.execute_batch("DELETE FROM log;").unwrap();
        conn.execute_batch(if index { "CREATE INDEX IF NOT EXISTS log_class ON log (label, kind, signer, via, hop, flags) WHERE flags & 2 = 0" } else { "DROP INDEX IF EXISTS log_class" }).unwrap();
        let t = std::time::Instant::now();
        conn.execute_batch("BEGIN; WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x < 1000000) INSERT INTO log (at, flags, label, signer, via, hop, circle, kind, signed, thing, version, leaf, salt, signature, size, dict, body) SELECT x, 0, (x*7919)%200, x%5, x%3, 1, 1, (x*31)%20, x, randomblob(16), '2026-01-01T00:00:00.000Z', randomblob(32), randomblob(16), randomblob(64), 400, 1, randomblob(300) FROM n; COMMIT").unwrap();
        t.elapsed()
    };
    let without = fill(false);
    let with = fill(true);
    let t = std::time::Instant::now();
    let (groups, _) = reading.tally(1_000_000).unwrap();
    println!("insert 1M without {without:?}, with {with:?}; tally {:?} {} groups", t.elapsed(), groups.len());
}
