//! What was noted is found again, and nothing behind an entry that is not whole.

use super::*;

fn folder() -> (tempfile::TempDir, Segments) {
    let folder = tempfile::tempdir().expect("a folder");
    let segments = Segments::open(folder.path()).expect("it is made");
    (folder, segments)
}

/// All that is found, and how many journals end badly.
fn found(segments: &Segments) -> (Vec<(u64, i64, Vec<u8>)>, usize) {
    let mut all = Vec::new();
    let mut each = |noted: Noted<'_>| {
        all.push((noted.journal, noted.day.number(), noted.bytes.to_vec()));
    };
    let torn = segments.noted(&mut each).expect("they are read");
    (all, torn.len())
}

#[test]
fn entries_are_found_up_to_one_that_is_not_whole() {
    let (_folder, segments) = folder();
    let mut journal = segments.journal(0).expect("it is made");
    let entries: [&[u8]; 3] = [b"one", b"", b"the third"];
    for (day, entry) in (10..).zip(entries) {
        journal.note(Day::numbered(day), |to| to.extend_from_slice(entry)).expect("there is room");
    }
    let whole = std::fs::read(&journal.path).expect("it is read");
    assert_eq!(journal.bytes(), whole.len() as u64);
    let wanted = |entries: usize| -> Vec<_> {
        let all = vec![(1, 10, b"one".to_vec()), (1, 11, vec![]), (1, 12, b"the third".to_vec())];
        all.into_iter().take(entries).collect()
    };
    assert_eq!(found(&segments), (wanted(3), 0));
    let second = FRAME_HEAD + 3;
    for cut in second + FRAME_HEAD + 1..whole.len() {
        std::fs::write(&journal.path, &whole[..cut]).expect("it is written");
        assert_eq!(found(&segments), (wanted(2), 1), "{cut} bytes");
    }
    // After a power cut a file may end with zeros.
    std::fs::write(&journal.path, [&whole[..], &[0; 64]].concat()).expect("it is written");
    assert_eq!(found(&segments), (wanted(3), 1));
    for at in second..second + FRAME_HEAD {
        let mut spoiled = whole.clone();
        spoiled[at] ^= 0x40;
        std::fs::write(&journal.path, spoiled).expect("it is written");
        assert_eq!(found(&segments), (wanted(1), 1), "byte {at}");
    }
}

#[test]
fn the_memory_of_a_large_entry_is_not_kept() {
    let (_folder, segments) = folder();
    let mut journal = segments.journal(0).expect("it is made");
    let large = vec![7; 2 * JOURNAL_BUFFER_BYTES_MAX];
    journal.note(Day::numbered(1), |to| to.extend_from_slice(&large)).expect("there is room");
    assert!(journal.frame.capacity() <= JOURNAL_BUFFER_BYTES_MAX);
    assert_eq!(found(&segments), (vec![(1, 1, large)], 0));
}
