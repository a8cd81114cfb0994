//! Lines of telemetry as sensors write them: JSON of the usual tools, their fields with other
//! tools' values, and text.

use super::json;
use crate::input::Dice;

const KEYS: &[&str] = &[
    "src_ip",
    "dest_ip",
    "id.orig_h",
    "id.resp_h",
    "query",
    "dns",
    "rrname",
    "http",
    "hostname",
    "url",
    "tls",
    "sni",
    "Hashes",
    "Image",
    "ts",
    "timestamp",
    "@timestamp",
    "fileinfo",
    "sha256",
    "EventTime",
    "answers",
    "DestinationHostname",
    "event_type",
    "user.name",
    "a.b",
];
const VALUES: &[&str] = &[
    "\"203.0.113.7\"",
    "\"2001:db8::1\"",
    "\"example.org.\"",
    "\"http://a.example/%00?x\"",
    "1704067200.123456",
    "\"2024-01-01T00:00:00.000001+0000\"",
    "\"MD5=44D88612FEA8A8F36DE82E1278ABB02F,SHA256=0\"",
    "\"xn--\"",
    "\"C:\\\\a.exe\"",
    "-1",
    "1e308",
    "\"\\ud800\"",
    "\"a@b.example\"",
    "[\"a.example\",\"203.0.113.9\"]",
    "null",
];

/// A line.
pub fn line(dice: &mut Dice) -> Vec<u8> {
    if dice.one_in(10) {
        return json::value(dice);
    }
    let mut out = Vec::new();
    object(dice, 0, &mut out);
    out
}

fn object(dice: &mut Dice, depth: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for index in 0..1 + dice.below(8) {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("\"{}\":", dice.one_of(KEYS)).as_bytes());
        match dice.below(6) {
            0 if depth < 4 => object(dice, depth + 1, out),
            1 => json::write(dice, depth + 1, out),
            _ => out.extend_from_slice(dice.one_of(VALUES).as_bytes()),
        }
    }
    out.push(b'}');
}

/// A plain list or CSV.
pub fn list(dice: &mut Dice) -> Vec<u8> {
    let cells = [
        "203.0.113.7",
        "198.51.100.0/24",
        "2001:db8::1",
        "[2001:db8::1]:80",
        "example.org",
        "hxxp://a[.]b/x",
        "#",
        "\"a,b\"",
        "\"a\"\"b\"",
        "\"",
        "44d88612fea8a8f36de82e1278abb02f",
        "ip",
        "domain",
        "value",
        "type",
        "a@b.example",
        "b\u{fc}cher.example",
        "CVE-2024-1",
        "||ads.example^",
        "0.0.0.0 a.example",
        "//",
        "\0",
    ];
    let (comma, end) =
        (dice.one_of(&[",", ";", "\t", " ", "|"]), dice.one_of(&["\n", "\r\n", "\r"]));
    let rows: Vec<String> = (0..dice.below(12))
        .map(|_| {
            let row: Vec<&str> = (0..1 + dice.below(4)).map(|_| dice.one_of(&cells)).collect();
            row.join(comma)
        })
        .collect();
    rows.join(end).into_bytes()
}
