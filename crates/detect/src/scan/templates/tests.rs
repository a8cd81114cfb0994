//! What is passed over is what was read before: with templates and without, a line has the same
//! fields and the same faults.

use super::{Run, Spot, Templates};
use crate::event::{Buffers, Field, LineError, Path, Role, Scalar};
use crate::meaning::Meaning;
use crate::memo::Known;
use crate::scan::scanner::{Proved, Reading, read};
use model::limits::{SPOT_PATH_BYTES_MAX, TEMPLATES_BYTES_MAX};
use std::fmt::Write as _;

/// Keeps every field but numbers and words under `b`, which mean nothing; what begins with `k`, and
/// every other number, proves itself and nothing else.
#[derive(Default)]
struct Kept {
    names: Vec<String>,
    seen: Vec<u32>,
    again: usize,
}

impl Kept {
    fn take(&mut self, name: String) {
        let known = self.names.iter().position(|other| *other == name);
        let at = known.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        let at = u32::try_from(at).expect("few names");
        self.seen.push(at);
    }
}

impl Reading for Kept {
    fn field(&mut self, field: &Field<'_>) {
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
        if matches!(field.value, Scalar::Text(_)) {
            field.meaning.asked(text.starts_with('k'));
        } else if self.is_idle(field.path, field.meaning) {
            return;
        }
        self.take(format!("{}={text} in {:?}", field.path.dotted(), field.object.is_some()));
    }

    fn proved(&self, field: &Field<'_>) -> Option<Proved> {
        let proves = match field.value {
            Scalar::Text(text) => text.starts_with('k'),
            Scalar::Number(text) => text.len() % 2 == 0,
            Scalar::Bool(_) => true,
        };
        if !matches!(field.value, Scalar::Text(_)) && self.is_idle(field.path, field.meaning) {
            return Some(Proved::NOTHING);
        }
        let mut known = Known::NOTHING;
        let _room = known.add(*self.seen.last()?);
        proves.then(|| Proved::of(known, || Role::at(field.path)))
    }

    fn is_idle(&self, path: Path<'_>, _: &Meaning) -> bool {
        path.last() == "b"
    }

    fn again(&mut self, proved: &Proved) {
        self.again += 1;
        self.seen.extend_from_slice(proved.rows());
    }
}

/// What one reader after the other says of a line: one remembers, one does not.
fn agree(line: &[u8], kept: &mut Kept, templates: &mut Templates) -> Result<(), LineError> {
    let mut buffers = Buffers::default();
    kept.seen.clear();
    templates.hold_for(templates.state);
    let with = read(line, &mut buffers, Some(templates), kept);
    let mut passed = std::mem::take(&mut kept.seen);
    let without = read(line, &mut buffers, None, kept);
    let text = String::from_utf8_lossy(line);
    assert_eq!(with, without, "{text}");
    kept.seen.sort_unstable();
    passed.sort_unstable();
    assert_eq!(passed, kept.seen, "{text}");
    if with.is_ok() {
        templates.learn();
    }
    with
}

/// A small generator, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("small") % end
    }

    fn value(&mut self, depth: usize, out: &mut String) {
        let words = [
            "\"kind\"",
            "\"k\\u0041\"",
            "\"v\"",
            "\"\"",
            "true",
            "false",
            "null",
            "1",
            "22",
            "-3.5e1",
            "0",
        ];
        match self.below(if depth > 3 { words.len() } else { words.len() + 4 }) {
            place @ 0..11 => out.push_str(words[place]),
            11 | 12 => self.object(depth + 1, out),
            13 => {
                out.push('[');
                for place in 0..self.below(4) {
                    out.push_str(if place > 0 { ", " } else { "" });
                    self.value(depth + 1, out);
                }
                out.push(']');
            }
            _ => {
                let number = self.below(1_000_000);
                write!(out, "\"{number}\"").expect("a text");
            }
        }
    }

    fn object(&mut self, depth: usize, out: &mut String) {
        out.push('{');
        for place in 0..self.below(5) {
            out.push_str(if place > 0 { "," } else { "" });
            let long = "l".repeat(SPOT_PATH_BYTES_MAX);
            let usual = ["a", "b", "ip", "k\\n"][self.below(4)];
            let key = if self.below(20) == 0 { &long } else { usual };
            write!(out, "\"{key}\":").expect("a text");
            self.value(depth, out);
        }
        out.push('}');
    }
}

