//! Reading envelopes of ours and of peers. Nothing is asked over a socket.

use super::next_of;

#[test]
fn the_next_page_is_found_at_either_end_of_an_envelope() {
    let objects = "x".repeat(2_000);
    let first = format!(r#"{{"more": true, "next": "a1", "objects": ["{objects}"]}}"#);
    let last = format!(r#"{{"objects":["{objects}"],"more":true,"next":"b2"}}"#);
    let none = format!(r#"{{"more":false,"objects":["{objects}"]}}"#);
    let found = [first, last, none, "{}".to_owned()].map(|text| next_of(text.as_bytes()));
    assert_eq!(found, [Some("a1".to_owned()), Some("b2".to_owned()), None, None]);
}
