//! Runs print and read as they are, and count as the list that they stand for.

use proptest::prelude::*;
use store::{Runs, Seq};

proptest! {
    #[test]
    fn runs_are_the_list_that_they_stand_for(
        starts in prop::collection::vec((1_i64..5_000, 1_i64..40), 0..40),
        probe in 0_i64..5_100,
    ) {
        let list: Vec<Seq> = starts.iter().flat_map(|(from, n)| *from..*from + *n).collect();
        let runs: Runs = list.iter().copied().collect();
        prop_assert_eq!(&Runs::decode(&runs.encode()).unwrap(), &runs);
        prop_assert_eq!(&runs.iter().collect::<Vec<_>>(), &list);
        prop_assert_eq!(usize::try_from(runs.count()).unwrap(), list.len());
        for (n, seq) in list.iter().enumerate() {
            prop_assert_eq!(runs.nth(u32::try_from(n).unwrap()), Some(*seq));
        }
        prop_assert_eq!(runs.nth(runs.count()), None);
        let place = list.iter().position(|seq| *seq == probe);
        prop_assert_eq!(runs.position(probe), place.map(|n| u32::try_from(n).unwrap()));
        let span = list.iter().min().zip(list.iter().max()).map(|(a, b)| (*a, *b));
        prop_assert_eq!(runs.span(), span);
    }

    #[test]
    fn bytes_from_anywhere_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(runs) = Runs::decode(&bytes) {
            let _ = (runs.count(), runs.span(), runs.nth(7), runs.position(7));
        }
    }
}

#[test]
fn a_run_of_a_thousand_takes_a_few_bytes() {
    let runs: Runs = (1_000_000..1_001_000).collect();
    assert_eq!(runs.as_slice(), [(1_000_000, 1_000)]);
    assert!(runs.encode().len() <= 5);
    assert!(Runs::decode(&[2, 0]).is_err(), "a run without length");
    assert!(Runs::decode(&[0x80]).is_err(), "cut");
}
