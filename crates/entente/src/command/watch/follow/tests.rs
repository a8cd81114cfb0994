//! Logs that grow and are rotated in every usual way, followed step by step.

use super::{Follower, GRACE_MICROS, Place};
use crate::command::watch::progress::Kept;
use model::time::Instant;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with a log in it, and the clock.
struct World {
    folder: TempDir,
    follower: Follower,
    clock: Instant,
    places: Vec<Place>,
}

fn write(path: &PathBuf, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Instant::default();
        let (follower, lost) = Follower::begin(folder.path().join("eve.json"), &[], 7, clock);
        assert!(!lost);
        Self { folder, follower, clock, places: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("eve.json")
    }

    fn append(&self, text: &str) {
        write(&self.log(), text);
    }

    /// All that is there to be read.
    fn read(&mut self) -> String {
        let mut text = String::new();
        while let Some(piece) = self.follower.look(self.clock).unwrap() {
            let place = piece.place.unwrap();
            assert_eq!(place.end - place.start, u64::try_from(piece.bytes.len()).unwrap());
            self.places.push(place);
            text.push_str(std::str::from_utf8(&piece.bytes).unwrap());
        }
        text
    }

    /// What a process would have kept, and another that goes on with it.
    fn restart(&mut self) -> bool {
        let kept = self.kept(&[]);
        self.resume(&kept)
    }

    fn kept(&self, pending: &[u64]) -> Vec<Kept> {
        let mut kept: Vec<Kept> = Vec::new();
        for place in &self.places {
            let &Place { file, stamp, head, end, next_line, .. } = place;
            kept.retain(|kept| kept.stamp != stamp);
            let pending = pending.to_vec();
            kept.push(Kept { file, stamp, head, offset: end, line: next_line, pending });
        }
        kept
    }

    fn resume(&mut self, kept: &[Kept]) -> bool {
        let (follower, lost) = Follower::begin(self.log(), kept, 1_000, self.clock);
        self.follower = follower;
        lost
    }
}

#[test]
fn a_log_that_is_not_there_is_waited_for_and_a_line_is_given_once_it_has_ended() {
    let mut world = World::new();
    assert_eq!(world.read(), "");
    world.append("one\ntw");
    assert_eq!(world.read(), "one\n");
    assert_eq!(world.read(), "");
    world.append("o\nthree\n");
    assert_eq!(world.read(), "two\nthree\n");
    let lines: Vec<_> = world.places.iter().map(|place| (place.line, place.next_line)).collect();
    assert_eq!(lines, [(1, 2), (2, 4)]);
}

#[test]
fn a_renamed_log_is_read_to_its_end_before_the_new_one_and_late_lines_too() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    world.append("a2\n");
    fs::rename(world.log(), world.path("eve.json.1")).unwrap();
    world.append("b1\n");
    assert_eq!(world.read(), "a2\nb1\n", "the old one first");
    // Whoever writes has not been told yet.
    write(&world.path("eve.json.1"), "a3\nlast without an end");
    world.append("b2\n");
    assert_eq!(world.read(), "a3\nb2\n");
    world.clock = world.clock.plus_micros(GRACE_MICROS);
    assert_eq!(world.read(), "last without an end");
    assert_eq!(world.follower.tails.len(), 1, "the old one is let go");
}

#[test]
fn a_deleted_log_is_read_to_its_end_and_its_successor_from_the_beginning() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    world.append("a2\n");
    fs::remove_file(world.log()).unwrap();
    assert_eq!(world.read(), "a2\n");
    world.append("b1\n");
    assert_eq!(world.read(), "b1\n");
}

#[test]
fn of_a_log_that_was_copied_and_cut_the_rest_is_read_from_the_copy() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    world.append("a2\na3\n");
    fs::copy(world.log(), world.path("eve.json.1")).unwrap();
    File::options().write(true).open(world.log()).unwrap().set_len(0).unwrap();
    assert_eq!(world.read(), "a2\na3\n");
    // Grown beyond where we were before the next look: its beginning tells.
    world.append("b1\n");
    assert_eq!(world.read(), "b1\n");
    fs::copy(world.log(), world.path("eve.json.1")).unwrap();
    File::options().write(true).open(world.log()).unwrap().set_len(0).unwrap();
    world.append("c1 is longer than all of it\n");
    assert_eq!(world.read(), "c1 is longer than all of it\n");
    assert_ne!(world.places.first().unwrap().stamp, world.places.last().unwrap().stamp);
}

