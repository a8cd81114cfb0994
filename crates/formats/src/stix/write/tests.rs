//! What we write reads back as what was meant.

use super::{NewIndicator, NewSighting, indicator, indicator_id, pattern, sighting};
use crate::stix::read;
use model::facts::ValueKind;
use model::time::Instant;
use uuid::Uuid;

const AT: Instant = Instant::from_micros(1_700_000_000_123_456);

fn new(kind: ValueKind, value: &str) -> NewIndicator<'_> {
    NewIndicator {
        kind,
        value,
        name: None,
        description: None,
        created: AT,
        indicator_types: &[],
        labels: &["a \"label\""],
    }
}

#[test]
fn an_indicator_survives_any_value() {
    let nasty = "it's \\ \"odd\" \u{1}\n\u{1f600}";
    for value in ["example.com", nasty] {
        let json = indicator(&new(ValueKind::Url, value)).unwrap();
        let reading = read(json.as_bytes()).unwrap();
        assert_eq!(reading.id, indicator_id(ValueKind::Url, value));
        assert_eq!(reading.facts.title.as_deref(), Some(value));
        assert_eq!(reading.facts.pattern, pattern(ValueKind::Url, value));
        assert_eq!(reading.version.as_deref(), Some("2023-11-14T22:13:20.123Z"));
        let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed["labels"][0], "a \"label\"");
    }
}

#[test]
fn patterns_are_escaped_as_stix_wants() {
    assert_eq!(pattern(ValueKind::Url, r"a'b\c").unwrap(), r"[url:value = 'a\'b\\c']");
    assert_eq!(pattern(ValueKind::Sha256, "aa").unwrap(), "[file:hashes.'SHA-256' = 'aa']");
    assert_eq!(pattern(ValueKind::Asn, "15169").unwrap(), "[autonomous-system:number = 15169]");
    assert_eq!(pattern(ValueKind::OtherHash, "aa"), None);
}

#[test]
fn ids_are_the_same_everywhere_and_for_ever() {
    assert_eq!(
        indicator_id(ValueKind::Domain, "example.com"),
        "indicator--95b3b157-ff15-544b-b2e1-2962e9c1d9fe"
    );
}

#[test]
fn a_sighting_tells_how_often_and_nothing_else() {
    let of = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
    let json = sighting(&NewSighting {
        uuid: Uuid::from_u128(7),
        sighting_of: of,
        created: AT,
        modified: AT.plus_seconds(60),
        count: u64::MAX,
        first_seen: AT,
        last_seen: AT.plus_seconds(-5),
    });
    let reading = read(json.as_bytes()).unwrap();
    assert_eq!(reading.thing, super::sighting_thing(Uuid::from_u128(7)));
    assert_eq!(reading.facts.count, Some(999_999_999));
    assert_eq!(reading.facts.last_seen, Some(AT), "never before it was first seen");
    assert_eq!(reading.facts.refs[0].to_string(), of);
}
