//! What a foreign TAXII server says: a header's value, and below it the body of an answer.

use super::{json, stix};
use crate::input::Dice;

const HEADERS: &[&str] = &[
    "2016-01-01T00:00:00.000001Z",
    "2016-01-01T00:00:00Z",
    "undefined",
    "Thu Feb 20 2020 00:00:00 GMT+0100",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "120",
    "-1",
    "99999999999999999999",
    "W/\"v1\"",
    "\"v1\"",
    "https://a.example/other/",
    "http://a.example:443/",
    "//b.example/x?y",
    "../up/./x",
    "?next=2",
    "api1/",
    "https://u:p@a.example/",
    "javascript:alert(1)",
    "https://[2001:db8::1]:99999/",
    "",
];
const MEMBERS: &[&str] = &[
    "more",
    "next",
    "objects",
    "items",
    "api_roots",
    "default",
    "versions",
    "collections",
    "title",
    "id",
    "can_read",
];
const ONES: &[&str] = &[
    "true",
    "false",
    "\"true\"",
    "1",
    "0",
    "null",
    "17",
    "\"AQ\"",
    "\"\"",
    "[]",
    "{}",
    "[{}]",
    "\"/api1/\"",
    "[\"/api1/\",\"https://b.example/\",\"..\"]",
    "[{\"id\":\"a\",\"date_added\":\"2016-01-01T00:00:00Z\"},{\"date_added\":\"soon\"}]",
    "[{\"id\":\"91a7b528-80eb-42ed-a74d-c6fbd5a26116\",\"can_read\":true},{\"id\":\"../x\"}]",
];

/// An answer.
pub fn answer(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.one_of(HEADERS).as_bytes().to_vec();
    bytes.push(b'\n');
    bytes.extend_from_slice(dice.one_of(&["", "", "", " \n", "\u{feff}"]).as_bytes());
    bytes.push(b'{');
    let many = if dice.one_in(200) { 2_000 } else { dice.below(6) };
    for place in 0..many {
        if place > 0 {
            bytes.push(b',');
        }
        member(dice, &mut bytes);
    }
    bytes.push(b'}');
    bytes
}

fn member(dice: &mut Dice, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("\"{}\":", dice.one_of(MEMBERS)).as_bytes());
    match dice.below(4) {
        0 => json::write(dice, 3, bytes),
        1 => {
            let objects: Vec<Vec<u8>> = (0..dice.below(5)).map(|_| stix::object(dice)).collect();
            bytes.extend_from_slice(&[b"[", &*objects.join(&b","[..]), b"]"].concat());
        }
        _ => bytes.extend_from_slice(dice.one_of(ONES).as_bytes()),
    }
}
