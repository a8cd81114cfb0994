//! STIX objects and the documents that hold them: right types in wrong places, a thousand markings,
//! references to anything.

use super::{json, pattern};
use crate::input::Dice;

const TYPES: &[&str] = &[
    "indicator",
    "malware",
    "report",
    "relationship",
    "sighting",
    "identity",
    "file",
    "ipv4-addr",
    "domain-name",
    "marking-definition",
    "observed-data",
    "x-made-up",
    "extension-definition",
    "language-content",
    "grouping",
    "url",
    "email-message",
    "note",
    "vulnerability",
    "bundle",
    "",
];
const TIMES: &[&str] = &[
    "2024-01-01T00:00:00.000Z",
    "2024-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2024-02-30T00:00:00Z",
    "2024-01-01T00:00:00+02:00",
    "0000-00-00T00:00:00Z",
    "now",
    "",
];
const MEMBERS: &[&str] = &[
    "name",
    "description",
    "pattern",
    "pattern_type",
    "valid_from",
    "valid_until",
    "confidence",
    "labels",
    "value",
    "hashes",
    "object_refs",
    "source_ref",
    "target_ref",
    "created_by_ref",
    "sighting_of_ref",
    "count",
    "first_seen",
    "last_seen",
    "external_references",
    "extensions",
    "granular_markings",
    "object_marking_refs",
    "definition",
    "definition_type",
    "objects",
    "revoked",
    "lang",
    "resolves_to_refs",
    "x_custom",
];
const MARKINGS: &[&str] = &[
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
    "marking-definition--00000000-0000-4000-8000-000000000001",
    "marking-definition--",
    "red",
];

/// An id of this type, mostly.
pub fn id(dice: &mut Dice, kind: &str) -> String {
    match dice.below(12) {
        0 => kind.to_owned(),
        1 => format!("{kind}--8E2E2D2B-17D4-4CBF-938F-98EE46B3CD3F"),
        2 => format!("{kind}----8e2e2d2b"),
        _ => format!("{kind}--00000000-0000-4000-8000-{:012x}", dice.below(40)),
    }
}

/// An object.
pub fn object(dice: &mut Dice) -> Vec<u8> {
    let kind = dice.one_of(TYPES);
    let mut out = Vec::from(*b"{");
    let mut put = |dice: &mut Dice, key: &str, value: &[u8]| {
        if !dice.one_in(15) {
            if out.len() > 1 {
                out.push(b',');
            }
            out.extend_from_slice(format!("\"{key}\":").as_bytes());
            out.extend_from_slice(value);
        }
    };
    put(dice, "type", quoted(kind).as_bytes());
    let spec = dice.one_of(&["\"2.1\"", "\"2.0\"", "2.1", "\"3\""]);
    put(dice, "spec_version", spec.as_bytes());
    let id = id(dice, kind);
    put(dice, "id", quoted(&id).as_bytes());
    for key in ["created", "modified"] {
        let time = dice.one_of(TIMES);
        put(dice, key, quoted(time).as_bytes());
    }
    for _ in 0..dice.below(8) {
        let key = dice.one_of(MEMBERS);
        let value = member(dice, key);
        put(dice, key, &value);
    }
    out.push(b'}');
    out
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn member(dice: &mut Dice, key: &str) -> Vec<u8> {
    if dice.one_in(6) {
        return json::value(dice);
    }
    let many = if dice.one_in(200) { 1_200 } else { 1 + dice.below(4) };
    let listed = |dice: &mut Dice, one: &mut dyn FnMut(&mut Dice) -> String| {
        let all: Vec<String> = (0..many).map(|_| one(dice)).collect();
        format!("[{}]", all.join(","))
    };
    match key {
        "pattern" => {
            let pattern = String::from_utf8_lossy(&pattern::made(dice)).into_owned();
            quoted(&pattern.replace('\\', "\\\\").replace('"', "\\\"")).into_bytes()
        }
        "object_marking_refs" => {
            listed(dice, &mut |dice| quoted(dice.one_of(MARKINGS))).into_bytes()
        }
        "granular_markings" => listed(dice, &mut |dice| {
            let selector = dice.one_of(&["name", "labels.[0]", "a.b.[1].c", "x", "hashes.MD5", ""]);
            let marking = dice.one_of(MARKINGS);
            format!(r#"{{"selectors":["{selector}"],"marking_ref":"{marking}"}}"#)
        })
        .into_bytes(),
        "object_refs" | "resolves_to_refs" => listed(dice, &mut |dice| {
            let kind = dice.one_of(TYPES);
            quoted(&id(dice, kind))
        })
        .into_bytes(),
        "source_ref" | "target_ref" | "created_by_ref" | "sighting_of_ref" => {
            let kind = dice.one_of(TYPES);
            quoted(&id(dice, kind)).into_bytes()
        }
        "hashes" => br#"{"SHA-256":"aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f","MD5":1}"#.to_vec(),
        "definition" => dice
            .one_of(&[r#"{"tlp":"amber"}"#, r#"{"statement":"c"}"#, r#"{"tlp":7}"#, "{}", "[]"])
            .as_bytes()
            .to_vec(),
        "definition_type" => quoted(dice.one_of(&["tlp", "statement", "TLP", "pap"])).into_bytes(),
        "valid_from" | "valid_until" | "first_seen" | "last_seen" => {
            quoted(dice.one_of(TIMES)).into_bytes()
        }
        "pattern_type" => quoted(dice.one_of(&["stix", "sigma", "yara", ""])).into_bytes(),
        _ => json::value(dice),
    }
}

/// A marking's definition, mostly.
pub fn definition(dice: &mut Dice) -> Vec<u8> {
    let name = dice.one_of(&["TLP:AMBER", "TLP:AMBER+STRICT", "PAP:RED", "PAP:", "tlp:white", "x"]);
    let kind = dice.one_of(&["tlp", "statement", "tlp-2", ""]);
    let definition = String::from_utf8_lossy(&member(dice, "definition")).into_owned();
    format!(
        r#"{{"type":"marking-definition","spec_version":"2.1","id":"{}","created":"{}","name":"{name}","definition_type":"{kind}","definition":{definition}}}"#,
        dice.one_of(MARKINGS),
        dice.one_of(TIMES),
    )
    .into_bytes()
}

/// A bundle, an envelope, an array, NDJSON, or an object alone.
pub fn document(dice: &mut Dice) -> Vec<u8> {
    let objects: Vec<Vec<u8>> = (0..dice.below(5)).map(|_| object(dice)).collect();
    let listed = objects.join(&b","[..]);
    match dice.below(5) {
        0 => [br#"{"type":"bundle","id":"bundle--1","objects":["#, &listed[..], b"]}"].concat(),
        1 => [br#"{"more":false,"objects":["#, &listed[..], b"]}"].concat(),
        2 => [b"[", &listed[..], b"]"].concat(),
        3 => objects.join(&b"\n"[..]),
        _ => [br#"{"objects":["#, &listed[..], br#"],"objects":[]}"#].concat(),
    }
}
