//! Arrivals against a plain map that knows each number by itself.

use crate::{Seq, Store};
use model::id::{Epoch, NodeId};
use std::collections::{BTreeMap, BTreeSet};

const PARTNERS: u8 = 3;

fn partner(n: u8) -> NodeId {
    NodeId::new([n; 16])
}

fn epoch(n: u8) -> Epoch {
    Epoch::new([n; 16])
}

/// What each number of each partner and life stands for.
#[derive(Default)]
struct Plain(BTreeMap<(u8, u8, u64), Seq>);

impl Plain {
    fn givers(&self, seq: Seq) -> Vec<NodeId> {
        let all: BTreeSet<u8> =
            self.0.iter().filter(|(_, at)| **at == seq).map(|((who, ..), _)| *who).collect();
        all.into_iter().map(partner).collect()
    }
}

#[test]
fn runs_say_what_a_map_of_single_numbers_says() {
    let (store, mut plain) = (Store::memory().unwrap(), Plain::default());
    let mut dice: u64 = 7;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    for round in 0..3_000 {
        let mut small = |sides: u64| u8::try_from(roll(sides)).unwrap();
        let (who, life) = (small(u64::from(PARTNERS)), small(2));
        let (first, count) = (roll(300), 1 + roll(40));
        let mut tx = store.begin().unwrap();
        match roll(5) {
            0 | 1 => {
                // A batch: mostly fresh entries, some held already, some refused.
                let mut seq = 1 + roll(250) as Seq;
                let mut batch = Vec::new();
                for number in first..first + count {
                    seq = if roll(8) == 0 { 1 + roll(250) as Seq } else { seq + 1 };
                    if roll(10) > 0 {
                        batch.push((number, seq));
                        plain.0.insert((who, life, number), seq);
                    }
                }
                tx.put_arrivals((&partner(who), &epoch(life)), &batch).unwrap();
            }
            2 | 3 => {
                let taken = tx.take_arrivals((&partner(who), &epoch(life)), first, count).unwrap();
                let taken: Vec<Seq> =
                    taken.iter().flat_map(|(seq, count)| *seq..*seq + *count).collect();
                let meant: Vec<Seq> = (first..first + count)
                    .filter_map(|number| plain.0.remove(&(who, life, number)))
                    .collect();
                assert_eq!(taken, meant, "round {round}");
            }
            _ => {
                let (seq, but) = (1 + roll(250) as Seq, (roll(2) == 0).then_some(life));
                tx.forget_giver(seq, &partner(who), but.map(epoch).as_ref()).unwrap();
                plain.0.retain(|(p, e, _), at| *at != seq || *p != who || Some(*e) == but);
            }
        }
        tx.commit().unwrap();
        let seq = 1 + roll(300) as Seq;
        assert_eq!(store.reading().givers(seq).unwrap(), plain.givers(seq), "round {round}");
    }
}

#[test]
fn what_comes_one_by_one_is_kept_in_one_row() {
    let store = Store::memory().unwrap();
    let of = (&partner(1), &epoch(1));
    for number in 0..2_500_u64 {
        let mut tx = store.begin().unwrap();
        tx.put_arrivals(of, &[(number, number as Seq + 10)]).unwrap();
        tx.commit().unwrap();
    }
    let runs = store.reading().arrivals(of, 0, 10_000).unwrap();
    assert_eq!(runs, [(10, 1_000), (1_010, 1_000), (2_010, 500)]);
    assert_eq!(store.reading().givers(1_500).unwrap(), [partner(1)]);
    assert!(store.reading().givers(2_510).unwrap().is_empty());
}

#[test]
fn what_is_to_be_judged_comes_in_equal_shares_of_the_givers_and_once() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_leaving(&partner(1), (100, 5)).unwrap();
    tx.put_leaving(&partner(2), (7, 2)).unwrap();
    let seqs =
        |taken: Vec<(NodeId, Seq)>| taken.into_iter().map(|(_, seq)| seq).collect::<Vec<_>>();
    assert_eq!(seqs(tx.take_leaving(3).unwrap()), [100, 7, 8]);
    assert!(tx.reading().is_anything_leaving().unwrap());
    assert_eq!(tx.take_leaving(10).unwrap().len(), 4);
    assert!(!tx.reading().is_anything_leaving().unwrap());
}
