//! The value as people write it, and the bundle as others read it. No node runs here.

use super::*;

#[test]
fn a_value_is_read_as_people_write_it_and_anything_else_is_refused() {
    let hash = "ab".repeat(32);
    for (text, field, told) in [
        ("evil.example", "query", "evil.example"),
        ("hxxp://evil[.]example/a", "url", "http://evil.example/a"),
        ("203.0.113.7", "dest_ip", "203.0.113.7"),
        ("2001:db8::7", "dest_ip", "2001:db8::7"),
        (&hash, "sha256", &hash),
    ] {
        let value: Value = text.parse().unwrap();
        assert_eq!(value.text, told);
        let line: Json = serde_json::from_str(&value.event()).unwrap();
        assert_eq!(line[field], told, "{line}");
    }
    let long = format!("{}.example", "a.".repeat(200));
    for text in ["", "two words", "CVE-2026-1234", "192.0.2.0/24", "a.example\nb.example", &long] {
        assert!(text.parse::<Value>().is_err(), "{text:?}");
    }
}

#[test]
fn the_bundle_is_valid_stix_and_its_value_stands_in_the_indicator_alone() {
    let value: Value = "evil.example".parse().unwrap();
    let made = bundle(&value, Instant::from_micros(1_700_000_000_000_000));
    let bundle: Json = serde_json::from_str(&made.json).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    assert_eq!(objects.len(), made.released.len() + 1);
    let holds = |object: &&Json| object.to_string().contains("evil.example");
    assert_eq!(objects.iter().filter(holds).count(), 1);
    for object in objects {
        let read = formats::stix::read(object.to_string().as_bytes()).unwrap();
        let red = read.markings.tlp == Some(Tlp::Red);
        assert_eq!(red, read.id == made.note, "only the note stays at home: {object}");
    }
}
