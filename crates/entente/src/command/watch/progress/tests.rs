//! A state that is written, read again, and nobody else's.

use super::super::follow::Place;
use super::super::siblings::{FileId, Head};
use super::{FILES_MAX, Progress};
use model::seal::sha256;
use std::path::Path;
use tempfile::TempDir;

fn place(stamp: u64, start: u64, end: u64) -> Place {
    let head = Head { bytes: 10, digest: sha256(&[b"head"]) };
    let file = FileId { device: 1, inode: stamp };
    Place { file, stamp, head, start, end, line: start, next_line: end }
}

#[test]
fn what_was_acknowledged_and_what_was_on_its_way_outlive_the_process() {
    let folder = TempDir::new().unwrap();
    let (path, log) = (folder.path().join("state.json"), Path::new("/var/log/eve.json"));
    let mut progress = Progress::open(path.clone(), log).unwrap();
    assert!(progress.kept().is_empty());
    for end in [10, 20, 30] {
        progress.sending(&place(1, end - 10, end)).unwrap();
    }
    progress.acknowledged(&place(1, 0, 10)).unwrap();
    assert!(Progress::open(path.clone(), log).is_err(), "it is held");
    let kept = progress.kept();
    drop(progress);
    let again = Progress::open(path.clone(), log).unwrap();
    assert_eq!(again.kept(), kept);
    assert_eq!((kept[0].offset, kept[0].line), (10, 10));
    assert_eq!(kept[0].pending, [20, 30]);
    drop(again);
    assert!(Progress::open(path, Path::new("/var/log/other.json")).is_err(), "another log's");
}

#[test]
fn only_the_newest_files_are_remembered() {
    let folder = TempDir::new().unwrap();
    let log = Path::new("/var/log/eve.json");
    let mut progress = Progress::open(folder.path().join("state.json"), log).unwrap();
    for stamp in 0..9 {
        progress.sending(&place(stamp, 0, 5)).unwrap();
        progress.acknowledged(&place(stamp, 0, 5)).unwrap();
    }
    let stamps: Vec<u64> = progress.kept().iter().map(|kept| kept.stamp).collect();
    assert_eq!(stamps, [5, 6, 7, 8]);
    assert_eq!(stamps.len(), FILES_MAX);
}

#[test]
fn a_state_that_cannot_be_read_is_told_and_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    std::fs::write(&path, "{").unwrap();
    let failure = Progress::open(path.clone(), Path::new("/log")).unwrap_err();
    assert!(failure.hint.contains("--state"), "{failure:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"{");
}
