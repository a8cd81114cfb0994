//! The numbers of feeds: which rise, in how many commits, and what happens when very many are asked
//! for. No feed is rendered here.

use crate::world::One;
use model::id::Digest;
use model::limits::SERIALS_MAX;
use model::seal::sha256;
use node::{Answer, Command};

fn named(feed: u32) -> Digest {
    sha256(&[b"feed", &feed.to_be_bytes()])
}

fn said(says: u32) -> Digest {
    sha256(&[b"says", &says.to_be_bytes()])
}

impl One {
    fn number(&mut self, feeds: &[(u32, u32)]) -> Vec<u32> {
        let feeds = feeds.iter().map(|(feed, says)| (named(*feed), said(*says))).collect();
        match self.apply(Command::NumberFeeds(feeds)) {
            Answer::Serials(serials) => serials,
            other => panic!("{other:?}"),
        }
    }

    fn seconds(&self) -> u32 {
        u32::try_from(self.now.micros() / 1_000_000).unwrap()
    }

    /// Numbers all of these, as many at once as a request does.
    fn number_all(&mut self, feeds: std::ops::Range<u32>) {
        let feeds: Vec<(u32, u32)> = feeds.map(|feed| (feed, 0)).collect();
        for some in feeds.chunks(10_000) {
            self.number(some);
        }
    }
}

#[test]
fn a_number_rises_with_what_is_said_and_many_are_one_commit() {
    let mut one = One::new(1, "CERT Alpha");
    let first = one.number(&[(1, 0), (2, 0), (1, 0), (1, 1), (3, 0)]);
    let now = one.seconds();
    assert_eq!(first, [now, now, now, now + 1, now], "each for itself, also twice in one command");
    assert_eq!(one.number(&[(2, 0), (1, 1)]), [now, now + 1], "nothing new is said");
    one.now = one.now.plus_seconds(100);
    assert_eq!(one.number(&[(2, 0), (2, 1)]), [now, now + 100], "beside the clock");
    one.now = one.now.plus_seconds(-1_000);
    assert_eq!(one.number(&[(2, 0)]), [now + 101], "the clock was set back");
}

/// Whoever asks for ever new feeds takes no room from others, and no number comes again for another
/// content: also where a forgotten one was far beyond the clock.
#[test]
fn the_lowest_number_makes_room_and_a_feed_that_comes_again_is_above_what_it_had() {
    let mut one = One::new(1, "CERT Alpha");
    // A day ahead of what the clock will say: then it is set back.
    one.now = one.now.plus_seconds(86_400);
    let had = one.number(&[(0, 0), (1, 0)]);
    one.number(&[(1, 1)]);
    one.now = one.now.plus_seconds(-86_400 + 60);
    one.number_all(2..SERIALS_MAX);
    let kept = |one: &One| one.store.reading().numbered_feeds().unwrap();
    let full = kept(&one);
    assert_eq!((full.feeds, full.forgotten), (SERIALS_MAX, 0));
    // A newcomer has a number of its own, and keeps it; one of the lowest is gone.
    one.now = one.now.plus_seconds(60);
    let newcomer = one.number(&[(SERIALS_MAX, 0)]);
    assert_eq!(newcomer, [one.seconds()]);
    one.now = one.now.plus_seconds(60);
    assert_eq!(one.number(&[(SERIALS_MAX, 0)]), newcomer, "it is kept");
    let known = |one: &One, feed| one.store.reading().serial(&named(feed)).unwrap();
    assert!(known(&one, 0).is_some(), "the highest stays");
    assert_eq!(kept(&one).feeds, SERIALS_MAX);
    // All others change: the two from the day ahead are the lowest now, and go.
    one.now = one.now.plus_seconds(2 * 86_400);
    let all: Vec<(u32, u32)> = (2..=SERIALS_MAX).map(|feed| (feed, 1)).collect();
    for some in all.chunks(10_000) {
        one.number(some);
    }
    one.number_all(SERIALS_MAX + 1..SERIALS_MAX + 4);
    assert!(known(&one, 0).is_none() && known(&one, 1).is_none());
    // The clock is right again, and two days behind what they had.
    one.now = one.now.plus_seconds(-3 * 86_400);
    let again = one.number(&[(0, 7), (1, 7)]);
    for (again, had) in again.iter().zip(had) {
        assert!(*again > had + 1, "{again} {had}");
    }
    assert_eq!(kept(&one).feeds, SERIALS_MAX);
}
