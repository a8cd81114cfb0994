//! MISP's feed folder.

use super::{Misp, MispFile, misp_day, misp_day_of, misp_span};
use crate::export::{About, Line};
use model::facts::ValueKind;
use model::label::{Pap, Tlp};
use model::limits::FEED_FIRST_DAY;
use model::time::Instant;
use serde_json::Value;
use uuid::Uuid;

const PUBLISHER: Uuid = Uuid::from_u128(0xabc);

fn at(text: &str) -> Option<Instant> {
    Some(text.parse().expect("a time"))
}

fn line(kind: ValueKind, value: &str) -> Line<'_> {
    Line {
        id: Uuid::from_u128(7),
        kind,
        value,
        signer: "CERT Beta",
        stated: Some(80),
        confidence: None,
        since: at("2026-11-22T10:00:00Z"),
        until: None,
        tlp: Tlp::Green,
        pap: None,
        below: true,
    }
}

fn rendered(file: MispFile, lines: &[Line<'_>], number: u32) -> Option<String> {
    let mut misp = Misp::new(file, PUBLISHER);
    lines.iter().for_each(|line| misp.push(line));
    let about = About {
        circle: Uuid::from_u128(1 << 96),
        name: "My \"Circle\";\n",
        serial: 0,
        by: "CERT \u{202e}\"Alpha\"",
        by_id: Uuid::from_u128(5),
    };
    let file = misp.finish(&about)?;
    let numbers = vec![number; file.stamps().len()];
    Some(String::from_utf8(file.stamped(&numbers)).expect("text"))
}

fn json(file: MispFile, lines: &[Line<'_>]) -> Value {
    serde_json::from_str(&rendered(file, lines, 1_795_000_000).expect("a file")).expect("JSON")
}

/// The only event of a list.
fn event(lines: &[Line<'_>]) -> (Uuid, Value) {
    let list = json(MispFile::Manifest, lines);
    let list = list.as_object().expect("an object");
    let [(id, listed)] = list.iter().collect::<Vec<_>>()[..] else { panic!("{list:?}") };
    (id.parse().expect("a UUID"), listed.clone())
}

#[test]
fn a_day_is_an_event_and_the_list_says_what_the_event_says() {
    let later = Line { since: at("2026-11-23T00:00:00Z"), ..line(ValueKind::Domain, "b.example") };
    let lines = [line(ValueKind::Domain, "a.example"), later];
    let list = json(MispFile::Manifest, &lines);
    let list = list.as_object().expect("an object");
    assert_eq!(list.len(), 2);
    for (id, listed) in list {
        let id: Uuid = id.parse().expect("a UUID");
        let told = json(MispFile::Event(id), &lines)["Event"].clone();
        assert_eq!(told["uuid"], id.to_string());
        for (name, number) in
            [("timestamp", 1_795_000_000), ("analysis", 2), ("threat_level_id", 4)]
        {
            assert_eq!(listed[name], number, "{name}");
            assert_eq!(told[name], number.to_string(), "{name}");
        }
        for name in ["info", "date", "Orgc", "Tag"] {
            assert_eq!(listed[name], told[name], "{name}");
        }
        assert_eq!(told["Orgc"]["name"], "CERT \"Alpha\"");
        assert_eq!(told["Attribute"].as_array().map(Vec::len), Some(1), "{told}");
        let day = misp_day_of(id, PUBLISHER, 30_000).expect("a day");
        assert_eq!(misp_span(day).0.to_string().get(..10), told["date"].as_str());
    }
    assert_eq!(rendered(MispFile::Event(Uuid::from_u128(1)), &lines, 1), None);
    assert_eq!(misp_day_of(Uuid::from_u128(1), PUBLISHER, 30_000), None);
}

#[test]
fn an_attribute_has_misps_type_and_its_label_as_tags() {
    let amber =
        Line { pap: Some(Pap::Amber), tlp: Tlp::AmberStrict, ..line(ValueKind::Ipv4, "192.0.2.1") };
    let lines = [
        line(ValueKind::Domain, "a.example"),
        amber,
        line(ValueKind::Domain, "a.example"),
        line(ValueKind::Ja4, "no type for it"),
    ];
    let (id, listed) = event(&lines);
    let told = json(MispFile::Event(id), &lines);
    let all = told["Event"]["Attribute"].as_array().expect("attributes").clone();
    let of = |n: usize| {
        let one = &all[n];
        let tags: Vec<&str> = one["Tag"]
            .as_array()
            .expect("tags")
            .iter()
            .map(|t| t["name"].as_str().expect("a name"))
            .collect();
        (one["type"].as_str(), one["category"].as_str(), one["to_ids"].as_bool(), tags.join(" "))
    };
    assert_eq!(all.len(), 2, "each value once: {told}");
    let network = Some("Network activity");
    assert_eq!(of(0), (Some("domain"), network, Some(true), "tlp:green".to_owned()));
    assert_eq!(
        of(1),
        (Some("ip-dst"), network, Some(false), "tlp:amber+strict PAP:AMBER".to_owned())
    );
    // The event is as strict as the strictest of them.
    let tags: Vec<_> =
        listed["Tag"].as_array().expect("tags").iter().map(|t| t["name"].clone()).collect();
    assert_eq!(tags, ["tlp:amber+strict", "PAP:AMBER"]);
}

#[test]
fn what_an_event_says_is_numbered_and_nothing_else_is() {
    let says = |lines: &[Line<'_>]| {
        let mut misp = Misp::new(MispFile::Manifest, PUBLISHER);
        lines.iter().for_each(|line| misp.push(line));
        let about =
            About { circle: Uuid::nil(), name: "x", serial: 0, by: "y", by_id: Uuid::nil() };
        misp.finish(&about)
            .expect("a list")
            .stamps()
            .iter()
            .map(|stamp| stamp.says)
            .collect::<Vec<_>>()
    };
    let one = line(ValueKind::Domain, "a.example");
    let other = Line { since: at("2026-11-21T00:00:00Z"), ..line(ValueKind::Domain, "b.example") };
    let both = says(&[one, other]);
    assert_eq!(says(&[one]), both[1..], "another day's values are nothing to it");
    assert_ne!(says(&[Line { tlp: Tlp::Amber, ..one }]), both[1..]);
}

#[test]
fn a_digest_is_of_the_value_and_leads_to_its_event() {
    let lines = [line(ValueKind::Domain, "a.example"), line(ValueKind::Domain, "a.example")];
    let (id, _) = event(&lines);
    let text = rendered(MispFile::Hashes, &lines, 1).expect("a list");
    // The MD5 of `a.example`.
    assert_eq!(text, format!("af60befa758e782df5bdf9901187616d,{id}\n"));
}

#[test]
fn no_value_leaves_its_string() {
    for hostile in
        ["a\",\"x\":\"injected", "a\\", "a\nb,injected", "\u{202e}injected", "\0injected"]
    {
        for kind in ValueKind::ALL {
            let hostile = line(kind, hostile);
            let lines = [line(ValueKind::Domain, "a.example"), hostile];
            let (id, _) = event(&lines);
            let told = json(MispFile::Event(id), &lines);
            let all = told["Event"]["Attribute"].as_array().expect("attributes");
            for one in all.iter().skip(1) {
                assert_eq!(one["value"], hostile.value, "{told}");
                assert_eq!(one.as_object().map(serde_json::Map::len), Some(10), "{told}");
            }
            let hashes = rendered(MispFile::Hashes, &lines, 1).expect("a list");
            assert!(hashes.lines().all(|line| line.len() == 69), "{hashes}");
        }
    }
}

#[test]
fn what_has_no_beginning_stands_under_the_first_day_of_all() {
    assert_eq!((misp_day(None), misp_day(at("1960-01-01T00:00:00Z"))), (0, 0));
    assert_eq!(misp_day(at("1970-01-02T00:00:00Z")), 0);
}

#[test]
fn old_days_are_one_event_and_make_no_list_too_long() {
    let first = at("2016-01-01T00:00:00Z").expect("a time");
    assert_eq!(misp_day(Some(first)), FEED_FIRST_DAY);
    assert_eq!(misp_day(Some(first.plus_seconds(-1))), 0);
    assert_eq!(misp_span(0).1, first, "what is asked for day 0 is what is told under it");
    assert_eq!(misp_span(FEED_FIRST_DAY).0, first);
    // Twice as many days as a list may have, all of them before the first.
    let mut misp = Misp::new(MispFile::Manifest, PUBLISHER);
    for day in 1..=20_000 {
        let since = Some(first.plus_seconds(-86_400 * day));
        misp.push(&Line { since, ..line(ValueKind::Domain, "a.example") });
    }
    assert!(!misp.is_too_long());
    assert_eq!(misp.days.keys().copied().collect::<Vec<_>>(), [0]);
    // Every day since then for more than twenty years.
    for day in 0..8_000 {
        let since = Some(first.plus_seconds(86_400 * day));
        misp.push(&Line { since, ..line(ValueKind::Domain, "a.example") });
    }
    assert!(!misp.is_too_long());
    assert_eq!(misp.days.len(), 8_001);
}
