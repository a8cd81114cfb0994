//! Made-up rows are rows of a journal.

use super::*;

#[test]
fn made_up_rows_are_read_as_those_of_a_journal() {
    let gathered = gathered(5..105).expect("they are read");
    let rows = gathered.sorted();
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().any(|row| row.value == name(5) && row.count == 1));
}