#[test]
fn a_hole_that_a_cut_left_is_stepped_over() {
    let mut world = World::new();
    world.append("a1 and more\n");
    assert_eq!(world.read(), "a1 and more\n");
    let file = File::options().write(true).open(world.log()).unwrap();
    file.set_len(0).unwrap();
    file.set_len(5_000_000).unwrap();
    world.append("b1\n");
    assert_eq!(world.read(), "b1\n");
}

#[test]
fn packed_and_foreign_files_beside_the_log_are_left_alone() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    fs::write(world.path("eve.json.1.gz"), "a1\npacked\n").unwrap();
    fs::write(world.path("eve-tls.json"), "other\n").unwrap();
    fs::rename(world.log(), world.path("eve.json.2")).unwrap();
    world.append("b1\n");
    world.restart();
    assert_eq!(world.read(), "b1\n");
}

#[test]
fn a_new_process_goes_on_where_the_old_one_was() {
    let mut world = World::new();
    world.append("a1\na2\n");
    assert_eq!(world.read(), "a1\na2\n");
    world.append("a3\n");
    assert!(!world.restart());
    assert_eq!(world.read(), "a3\n");
    let last = world.places.last().unwrap();
    assert_eq!((last.line, last.stamp), (3, world.places.first().unwrap().stamp));
}

#[test]
fn what_was_on_its_way_is_sent_again_in_the_same_pieces() {
    let mut world = World::new();
    world.append("a1\na2\na3\na4\n");
    world.read();
    let mut kept = world.kept(&[6, 9]);
    kept[0].offset = 3;
    assert!(!world.resume(&kept));
    let mut pieces = Vec::new();
    while let Some(piece) = world.follower.look(world.clock).unwrap() {
        pieces.push((piece.place.unwrap().start, String::from_utf8(piece.bytes).unwrap()));
    }
    let expected = [(3, "a2\n"), (6, "a3\n"), (9, "a4\n")];
    assert_eq!(pieces, expected.map(|(start, text)| (start, text.to_owned())));
}

#[test]
fn rotations_while_nobody_looked_lose_nothing() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    world.append("a2\n");
    // Twice: the first log is `.2` now, and what came between was never seen.
    fs::rename(world.log(), world.path("eve.json.2")).unwrap();
    let age = |name: &str, seconds: u64| {
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        File::options().append(true).open(world.path(name)).unwrap().set_modified(at).unwrap();
    };
    age("eve.json.2", 1_000);
    fs::write(world.path("eve.json.1"), "b1\nb2\n").unwrap();
    age("eve.json.1", 2_000);
    fs::write(world.path("eve.json.3"), "older than all\n").unwrap();
    age("eve.json.3", 500);
    world.append("c1\n");
    assert!(!world.restart());
    assert_eq!(world.read(), "a2\nb1\nb2\nc1\n");
}

#[test]
fn a_copy_made_while_nobody_looked_is_found_by_its_beginning() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    world.append("a2\n");
    fs::copy(world.log(), world.path("eve.json.1")).unwrap();
    File::options().write(true).open(world.log()).unwrap().set_len(0).unwrap();
    world.append("b1\n");
    assert!(!world.restart());
    assert_eq!(world.read(), "a2\nb1\n");
}

#[test]
fn a_log_that_is_gone_for_good_is_told_and_the_new_one_read() {
    let mut world = World::new();
    world.append("a1\n");
    assert_eq!(world.read(), "a1\n");
    fs::remove_file(world.log()).unwrap();
    world.append("b1\n");
    assert!(world.restart(), "lines may be lost");
    assert_eq!(world.read(), "b1\n");
}
