//! The tally equals a count of the whole log, whatever was relabelled, hidden or erased meanwhile.

use crate::world::{append_all, circle, facts_of, header, labels, seal, thing};
use model::label::{Label, Tlp};
use std::collections::BTreeMap;
use store::{Group, Reading, Seq, Store};

/// Every entry looked at, one by one.
fn counted(reading: &Reading<'_>) -> BTreeMap<Group, u64> {
    let mut counts = BTreeMap::new();
    for light in reading.scan(0, reading.head().unwrap(), usize::MAX).unwrap() {
        let group = Group {
            label_id: light.label_id,
            kind_id: light.kind_id,
            signer_id: light.signer_id,
            via_id: light.via_id,
            hop: light.hop,
            hidden: light.hidden,
        };
        if !light.erased {
            *counts.entry(group).or_default() += 1;
        }
    }
    counts
}

fn tallied(reading: &Reading<'_>) -> BTreeMap<Group, u64> {
    let (groups, more) = reading.tally(10_000).unwrap();
    assert!(!more);
    let mut counts = BTreeMap::new();
    for (group, count) in groups {
        *counts.entry(group).or_default() += count;
    }
    counts
}

#[test]
fn the_tally_equals_a_count_of_the_log_after_any_change() {
    let mut store = Store::memory().unwrap();
    let labels = labels();
    let made: Vec<_> = (0..300_u16)
        .map(|n| {
            let kind = if n % 4 == 0 { "tool" } else { "indicator" };
            let label = labels[usize::from(n) % labels.len()].clone();
            // Some are rivals: another record of the same thing.
            seal(header(thing(kind, n % 250), label), &format!("title {n}\n"))
        })
        .collect();
    let places = append_all(&mut store, &made);
    assert_eq!(tallied(&store.reading()), counted(&store.reading()));
    assert!(tallied(&store.reading()).len() > 20);

    let mut next: u64 = 1;
    for _ in 0..200 {
        next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        let seq: Seq = places[usize::try_from(next >> 33).unwrap() % places.len()];
        let mut tx = store.begin().unwrap();
        match next >> 62 {
            0 => tx.strip(seq, &mut |_, body| facts_of(body)).map(drop).unwrap(),
            1 => tx.hide(&circle(2), seq).unwrap(),
            _ => tx.relabel(seq, &Label::new(Tlp::Green, circle(9))).unwrap(),
        }
        tx.commit().unwrap();
        assert_eq!(tallied(&store.reading()), counted(&store.reading()));
    }
    let erased = places.iter().filter(|seq| store.reading().row(**seq).unwrap().unwrap().erased);
    assert!(erased.count() > 10);
    let (groups, more) = store.reading().tally(3).unwrap();
    assert_eq!((groups.len(), more), (3, true), "it says when there is more");
}
