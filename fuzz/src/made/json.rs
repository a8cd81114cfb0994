//! JSON by its grammar, mostly: odd numbers and escapes, doubled keys, what others call JSON too.

use crate::input::Dice;

const KEYS: &[&str] = &[
    "id",
    "type",
    "objects",
    "name",
    "a",
    "",
    "modified",
    "object_marking_refs",
    "x_y",
    "\\u0061",
    "selectors",
    "hashes",
    "__proto__",
    "\u{fc}",
    "tlp",
];
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1",
    "9007199254740993",
    "1e999",
    "-1E-7",
    "0.1",
    "1e+2",
    "01",
    "+1",
    ".5",
    "1.",
    "18446744073709551616",
    "NaN",
    "0x10",
    "1e",
    "-",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "\\n",
    "\\u0000",
    "\\ud800",
    "\\ud83d\\ude00",
    "\\x",
    "\u{e9}\u{1f600}",
    "\\\\",
    "\\\"",
    "\t",
    "2024-01-01T00:00:00Z",
    "203.0.113.7",
    "http://a.example/?b=c#d",
    "\\u00e",
];

/// A value.
pub fn value(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    write(dice, 0, &mut out);
    if dice.one_in(40) {
        out.extend([0xff, 0xfe]);
    }
    out
}

/// Writes a value at this depth.
pub fn write(dice: &mut Dice, depth: usize, out: &mut Vec<u8>) {
    match dice.below(if depth > 6 { 4 } else { 7 }) {
        0 => out.extend_from_slice(dice.one_of(&["null", "true", "false", "nul"]).as_bytes()),
        1 => out.extend_from_slice(dice.one_of(NUMBERS).as_bytes()),
        2 | 3 => text(dice, out),
        4 => array(dice, depth, out),
        _ => object(dice, depth, out),
    }
}

/// Writes a string.
pub fn text(dice: &mut Dice, out: &mut Vec<u8>) {
    out.push(b'"');
    for _ in 0..dice.below(4) {
        out.extend_from_slice(dice.one_of(TEXTS).as_bytes());
    }
    out.push(b'"');
}

fn array(dice: &mut Dice, depth: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for index in 0..dice.below(5) {
        if index > 0 {
            space(dice, out);
            out.push(b',');
        }
        write(dice, depth + 1, out);
    }
    out.extend_from_slice(if dice.one_in(40) { b",]" } else { b"]" });
}

fn object(dice: &mut Dice, depth: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for index in 0..dice.below(6) {
        if index > 0 {
            out.push(b',');
        }
        space(dice, out);
        out.push(b'"');
        out.extend_from_slice(dice.one_of(KEYS).as_bytes());
        if !dice.one_in(6) {
            // Else the key may well be there already.
            out.extend_from_slice(index.to_string().as_bytes());
        }
        out.extend_from_slice(b"\":");
        write(dice, depth + 1, out);
    }
    out.push(b'}');
}

fn space(dice: &mut Dice, out: &mut Vec<u8>) {
    if dice.one_in(8) {
        out.extend_from_slice(dice.one_of(&[" ", "\n", "\r\n\t", "\u{a0}", "/**/"]).as_bytes());
    }
}
