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
