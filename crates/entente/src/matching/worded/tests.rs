//! What a matched value is: by its field where its shape misleads.

use super::worded;
use node::Wording;
use serde_json::{Value, json};

/// The type and the value of the first object of STIX that a match of this value has.
fn first(role: &str, value: &str) -> (String, Value) {
    let line = json!({
        "match": "m1", "kept": "2026-11-22T10:00:00.000000Z", "at": null,
        "indicator": "indicator--7a2b4f0e-0000-4000-8000-000000000001", "circle": "ring",
        "signer": "Beta", "tlp": "green", "field": "f", "role": role, "value": value,
        "source": "", "event": { "f": value }
    });
    let told = worded(&line.to_string(), Wording::Stix).expect("a bundle");
    let bundle: Value = serde_json::from_str(&told).expect("JSON");
    let object = &bundle["objects"][0];
    let value = [&object["value"], &object["name"], &object["key"], &object["account_login"]];
    let value = value.into_iter().find(|value| !value.is_null()).cloned();
    (object["type"].as_str().unwrap_or_default().to_owned(), value.unwrap_or_default())
}

#[test]
fn a_value_is_what_its_field_says_and_in_normal_form() {
    let is = |role: &str, value: &str, kind: &str, told: &str| {
        assert_eq!(first(role, value), (kind.to_owned(), told.into()), "{role} {value}");
    };
    is("dns-query", "EVIL.Example.", "domain-name", "evil.example");
    is("source", "::ffff:192.0.2.4", "ipv4-addr", "192.0.2.4");
    is("file", "evil.exe", "file", "evil.exe");
    is("registry", "HKLM\\Software\\x", "windows-registry-key", "HKLM\\Software\\x");
    is("account", "bob@corp.example", "user-account", "bob@corp.example");
    is("url", "http://evil.example/x", "url", "http://evil.example/x");
    is("url", "evil.example/x", "domain-name", "evil.example");
    // A digest, but of no file.
    assert_eq!(first("tls-fingerprint", "e7d705a3286e19ea42f587b344ee6865").0, "artifact");
    assert_eq!(first("file", "C:\\x\\evil.exe").0, "artifact");
}
