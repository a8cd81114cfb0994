//! Which room lets what through.

use super::{Guard, Room};
use crate::settings::Disk;
use node::command::Administer;
use node::{Command, Weight};

const WEIGHTS: [Weight; 3] = [Weight::Bulk, Weight::Usual, Weight::Last];

#[test]
fn bulk_stops_first_and_what_takes_back_never() {
    let lets = |room: Room| WEIGHTS.map(|weight| room.lets(weight));
    assert_eq!(lets(Room::Enough), [true, true, true]);
    assert_eq!(lets(Room::Scarce), [false, true, true]);
    assert_eq!(lets(Room::None), [false, false, true]);
}

#[test]
fn the_bounds_are_the_operators() {
    let disk = Disk { bulk_stops_below: 100, all_stops_below: 10 };
    let rooms = [100, 99, 10, 9, 0].map(|free| Room::of(free, &disk));
    assert_eq!(rooms, [Room::Enough, Room::Scarce, Room::Scarce, Room::None, Room::None]);
}

#[test]
fn after_a_full_disk_a_revocation_is_tried_and_a_new_token_is_not() {
    let guard = Guard::default();
    let matched = || Command::Matched(Vec::new());
    let revoke = || Command::Administer(Administer::RevokeToken("x".to_owned()));
    assert!(guard.lets(&matched()) && guard.lets(&revoke()));
    guard.filled();
    let number = Command::Number("taxii:x:own".to_owned());
    assert!(!guard.lets(&matched()) && !guard.lets(&number) && guard.lets(&revoke()));
}
