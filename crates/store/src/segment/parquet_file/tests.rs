//! What a scan tells, against rows looked at one by one, and how much of a file it reads for that.

use super::*;
use parquet::file::reader::Length;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file in memory that counts how often it is read.
struct Counted {
    bytes: Bytes,
    reads: Arc<AtomicUsize>,
}

impl Length for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl ChunkReader for Counted {
    type T = <Bytes as ChunkReader>::T;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.get_bytes(start, length)
    }
}

/// More rows than one group has.
const ROWS: usize = SEGMENT_GROUP_ROWS + 500;

fn name(n: usize) -> String {
    format!("n{n:06}.example")
}

fn key_of(kind: &str, value: &str) -> Option<Vec<u8>> {
    (kind == "domain").then(|| value.as_bytes().to_vec())
}

fn file() -> Bytes {
    let names: Vec<String> = (0..ROWS).map(name).collect();
    let rows: Vec<SegmentRow<'_>> = names
        .iter()
        .zip(1_i64..)
        .map(|(name, n)| SegmentRow {
            kind: "domain",
            value: name,
            first: n,
            last: n * 2,
            count: n.unsigned_abs() * 3,
            roles: "query",
            sources: if n % 2 == 0 { "a" } else { "a,b" },
        })
        .collect();
    write(rows.into_iter(), key_of).expect("it is written").into()
}

fn range(from: usize, until: usize) -> Range<Vec<u8>> {
    name(from).into_bytes()..name(until).into_bytes()
}

fn row(value: &str) -> SegmentRow<'_> {
    let (kind, roles, sources) = ("domain", "query", "a");
    SegmentRow { kind, value, first: 1, last: 2, count: 3, roles, sources }
}

/// What is told, in order, until so many rows; and how often the file was read.
fn told(bytes: &Bytes, ranges: &[Range<Vec<u8>>], most: usize) -> (Vec<(usize, String)>, usize) {
    let reads = Arc::new(AtomicUsize::new(0));
    let file = Counted { bytes: bytes.clone(), reads: reads.clone() };
    let mut told = Vec::new();
    scan(file, (ranges, key_of), &mut |place, row| {
        let number = row.value.strip_prefix('n').and_then(|rest| rest.split('.').next());
        let n: i64 = number.expect("a name").parse().expect("a number");
        let count = (n + 1).unsigned_abs() * 3;
        assert_eq!((row.first, row.last, row.count), (n + 1, n * 2 + 2, count));
        assert_eq!(row.sources, if n % 2 == 1 { "a" } else { "a,b" });
        assert_eq!((row.kind, row.roles), ("domain", "query"));
        told.push((place, row.value.to_owned()));
        told.len() < most
    })
    .expect("it is read");
    (told, reads.load(Ordering::Relaxed))
}

#[test]
fn every_row_of_every_range_is_told_group_by_group_in_the_order_of_the_ranges() {
    let bytes = file();
    let group = SEGMENT_GROUP_ROWS;
    let ranges = [
        range(group - 2, group + 3),
        range(5, 8),
        range(6, 7),
        range(9, 9),
        range(8, 2),
        range(group + 499, group + 600),
        range(0, 2),
    ];
    let mut wanted = Vec::new();
    for rows in [0..group, group..ROWS] {
        for (place, range) in ranges.iter().enumerate() {
            let inside = |n: &usize| range.contains(&name(*n).into_bytes());
            wanted.extend(rows.clone().filter(inside).map(|n| (place, name(n))));
        }
    }
    assert_eq!(wanted.len(), 2 + 3 + 1 + 2 + 3 + 1);
    assert_eq!(told(&bytes, &ranges, usize::MAX).0, wanted);
    for most in 1..wanted.len() {
        assert_eq!(told(&bytes, &ranges, most).0, wanted[..most], "it ends with `false`");
    }
}

#[test]
fn a_group_is_read_once_however_many_ranges_hit_it() {
    let bytes = file();
    let once = told(&bytes, &[range(10, 2_000)], usize::MAX).1;
    let many: Vec<_> = (10..2_000).step_by(10).map(|n| range(n, n + 10)).collect();
    let (rows, reads) = told(&bytes, &many, usize::MAX);
    assert_eq!((rows.len(), reads), (1_990, once));
    let (none, reads) = told(&bytes, &[range(10, 10)], usize::MAX);
    assert!(none.is_empty() && reads < once, "{reads} reads for nothing, {once} for a hit");
}

#[test]
fn a_group_that_holds_none_of_the_ranges_is_not_read() {
    let bytes = file();
    let nothing = told(&bytes, &[], usize::MAX).1;
    for range in [b"a".to_vec()..b"b".to_vec(), range(7, 7)] {
        assert_eq!(told(&bytes, std::slice::from_ref(&range), usize::MAX).0, []);
    }
    assert_eq!(told(&bytes, &[b"a".to_vec()..b"b".to_vec()], usize::MAX).1, nothing);
    let last = told(&bytes, &[range(SEGMENT_GROUP_ROWS + 5, SEGMENT_GROUP_ROWS + 6)], usize::MAX).1;
    let both = told(&bytes, &[range(SEGMENT_GROUP_ROWS - 1, SEGMENT_GROUP_ROWS + 1)], usize::MAX).1;
    assert!(nothing < last && last < both, "{nothing}, {last}, {both} reads");
}

#[test]
fn keys_that_begin_alike_for_longer_than_is_told_are_found_on_both_sides_of_a_group() {
    let long = "x".repeat(2 * BOUND_BYTES);
    let values: Vec<String> = (0..ROWS).map(|n| format!("{long}{n:06}")).collect();
    let bytes = write(values.iter().map(|value| row(value)), key_of).expect("it is written");
    let bytes = Bytes::from(bytes);
    for at in [0, SEGMENT_GROUP_ROWS - 1, SEGMENT_GROUP_ROWS, ROWS - 1] {
        let key = values[at].clone().into_bytes();
        let range = key.clone()..[&key[..], &[0]].concat();
        let mut found = Vec::new();
        let each = &mut |_: usize, row: SegmentRow<'_>| {
            found.push(row.value.to_owned());
            true
        };
        scan(bytes.clone(), (&[range], key_of), each).expect("it is read");
        assert_eq!(found, [values[at].as_str()]);
    }
}

#[test]
fn a_kind_without_keys_is_neither_written_nor_passed_over() {
    let rows = [row("a"), SegmentRow { kind: "later", ..row("b") }, row("c")];
    assert!(write([SegmentRow { kind: "later", ..row("b") }].into_iter(), key_of).is_err());
    let bytes = Bytes::from(write(rows.into_iter(), key_of).expect("it is written"));
    let all = [Vec::new()..vec![u8::MAX]];
    let error = scan(bytes, (&all, key_of), &mut |_, _| true).expect_err("rows would be missed");
    assert!(error.to_string().contains("not known"), "{error}");
}
