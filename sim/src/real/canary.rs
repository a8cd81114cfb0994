//! Bodies that carry canaries, and the search for canaries in any bytes that left a node.
//!
//! It deliberately judges nothing: whether a reader may have what was found is the oracle's.

use super::script::{Item, Mark};
use model::label::Tlp;
use std::collections::BTreeSet;

/// Before the sixteen digits of a body's canary.
const BODY: &str = "canary-";
/// Before the twelve digits of a thing's number.
const THING: &str = "ca9a7e00-0000-4000-8000-";
/// The same as a program prints the raw bytes of an id.
const THING_BARE: &str = "ca9a7e00000040008000";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The type of a thing; it depends on its number alone, so that every node means the same.
pub(super) const fn kind(thing: u64) -> &'static str {
    match thing % 5 {
        0 | 1 => "indicator",
        2 => "malware",
        3 => "relationship",
        _ => "report",
    }
}

/// How many others a body about a thing can name.
pub(super) fn names_most(thing: u64) -> u64 {
    match kind(thing) {
        "relationship" => 2,
        "report" => u64::MAX,
        _ => 0,
    }
}

/// The STIX id of a thing.
pub(super) fn id(thing: u64) -> String {
    format!("{}--{THING}{thing:012x}", kind(thing))
}

/// The words of a body by which it can be searched.
pub(super) fn word(canary: u64) -> String {
    format!("{BODY}{canary:016x}")
}

/// The version's text, as `modified` spells it.
pub(super) fn version(version: u8) -> String {
    format!("2026-01-{:02}T00:00:00.000Z", version + 1)
}

/// The object that an item stands for.
pub(super) fn body(item: &Item) -> String {
    let word = word(item.canary);
    let mut text = format!(
        r#"{{"type":"{}","spec_version":"2.1","id":"{}","created":"{}","modified":"{}","#,
        kind(item.thing),
        id(item.thing),
        version(0),
        version(item.version)
    );
    let refs: Vec<String> = item.refs.iter().map(|thing| format!("\"{}\"", id(*thing))).collect();
    let own = match kind(item.thing) {
        "indicator" => format!(
            r#""name":"{word}","pattern":"[domain-name:value = '{word}.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z""#
        ),
        "relationship" => {
            let end = |place: usize| refs.get(place).or(refs.first()).cloned().unwrap_or_default();
            format!(
                r#""relationship_type":"related-to","description":"{word}","source_ref":{},"target_ref":{}"#,
                end(0),
                end(1)
            )
        }
        "report" => format!(
            r#""name":"{word}","published":"2026-01-01T00:00:00Z","object_refs":[{}]"#,
            refs.join(",")
        ),
        _ => format!(r#""name":"{word}","is_family":false"#),
    };
    text.push_str(&own);
    text.push_str(&marks(&item.marks));
    text.push('}');
    text
}

fn marks(marks: &[Mark]) -> String {
    let (mut object, mut granular, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for mark in marks {
        match mark {
            Mark::One(tlp) => object.push(format!("\"{}\"", marking_1(*tlp))),
            Mark::Two(tlp) => object.push(format!("\"{}\"", marking_2(*tlp))),
            Mark::Part(tlp) => granular.push(format!(
                r#"{{"marking_ref":"{}","selectors":["created"]}}"#,
                marking_2(*tlp)
            )),
            Mark::Unknown => object
                .push("\"marking-definition--00000000-0000-4000-8000-0000000000ff\"".to_owned()),
            Mark::Personal => labels.push("\"personal-data\"".to_owned()),
        }
    }
    let mut text = String::new();
    for (name, values) in
        [("object_marking_refs", object), ("granular_markings", granular), ("labels", labels)]
    {
        if !values.is_empty() {
            text.extend([",\"", name, "\":[", &values.join(","), "]"]);
        }
    }
    text
}

const fn marking_2(tlp: Tlp) -> &'static str {
    formats::stix::tlp_marking_id(tlp)
}

/// TLP 1 has no AMBER+STRICT.
const fn marking_1(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        Tlp::Green => "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        Tlp::Amber | Tlp::AmberStrict => "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        Tlp::Red => "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
    }
}

/// What bytes give away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Canaries of bodies.
    pub(super) bodies: BTreeSet<u64>,
    /// Numbers of things.
    pub(super) things: BTreeSet<u64>,
}