/// Another line of the same program: each value may change, and sometimes a byte is spoiled.
fn varied(line: &str, chance: &mut Chance) -> Vec<u8> {
    let mut varied = String::new();
    for part in line.split_inclusive([',', '{', '[', '}', ']']) {
        let digits = part.trim_end_matches([',', '}', ']']);
        if digits.parse::<u32>().is_ok() && chance.below(2) == 0 {
            let end = part.strip_prefix(digits).unwrap_or_default();
            write!(varied, "{}{end}", chance.below(100_000)).expect("a text");
        } else if part.contains(":\"v\"") && chance.below(2) == 0 {
            varied += &part.replace(":\"v\"", &format!(":\"v{}\"", chance.below(9)));
        } else if part.contains(":\"kind\"") && chance.below(4) == 0 {
            varied += &part.replace(":\"kind\"", ":\"kinder\"");
        } else if part.contains(":true") && chance.below(3) == 0 {
            varied += &part.replace(":true", [":false", ":null", ":7", ":\"k\""][chance.below(4)]);
        } else {
            varied += part;
        }
    }
    let mut bytes = varied.into_bytes();
    match chance.below(20) {
        0 => bytes.truncate(chance.below(bytes.len().max(1))),
        1 if !bytes.is_empty() => {
            let at = chance.below(bytes.len());
            bytes[at] = b"\"\\{}[],:0 x\x01\xff"[chance.below(13)];
        }
        2 => bytes.extend_from_slice(b" x"),
        3 => bytes.extend_from_slice(b" \t"),
        _ => {}
    }
    bytes
}

#[test]
fn with_templates_and_without_a_line_has_the_same_fields_and_faults() {
    let mut chance = Chance(7);
    let (mut passed, mut faults, mut lines) = (0, 0, 0);
    for turn in 0..300 {
        let (mut kept, mut templates) = (Kept::default(), Templates::default());
        let programs: Vec<String> = (0..3)
            .map(|_| {
                let mut line = String::new();
                chance.object(0, &mut line);
                line
            })
            .collect();
        for number in 0..160 {
            // Sometimes there is no more room: neither for runs nor for spots.
            if turn % 5 == 0 && number == 20 {
                templates.bytes = TEMPLATES_BYTES_MAX;
            }
            let program = &programs[chance.below(programs.len())];
            let line = varied(program, &mut chance);
            faults += usize::from(agree(&line, &mut kept, &mut templates).is_err());
            lines += 1;
        }
        passed += kept.again;
    }
    assert!(passed > 10_000, "hardly anything is passed over: {passed} fields of {lines} lines");
    assert!(faults > 500, "hardly any line is wrong: {faults}");
}

