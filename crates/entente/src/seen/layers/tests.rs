//! Many layers become one only while nobody looks back at one of them.

use super::*;

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros)
}

/// Layers of which one more is closed than may stay apart, and one of them changed meanwhile.
fn many() -> (Layers, Vec<Arc<Gathered>>) {
    let mut layers = Layers::new(Gathered::new([1; 16], at(0)), at(0), 0);
    assert!(layers.many().is_none(), "there is none");
    layers.closed = (0..5).map(|n| Arc::new(Gathered::new([1; 16], at(n)))).collect();
    let parts = layers.many().expect("five are many");
    (layers, parts)
}

#[test]
fn what_is_closed_while_others_are_merged_stays() {
    let (mut layers, parts) = many();
    let later = Arc::new(Gathered::new([1; 16], at(9)));
    layers.closed.push(Arc::clone(&later));
    layers.lessen(&parts, whole(&parts).unwrap());
    let [one, other] = layers.closed.as_slice() else { panic!("{layers:?}") };
    assert!(Arc::ptr_eq(other, &later) && !Arc::ptr_eq(one, &later));
}

#[test]
fn a_single_layer_is_written_as_it_is() {
    let (_, parts) = many();
    let one = whole(&parts[..1]).expect("there is one");
    assert!(Arc::ptr_eq(&one, &parts[0]), "a copy takes as much memory again");
    assert!(whole(&parts).is_some_and(|all| !Arc::ptr_eq(&all, &parts[0])));
}

#[test]
fn layers_that_somebody_waits_for_or_that_left_are_not_merged() {
    let (mut layers, parts) = many();
    layers.waits.push_back(Wait { seq: 1, values: Vec::new(), layers: parts.clone() });
    assert!(layers.many().is_none());
    layers.lessen(&parts, whole(&parts).unwrap());
    assert!(same(&layers.closed, &parts), "the indicator looks back at these");
    layers.waits.clear();
    layers.rotate(at(10));
    layers.lessen(&parts, whole(&parts).unwrap());
    assert!(layers.closed.is_empty(), "they are on their way into a segment");
}

#[test]
fn an_indicator_that_is_gone_is_let_go_of_when_it_is_its_turn() {
    let mut layers = Layers::new(Gathered::new([1; 16], at(0)), at(0), 0);
    for seq in 1..=4 {
        let value = Value { kind: model::facts::ValueKind::Domain, text: "a.example".to_owned() };
        layers.waits.push_back(Wait { seq, values: vec![value], layers: Vec::new() });
        layers.waiting += 1;
    }
    layers.gone.extend([1, 2, 4, 9]);
    layers.skip_gone();
    assert_eq!((layers.waits.front().map(|wait| wait.seq), layers.waiting), (Some(3), 2));
    layers.waits.pop_front();
    layers.skip_gone();
    assert!(layers.waits.is_empty() && layers.gone.is_empty(), "{layers:?}");
}

/// A batch of one layer of so many values.
fn batch(values: u32) -> Batch {
    let mut rows = Gathered::new([1; 16], at(0));
    let kind = model::facts::ValueKind::Mutex.code();
    let mut bytes = Vec::new();
    for value in 0..values {
        bytes.extend_from_slice(&[kind, 0, 0]);
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(&[1, 0, 0, 0, 7, 0]);
        bytes.extend_from_slice(format!("{value:07}").as_bytes());
    }
    rows.read(&bytes, "test").expect("rows");
    assert_eq!(rows.rows(), usize::try_from(values).unwrap());
    Batch { day: Day::of(at(0)), journal: 1, layers: vec![Arc::new(rows)] }
}

#[test]
fn the_memory_of_a_large_layer_that_nobody_looks_at_serves_the_next() {
    assert!(batch(100).into_spare().is_none(), "no memory waits where little is seen");
    let looked_at = batch(500_000);
    let _looks = Arc::clone(&looked_at.layers[0]);
    assert!(looked_at.into_spare().is_none(), "somebody looks back at it");
    let mut layers = Layers::new(Gathered::new([1; 16], at(0)), at(0), 0);
    layers.spare = batch(500_000).into_spare();
    let held = layers.spare.as_ref().map_or(0, Gathered::bytes);
    layers.snapshot(at(1));
    assert!(layers.spare.is_some(), "a layer that somebody looks at may stay small");
    layers.rotate(at(2));
    assert_eq!((layers.open.bytes(), layers.open.rows()), (held, 0));
    assert!(layers.spare.is_none() && layers.size().1 < held / 2, "{:?} of {held}", layers.size());
}
