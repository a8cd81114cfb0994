//! A clock that is set back: it brings back nobody who is away. Found by the simulator's worlds.

use crate::world::{Pair, held};
use node::Command;
use node::outlet::link_key;

impl Pair {
    fn numbered(&self) -> u64 {
        let outlet = self.alpha.store.reading().outlet(&link_key(&self.beta.id())).unwrap();
        outlet.map_or(0, |outlet| outlet.next)
    }

    fn pass(&mut self, seconds: i64) {
        self.alpha.now = self.alpha.now.plus_seconds(seconds);
    }
}

#[test]
fn a_clock_that_is_set_back_brings_back_no_reader_who_is_away() {
    let mut pair = Pair::new();
    pair.exchange();
    let before = pair.numbered();
    pair.pass(11 * 60);
    pair.publish(1);
    assert_eq!(pair.numbered(), before, "Beta has been away for eleven minutes");
    pair.pass(-5 * 60);
    pair.publish(2);
    assert_eq!(pair.numbered(), before, "it is not here because a clock says that it was");
    // Nor after a start, by what the store remembers.
    let epoch = pair.alpha.me.epoch;
    pair.alpha.reopen(epoch);
    pair.publish(3);
    assert_eq!(pair.numbered(), before);
    // When it asks, it gets all of it, and what is made then is numbered with its commit.
    pair.exchange();
    assert_eq!(held(&pair.beta, 1..=3), 3);
    let read = pair.numbered();
    pair.publish(4);
    assert_eq!(pair.numbered(), read + 1, "it read five minutes before the latest instant");
}

#[test]
fn a_clock_that_is_set_back_over_a_crash_brings_back_no_reader_who_is_away() {
    // By what was written last, and by what was kept while nothing was.
    for writes in [true, false] {
        let mut pair = Pair::new();
        pair.exchange();
        let before = pair.numbered();
        pair.pass(11 * 60);
        if writes {
            pair.publish(1);
        } else {
            pair.alpha.apply(Command::Tick);
        }
        // Nothing is said in between: the node is gone, and starts by an earlier clock.
        pair.pass(-5 * 60);
        let epoch = pair.alpha.me.epoch;
        pair.alpha.reopen(epoch);
        pair.publish(2);
        assert_eq!(pair.numbered(), before, "Beta has been away for eleven minutes ({writes})");
        pair.exchange();
        assert_eq!(held(&pair.beta, 2..=2), 1);
    }
}
