//! Envelopes as bytes.

use super::EnvelopeWriter;
use crate::json::split;

fn envelope(objects: &[&str], more: bool, next: Option<&str>) -> String {
    let mut writer = EnvelopeWriter::default();
    objects.iter().for_each(|object| writer.push(object.as_bytes()));
    String::from_utf8(writer.finish(more, next)).unwrap()
}

#[test]
fn an_envelope_is_its_objects_joined_by_commas() {
    assert_eq!(envelope(&[], false, None), "{}");
    assert_eq!(envelope(&[], true, Some("t")), r#"{"more":true,"next":"t"}"#);
    assert_eq!(envelope(&[r#"{"a" : 1E400}"#], false, Some("t")), r#"{"objects":[{"a" : 1E400}]}"#);
    let two = envelope(&["{}", "{}"], true, Some("t"));
    assert_eq!(two, r#"{"objects":[{},{}],"more":true,"next":"t"}"#);
    assert_eq!(split(two.as_bytes()).unwrap().pieces.len(), 2);
}
