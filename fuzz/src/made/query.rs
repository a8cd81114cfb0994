//! What stands in TAXII requests beside the body: query strings, tokens, media types.

use super::stix;
use crate::input::Dice;

const NAMES: &[&str] = &[
    "added_after",
    "limit",
    "next",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
    "match%5Bid%5D",
    "match[x]",
    "LIMIT",
    "",
    "match%",
];
const VALUES: &[&str] = &[
    "",
    "1",
    "0",
    "-1",
    "99999999999999999999",
    "2024-01-01T00:00:00Z",
    "2024-01-01",
    "all",
    "first,last",
    "last,2024-01-01T00:00:00.000Z",
    "2.0,2.1",
    "indicator,malware",
    "%00",
    "%ff",
    "%2",
    "a%2Cb",
    "+",
    "AQ",
];

/// A query string.
pub fn query(dice: &mut Dice) -> Vec<u8> {
    let many = if dice.one_in(100) { 1_200 } else { dice.below(6) };
    let pairs: Vec<String> = (0..many).map(|_| pair(dice)).collect();
    pairs.join(dice.one_of(&["&", "&", "&&", ";"])).into_bytes()
}

fn pair(dice: &mut Dice) -> String {
    let name = dice.one_of(NAMES);
    let many = if dice.one_in(50) { 1_100 } else { 1 };
    let value = |dice: &mut Dice| match name {
        "match[id]" => stix::id(dice, "indicator"),
        _ => dice.one_of(VALUES).to_owned(),
    };
    let values: Vec<String> = (0..many).map(|_| value(dice)).collect();
    format!("{name}={}", values.join(","))
}

/// A value of `Accept` or `Content-Type`.
pub fn media(dice: &mut Dice) -> Vec<u8> {
    let types = [
        "application/taxii+json",
        "application/taxii+json;version=2.1",
        "*/*",
        "application/*",
        "text/html",
        "APPLICATION/TAXII+JSON ; Version=\"2.1\"",
        "application/taxii+json;version=2.0",
        "a",
        "",
        "/",
    ];
    let parameters = [
        "",
        ";q=0",
        ";q=1.000",
        ";q=0.5;version=2.1",
        ";q=",
        "; charset=utf-8",
        ";version=\"2.1",
        ";;",
    ];
    let many = if dice.one_in(100) { 2_000 } else { 1 + dice.below(4) };
    let all: Vec<String> =
        (0..many).map(|_| format!("{}{}", dice.one_of(&types), dice.one_of(&parameters))).collect();
    all.join(dice.one_of(&[",", ", ", " , ", ",,"])).into_bytes()
}