/// Every canary in these bytes: plain, as hexadecimal, as base64 in any alignment.
pub(super) fn find(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    plain(bytes, &mut found);
    for marker in [BODY, THING] {
        let hex: String = marker.bytes().map(|byte| format!("{byte:02x}")).collect();
        for at in hits(bytes, hex.as_bytes()) {
            plain(&from_hex(bytes.get(at..).unwrap_or_default()), &mut found);
        }
        for pad in 0..3 {
            for at in hits(bytes, &base64_core(marker.as_bytes(), pad)) {
                decode(bytes, at, &mut found);
            }
        }
    }
    found
}

/// The characters of a marker's base64 that do not depend on what stands around it.
fn base64_core(marker: &[u8], pad: usize) -> Vec<u8> {
    let mut padded = vec![0; pad];
    padded.extend_from_slice(marker);
    let text = padded.chunks(3).flat_map(|three| {
        let byte = |n: usize| usize::from(three.get(n).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        [18, 12, 6, 0].map(|shift| BASE64.get(word >> shift & 63).copied().unwrap_or(b'A'))
    });
    let (from, upto) = ((8 * pad).div_ceil(6), 8 * padded.len() / 6);
    text.take(upto).skip(from).collect()
}

fn plain(bytes: &[u8], found: &mut Found) {
    let number = |at: usize, digits: usize| {
        let text = bytes.get(at..at + digits).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| u64::from_str_radix(text, 16).ok())
    };
    for (needle, digits) in [(BODY, 16), (THING, 12), (THING_BARE, 12)] {
        for at in hits(bytes, needle.as_bytes()) {
            let Some(number) = number(at + needle.len(), digits) else { continue };
            if needle == BODY {
                found.bodies.insert(number)
            } else {
                found.things.insert(number)
            };
        }
    }
}

fn hits(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let Some(first) = needle.first() else { return Vec::new() };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts
        .filter(|(at, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
        .map(|(at, _)| at)
        .collect()
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let pairs = text.chunks_exact(2).take(40).map_while(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

/// Decodes what stands around a hit, in every alignment.
fn decode(bytes: &[u8], at: usize, found: &mut Found) {
    let from = at.saturating_sub(8);
    for shift in 0..4 {
        let run = bytes.get(from + shift..).unwrap_or_default();
        let six = run.iter().take(80).map(|byte| BASE64.iter().position(|known| known == byte));
        let six: Vec<usize> = six.map(|value| value.unwrap_or(0)).collect();
        let decoded = six.chunks_exact(4).flat_map(|four| {
            let word = four.iter().fold(0_usize, |word, value| word << 6 | value);
            [word >> 16, word >> 8, word].map(|byte| u8::try_from(byte & 0xff).unwrap_or(0))
        });
        plain(&decoded.collect::<Vec<u8>>(), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(bytes: &[u8]) -> String {
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let word = (0..3).fold(0, |word: usize, n| {
                word << 8 | usize::from(three.get(n).copied().unwrap_or(0))
            });
            text.extend([18, 12, 6, 0].map(|shift| char::from(BASE64[word >> shift & 63])));
        }
        text
    }

    #[test]
    fn a_canary_is_found_plain_hexadecimal_and_base64_in_every_alignment() {
        let text = format!("{} {}", id(0x2a), word(0xfeed));
        let expected = Found { bodies: BTreeSet::from([0xfeed]), things: BTreeSet::from([0x2a]) };
        assert_eq!(find(text.as_bytes()), expected);
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(find(hex.as_bytes()), expected);
        for pad in 0..3 {
            let padded = format!("{}{text}   ", "x".repeat(pad));
            assert_eq!(find(base64(padded.as_bytes()).as_bytes()), expected, "alignment {pad}");
        }
    }

    #[test]
    fn every_kind_of_body_is_read_as_what_it_is() {
        for thing in 0..5 {
            let marks = vec![Mark::One(Tlp::Red), Mark::Part(Tlp::Green), Mark::Personal];
            let item = Item { thing, version: 2, refs: vec![7, 8], marks, canary: 9 };
            let read = formats::stix::read(body(&item).as_bytes()).unwrap();
            assert_eq!((read.id, read.version), (id(thing), Some(version(2))));
            assert_eq!(read.markings.tlp, Some(Tlp::Red));
            assert!(read.markings.personal);
            let names = matches!(kind(thing), "relationship" | "report");
            assert_eq!(read.facts.refs.len(), if names { 2 } else { 0 }, "{thing}");
        }
    }
}
