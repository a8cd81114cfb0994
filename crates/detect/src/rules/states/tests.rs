//! What windows count of their room, and what is kept for patterns with alternatives. Whether a
//! pattern holds is tested against the judge, elsewhere.

use super::*;
use crate::pattern::parse;

fn wanted(text: &str) -> Wanted {
    let tree = parse(text).unwrap();
    Wanted::of(Combination::of(&tree).unwrap(), tree.leaves().len()).unwrap()
}

/// Sees an observation of a machine for one leaf, a microsecond after the one before it.
fn see(states: &mut States, (machine, wanted): (&str, &Wanted), leaf: usize, id: u64) -> Outcome {
    let now = Instant::from_micros(i64::try_from(id).unwrap());
    let seen = Leaf { observation: id, first: now, last: now, number: 1 };
    states.see((0, machine), wanted, &[leaf], seen, now)
}

#[test]
fn what_was_part_of_a_match_takes_room_until_its_machine_is_forgotten() {
    let mut states = States::default();
    let ten = wanted("[x-a:b = 1] REPEATS 10 TIMES");
    let mut matched = 0;
    for machine in ["one", "two"] {
        for id in 0..25 {
            matched += usize::from(see(&mut states, (machine, &ten), 0, id) == Outcome::Matched);
        }
    }
    assert_eq!(matched, 4);
    // A place for observations, 20 that are spent, 5 that wait: twice.
    assert_eq!(states.held, 2 * (1 + 20 + 5));
    // Said again by what came again, which takes no more room.
    assert_eq!(see(&mut states, ("one", &ten), 0, 9), Outcome::Matched);
    assert_eq!(states.held, 2 * (1 + 20 + 5));
    // Without room the machine that was not heard from for longest goes, with all that it spent.
    states.held += WINDOW_HELD_MAX - 40;
    assert_eq!(see(&mut states, ("one", &ten), 0, 100), Outcome::Nothing);
    assert_eq!((states.len(), states.held), (1, WINDOW_HELD_MAX - 40 + 27));
    states.forget(0);
    assert_eq!((states.len(), states.held), (0, WINDOW_HELD_MAX - 40));
}

#[test]
fn an_alternative_that_asks_for_many_is_kept_as_many() {
    let either = wanted("[x-a:b = 1] OR ([x-a:b = 2] REPEATS 100 TIMES)");
    let mut states = States::default();
    for id in 1..100 {
        assert_eq!(see(&mut states, ("one", &either), 1, id), Outcome::Nothing, "{id}");
    }
    assert_eq!(see(&mut states, ("one", &either), 1, 100), Outcome::Matched);
    assert_eq!(see(&mut states, ("one", &either), 0, 101), Outcome::Matched, "the other one");
    assert_eq!(states.forgotten(), Forgotten::default());
    // What no machine has room for is refused, whichever alternative asks for it.
    let wide = parse("[x-a:b = 1] OR ([x-a:b = 2] REPEATS 40000 TIMES)").unwrap();
    assert!(Wanted::of(Combination::of(&wide).unwrap(), 2).is_none());
}
