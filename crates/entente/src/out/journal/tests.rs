//! The journal's files.

use super::Journal;
use std::collections::BTreeSet;

fn line(place: i64, id: &str) -> String {
    format!("{place} {{\"match\":\"{id}\",\"value\":\"v{place}\"}}\n")
}

fn all(journal: &Journal, limit: usize) -> Vec<String> {
    let lines = journal.newest("", limit, &|_| true).expect("lines");
    lines.iter().map(|line| line.split('"').nth(3).expect("an id").to_owned()).collect()
}

#[test]
fn the_newest_come_first_and_none_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it opens");
    journal.append("2026-01-01", [line(1, "a"), line(2, "b")].concat().as_bytes()).expect("kept");
    journal.append("2026-01-02", [line(3, "c"), line(1, "a")].concat().as_bytes()).expect("kept");
    assert_eq!(all(&journal, 10), ["a", "c", "b"]);
    assert_eq!(all(&journal, 2), ["a", "c"]);
    let since = journal.newest("2026-01-02", 10, &|line| line.contains("v3")).expect("lines");
    assert_eq!(since, ["{\"match\":\"c\",\"value\":\"v3\"}"]);
}

#[test]
fn what_is_forgotten_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it opens");
    journal.append("2026-01-01", [line(1, "a"), line(2, "b")].concat().as_bytes()).expect("kept");
    journal.append("2026-01-02", line(1, "c").as_bytes()).expect("kept");
    assert_eq!(journal.places().expect("places"), BTreeSet::from([1, 2]));
    journal.forget(&BTreeSet::from([1])).expect("forgotten");
    assert_eq!(all(&journal, 10), ["b"]);
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("text");
        assert!(!text.contains("v1"), "{text}");
    }
}

#[test]
fn a_torn_line_costs_no_other_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it opens");
    journal.append("2026-01-01", b"7 {\"match\":\"torn\",\"val").expect("kept");
    drop(journal);
    std::fs::write(folder.path().join("2026-01-02.part"), b"half").expect("written");
    let journal = Journal::open(folder.path()).expect("it opens");
    assert!(!folder.path().join("2026-01-02.part").exists());
    journal.append("2026-01-01", line(2, "b").as_bytes()).expect("kept");
    assert_eq!(all(&journal, 10), ["b"]);
}

#[test]
fn the_oldest_days_go_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it opens");
    for (day, id) in [("2026-01-01", "a"), ("2026-01-02", "b"), ("2026-01-03", "c")] {
        journal.append(day, line(1, id).as_bytes()).expect("kept");
    }
    journal.retain("2026-01-02", u64::MAX).expect("retained");
    assert_eq!(all(&journal, 10), ["c", "b"]);
    let one = u64::try_from(line(1, "c").len()).expect("small");
    journal.retain("2026-01-02", one).expect("retained");
    assert_eq!(all(&journal, 10), ["c"]);
}