#[test]
fn what_changes_is_read_and_what_stays_is_passed_over() {
    let (mut kept, mut templates) = (Kept::default(), Templates::default());
    let mut told = Vec::new();
    for n in 0..50 {
        let line = format!(r#"{{"ip":"10.0.0.{n}","kind":"k","o":{{"n":[{n},"k"],"same":true}}}}"#);
        let before = kept.again;
        agree(line.as_bytes(), &mut kept, &mut templates).expect("JSON");
        told.push(kept.again - before);
    }
    // `kind`, the `k` in the array and `same`: the address and the number change.
    assert_eq!(told.last(), Some(&3), "{told:?}");
    assert_eq!(told.first(), Some(&0));
}

#[test]
fn the_few_values_of_a_spot_are_passed_over_and_any_other_is_read() {
    let (mut kept, mut templates) = (Kept::default(), Templates::default());
    let kinds = ["kdns", "ktls", "khttp", "k\\u0041"];
    let mut read = |kind: &str, ends: &str| {
        let before = kept.again;
        let line = format!(r#"{{"ip":"10.0.0.1","type":"{kind}"{ends}"#);
        let told = agree(line.as_bytes(), &mut kept, &mut templates);
        (told, kept.again - before)
    };
    let passed: Vec<usize> = (0..200).map(|n| read(kinds[n % 4], "}").1).collect();
    assert_eq!(passed.last(), Some(&1), "{passed:?}");
    for strange in ["v", "kdnssec", "k", "kdn", ""] {
        assert_eq!(read(strange, "}"), (Ok(()), 0), "{strange}");
    }
    assert_eq!(read("kdns", "}"), (Ok(()), 1));
    assert_eq!(read("kdns", ",\"n\":1}"), (Ok(()), 1), "it goes on in another way");
    assert!(read("kdns", "x").0.is_err());
}

#[test]
fn lines_that_never_repeat_take_no_more_memory_than_they_may() {
    let (mut kept, mut templates) = (Kept::default(), Templates::default());
    let mut buffers = Buffers::default();
    let mut most = 0;
    for n in 0..30_000 {
        let members: Vec<String> = (0..20).map(|m| format!("\"k{n}.{m}\":\"k{m}\"")).collect();
        let line = format!("{{{}}}", members.join(","));
        read(line.as_bytes(), &mut buffers, Some(&mut templates), &mut kept).expect("JSON");
        templates.learn();
        most = most.max(templates.bytes);
        (kept.names, kept.seen) = Default::default();
    }
    assert!(most < 2 * TEMPLATES_BYTES_MAX, "{most}");
}

#[test]
fn long_and_deep_keys_take_no_more_memory_than_they_may() {
    let (mut kept, mut templates) = (Kept::default(), Templates::default());
    let mut buffers = Buffers::default();
    let (long, deep) = ("l".repeat(30_000), "{\"d\":".repeat(20));
    for n in 0..40 {
        // Values that prove nothing, so that each has a spot of its own.
        let members: Vec<String> = (0..n * 50).map(|m| format!("\"id\":\"v{m}\"")).collect();
        let members = members.join(",");
        for line in [
            format!("{{\"{long}\":{{{members}}}}}"),
            format!("{{\"n\":{deep}{{{members}}}{}}}", "}".repeat(20)),
        ] {
            let told = read(line.as_bytes(), &mut buffers, Some(&mut templates), &mut kept);
            told.expect("JSON");
            templates.learn();
            (kept.names, kept.seen) = Default::default();
        }
    }
    let spots = templates.runs.iter().filter_map(|run| run.spot.as_ref()).map(Spot::bytes);
    let runs = templates.runs.iter().map(|run| run.bytes.len() + size_of::<Run>());
    let (spots, runs): (Vec<usize>, usize) = (spots.collect(), runs.sum());
    assert!(spots.len() > 500, "{}", spots.len());
    let all = spots.iter().sum::<usize>() + runs;
    assert!(all < 2 * TEMPLATES_BYTES_MAX, "{all}");
    assert!(templates.bytes < 2 * TEMPLATES_BYTES_MAX, "{}", templates.bytes);
}

#[test]
fn another_state_of_the_index_forgets_all() {
    let (mut kept, mut templates) = (Kept::default(), Templates::default());
    templates.hold_for((1, 0));
    for _ in 0..2 {
        agree(br#"{"a":"k"}"#, &mut kept, &mut templates).expect("JSON");
    }
    assert_eq!(kept.again, 1);
    templates.hold_for((2, 0));
    agree(br#"{"a":"k"}"#, &mut kept, &mut templates).expect("JSON");
    assert_eq!(kept.again, 1);
}
