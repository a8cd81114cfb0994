//! Chunks of lists and documents, and the way back of their problems.

use super::*;

fn problem(path: &str) -> ProblemView {
    ProblemView::of("", &formats::problem::Problem::error("E-X-001", "wrong").at(path))
}

#[test]
fn a_list_of_several_chunks_keeps_its_header_and_its_line_numbers() {
    let rows: String = (0..2_500).map(|n| format!("domain,host{n}.example\n")).collect();
    let text = format!("# mine\ntype,value\n{rows}");
    let (chunks, refused) = chunks(text.as_bytes(), Format::List).unwrap();
    assert!(refused.is_empty());
    assert_eq!(chunks.len(), 3);
    assert!(chunks.iter().all(|chunk| chunk.body.starts_with(b"# mine\ntype,value\ndomain,")));
    let last = chunks.last().unwrap();
    assert!(last.body.ends_with(b"host2499.example\n"));
    assert_eq!(last.place(problem("line 3")).path, "line 2003");
}

#[test]
fn what_is_referred_to_is_sent_first_and_problems_find_their_way_back() {
    let id = |kind: &str, n: u8| format!("{kind}--00000000-0000-4000-8000-0000000000{n:02}");
    let times = r#""created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z""#;
    let note = format!(
        r#"{{"type":"note","spec_version":"2.1","id":"{}",{times},"content":"x","object_refs":["{}"]}}"#,
        id("note", 1),
        id("campaign", 2),
    );
    let campaign = format!(
        r#"{{"type":"campaign","spec_version":"2.1","id":"{}",{times},"name":"c"}}"#,
        id("campaign", 2),
    );
    let text = format!(r#"{{"type":"bundle","objects":[{note},{{"type":"x"}},{campaign}]}}"#);
    let (chunks, refused) = chunks(text.as_bytes(), Format::Stix).unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].body, format!("[{campaign},{note}]").into_bytes());
    assert_eq!(chunks[0].place(problem("/0/name")).path, "/objects/2/name");
    assert_eq!(chunks[0].place(problem("/1")).path, "/objects/0");
}
