//! Documents in parts: order, sizes, what cannot be read.

use super::*;

fn identity(n: usize) -> String {
    format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-{n:012}","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"n"}}"#
    )
}

fn parts(document: &str) -> Vec<(usize, usize, bool)> {
    let mut parts = Vec::new();
    Cut::of(document.as_bytes()).expect("a document").parts(|part, last| {
        let read = part.0.iter().filter(|object| object.is_ok()).count();
        parts.push((read, part.0.len() - read, last));
        true
    });
    parts
}

#[test]
fn a_document_is_cut_into_parts_and_the_last_is_marked() {
    let objects: Vec<String> = (0..2_100).map(identity).collect();
    let text = format!("[{}]", objects.join(","));
    assert_eq!(parts(&text), [(1_000, 0, false), (1_000, 0, false), (100, 0, true)]);
    assert_eq!(parts("[]"), [(0, 0, true)]);
    let whole: Vec<String> = (0..1_000).map(identity).collect();
    assert_eq!(parts(&format!("[{}]", whole.join(","))), [(1_000, 0, true)]);
}

#[test]
fn one_bad_object_costs_itself_alone_and_is_counted() {
    let bad = r#"{"type":"indicator","id":"bad"}"#;
    let corrupt = identity(2).replace(r#""spec_version":"2.1""#, r#""spec_version":"identity""#);
    let text = format!("[{},{bad},7,{corrupt},{}]", identity(1), identity(3));
    assert_eq!(parts(&text), [(2, 3, true)]);
}

#[test]
fn parts_end_when_nobody_wants_more() {
    let objects: Vec<String> = (0..2_100).map(identity).collect();
    let text = format!("[{}]", objects.join(","));
    let mut seen = 0;
    Cut::of(text.as_bytes()).expect("a document").parts(|_, _| {
        seen += 1;
        false
    });
    assert_eq!(seen, 1);
}
