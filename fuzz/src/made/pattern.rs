//! STIX patterns by their grammar: every operator, literal, path step and qualifier, and the
//! mistakes that people make.

use crate::input::Dice;

const OBJECTS: &[&str] =
    &["ipv4-addr", "domain-name", "file", "url", "network-traffic", "x-a", "'b-c'"];
const STEPS: &[&str] = &[
    "value",
    "hashes.'SHA-256'",
    "name",
    "a[*].b",
    "a[0]",
    "extensions.'x-y'.z",
    "src_ref.value",
    "hashes.SHA-256",
];
const OPERATORS: &[&str] = &[
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "IN",
    "LIKE",
    "MATCHES",
    "ISSUBSET",
    "ISSUPERSET",
    "NOT =",
    "==",
    "NOT IN",
    "EXISTS",
];
const LITERALS: &[&str] = &[
    "'a'",
    "'it\\'s'",
    "'\\\\'",
    "5",
    "-5.25",
    "true",
    "h'0aff'",
    "b'YQ=='",
    "t'2024-01-01T00:00:00Z'",
    "('a', 'b')",
    "(1,2,)",
    "'%.example'",
    "'(a+)+$'",
    "''",
    "\u{201c}a\u{201d}",
    "'203.0.113.0/24'",
    "1e5",
    "'",
];
const QUALIFIERS: &[&str] = &[
    " WITHIN 5 SECONDS",
    " REPEATS 3 TIMES",
    " START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'",
    " WITHIN 0 SECONDS",
    " REPEATS -1 TIMES",
    " REPEATS 99999999999999999999 TIMES",
    " within 1 seconds",
];

/// A pattern.
pub fn made(dice: &mut Dice) -> Vec<u8> {
    let mut out = String::new();
    observation(dice, 0, &mut out);
    out.into_bytes()
}

fn observation(dice: &mut Dice, depth: usize, out: &mut String) {
    match dice.below(if depth > 5 { 3 } else { 6 }) {
        0..=2 => {
            out.push('[');
            comparison(dice, depth, out);
            out.push(']');
        }
        3 => {
            out.push('(');
            observation(dice, depth + 1, out);
            out.push(')');
        }
        _ => {
            observation(dice, depth + 1, out);
            out.push_str(dice.one_of(&[" AND ", " OR ", " FOLLOWEDBY ", " and ", " "]));
            observation(dice, depth + 1, out);
        }
    }
    if dice.one_in(4) {
        out.push_str(dice.one_of(QUALIFIERS));
    }
}

fn comparison(dice: &mut Dice, depth: usize, out: &mut String) {
    match dice.below(if depth > 6 { 3 } else { 6 }) {
        0..=2 => {
            let (object, step) = (dice.one_of(OBJECTS), dice.one_of(STEPS));
            let (operator, literal) = (dice.one_of(OPERATORS), dice.one_of(LITERALS));
            out.push_str(&format!("{object}:{step} {operator} {literal}"));
        }
        3 => {
            out.push('(');
            comparison(dice, depth + 1, out);
            out.push(')');
        }
        _ => {
            comparison(dice, depth + 1, out);
            out.push_str(dice.one_of(&[" AND ", " OR ", " or ", ","]));
            comparison(dice, depth + 1, out);
        }
    }
}
