//! Orders of small documents.

use super::by_reference;
use crate::stix::{Reading, read};

fn uuid(n: usize) -> String {
    format!("8e2e2d2b-17d4-4cbf-938f-{n:012}")
}

/// A document: each element names the elements it refers to.
fn order(refs: &[&[usize]]) -> Vec<usize> {
    let readings: Vec<Reading> = refs
        .iter()
        .enumerate()
        .map(|(n, to)| {
            let to: Vec<String> = to.iter().map(|n| format!("\"x-a--{}\"", uuid(*n))).collect();
            let id = uuid(n);
            let json = format!(r#"{{"type":"x-a","id":"x-a--{id}","a_refs":[{}]}}"#, to.join(","));
            read(json.as_bytes()).unwrap()
        })
        .collect();
    by_reference(&readings.iter().collect::<Vec<_>>())
}

#[test]
fn what_is_referred_to_comes_first_and_the_rest_keeps_its_order() {
    assert_eq!(order(&[&[], &[], &[]]), [0, 1, 2]);
    assert_eq!(order(&[&[2], &[], &[1]]), [1, 2, 0]);
    assert_eq!(order(&[&[9], &[0], &[3], &[]]), [0, 1, 3, 2]);
    assert_eq!(order(&[&[1], &[0], &[]]), [0, 1, 2], "a circle keeps the document's order");
    assert_eq!(order(&[&[1], &[2], &[0, 3], &[]]), [3, 0, 1, 2]);
    assert_eq!(order(&[&[0]]), [0], "a reference to itself");
}

#[test]
fn a_chain_of_ten_thousand_needs_no_stack() {
    let to: Vec<[usize; 1]> = (1..=10_000).map(|n| [n]).collect();
    let refs: Vec<&[usize]> = to.iter().map(<[usize; 1]>::as_slice).collect();
    assert_eq!(order(&refs), (0..10_000).rev().collect::<Vec<_>>());
}

#[test]
fn a_marking_definition_comes_before_what_it_marks() {
    let marking = format!("marking-definition--{}", uuid(1));
    let marked = format!(
        r#"{{"type":"url","id":"url--{}","value":"u","object_marking_refs":["{marking}"]}}"#,
        uuid(0)
    );
    let definition = format!(
        r#"{{"type":"marking-definition","id":"{marking}","created":"2020-01-01T00:00:00Z"}}"#
    );
    let readings = [read(marked.as_bytes()).unwrap(), read(definition.as_bytes()).unwrap()];
    assert_eq!(by_reference(&readings.iter().collect::<Vec<_>>()), [1, 0]);
}
