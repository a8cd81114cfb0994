//! Bytes of a journal are the same rows again.

use super::*;
use crate::event::Role;
use model::time::Instant;

fn gathered() -> Gathered {
    Gathered::new([7; 16], Instant::default())
}

#[test]
fn bytes_of_a_journal_are_the_same_rows_and_other_bytes_are_none() {
    let mut all = gathered();
    for (mark, name) in [(1, "a.example"), (2, "b.example"), (1, "a.example")] {
        all.saw(ValueKind::Domain, name, Role::Query, mark);
        all.end(Some(Instant::from_micros(i64::try_from(mark).unwrap())));
    }
    let mut bytes = Vec::new();
    all.write(&mut bytes);
    let mut read = gathered();
    assert_eq!(read.read(&bytes, "dns"), Ok(()));
    let (read, wanted) = (read.sorted(), all.sorted());
    assert!(read.iter().map(|row| SeenRow { sources: 0, ..row }).eq(wanted.iter()));
    for cut in 1..bytes.len() {
        if cut * 2 != bytes.len() {
            let mut cut_off = gathered();
            assert_eq!(cut_off.read(&bytes[..cut], "dns"), Err(GatherError), "{cut} bytes");
            assert!(cut_off.is_empty());
        }
    }
}
