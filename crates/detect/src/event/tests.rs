//! The scanner against the usual JSON reader, and the times that events carry.

use super::{Buffers, Hour, LineError, Role, Scalar, fields, since_1970, time};
use model::limits::EVENT_BYTES_MAX;
use serde_json::Value;

fn texts(line: &[u8]) -> Result<Vec<String>, LineError> {
    let mut all = Vec::new();
    fields(line, &mut Buffers::default(), &mut |field| {
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
        all.push(format!("{}={text}", field.path.dotted()));
    })?;
    Ok(all)
}

#[test]
fn a_role_has_the_bit_of_its_place() {
    for (place, role) in Role::ALL.into_iter().enumerate() {
        assert_eq!(u32::from(role.bit()), 1_u32 << place, "{role:?}");
    }
}

#[test]
fn every_scalar_is_seen_with_its_path() {
    let line = r#" {"query":"a.b","id.orig_h":"1.2.3.4","n":-1.5e3,"o":{"x":["p",{"y":"q"}],"e":{}},
        "\u0061\n":"\ud83d\ude00 \\u0041\"\/","t":true,"z":null} "#;
    let wanted = [
        "query=a.b",
        "id.orig_h=1.2.3.4",
        "n=-1.5e3",
        "o.x=p",
        "o.x.y=q",
        "a\n=\u{1f600} \\u0041\"/",
        "t=true",
    ];
    assert_eq!(texts(line.as_bytes()).unwrap(), wanted);
    assert_eq!(texts(b" \r\n").unwrap(), Vec::<String>::new());
    assert_eq!(texts(br#"["\ud800x\udc00"]"#).unwrap(), ["=\u{fffd}x\u{fffd}"]);
}

#[test]
fn what_is_no_json_is_refused_where_it_breaks() {
    for line in [
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "01",
        "1.",
        "-",
        "1e",
        "tru",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\u{1}\"",
        "{} {}",
        "{a:1}",
        "nulll",
        "\"\\",
        "'a'",
    ] {
        let refused = texts(line.as_bytes());
        assert!(matches!(refused, Err(LineError::Syntax { .. })), "{line}: {refused:?}");
    }
    assert_eq!(texts(b"\"\xff\""), Err(LineError::NotUtf8 { at: 1 }));
    let deep = "[".repeat(200);
    assert_eq!(texts(deep.as_bytes()), Err(LineError::TooDeep { at: 128 }));
    let bytes = EVENT_BYTES_MAX + 1;
    assert_eq!(texts(&vec![b' '; bytes]), Err(LineError::TooLong { bytes }));
}

/// A small seeded generator, so that a failure repeats.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap()
}

fn strings_of(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|v| strings_of(v, out)),
        Value::Object(all) => all.values().for_each(|v| strings_of(v, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn mutated_lines_are_accepted_and_read_as_the_usual_reader_does() {
    let seeds = [
        r#"{"ts":1.5,"query":"evil.com","answers":["a","b\u00e9\n"],"x":{"y":[1,-2e5,true,null]}}"#,
        r#"[{"a":"b\\"},"\ud83d\ude00",{"k":[]},{},0.25,"plain text of some length here"]"#,
    ];
    let alphabet = br#"{}[]",:\u0019eE+-.tfn aD8"#;
    let (mut seed, mut accepted) = (1, 0);
    for round in 0..200_000 {
        let mut line = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..=next(&mut seed) % 3 {
            let at = next(&mut seed) % line.len();
            match next(&mut seed) % 3 {
                0 => line[at] = alphabet[next(&mut seed) % alphabet.len()],
                1 => line.insert(at, alphabet[next(&mut seed) % alphabet.len()]),
                _ => drop(line.remove(at)),
            }
        }
        let shown = String::from_utf8_lossy(&line).into_owned();
        let ours = texts(&line);
        match serde_json::from_slice::<Value>(&line) {
            Ok(theirs) => {
                accepted += 1;
                let ours = ours.unwrap_or_else(|e| panic!("{shown}: {e}"));
                let mut strings = Vec::new();
                strings_of(&theirs, &mut strings);
                let missing = strings.iter().find(|s| !ours.iter().any(|o| o.ends_with(*s)));
                assert_eq!(missing, None, "{shown}");
            }
            // The usual reader cannot hold these, though they are JSON.
            Err(e) if e.to_string().contains("surrogate") || e.to_string().contains("range") => {}
            Err(e) if e.to_string().contains("hex escape") => {}
            Err(e) => assert!(ours.is_err(), "{shown}: {e}"),
        }
    }
    assert!(accepted > 10_000, "{accepted}");
}

#[test]
fn the_time_of_an_event_is_found_under_its_usual_names() {
    let table = [
        (r#"{"ts":1521911720.865716}"#, "2018-03-24T17:15:20.865716Z"),
        (
            r#"{"_write_ts":"2018-03-24T17:15:21Z","ts":"2018-03-24T17:15:20.5Z"}"#,
            "2018-03-24T17:15:20.500000Z",
        ),
        (r#"{"timestamp":"2018-03-24T18:15:20.000001+0100"}"#, "2018-03-24T17:15:20.000001Z"),
        (
            r#"{"EventTime":"2020-09-04 03:06:08","@timestamp":"2020-09-04T07:06:11.273Z"}"#,
            "2020-09-04T07:06:11.273000Z",
        ),
        (r#"{"time":"1521911720.1"}"#, "2018-03-24T17:15:20.100000Z"),
        (r#"{"_time":1521911720123}"#, "2018-03-24T17:15:20.123000Z"),
        (r#"{"eventTime":1521911720123456789}"#, "2018-03-24T17:15:20.123456Z"),
        (r#"{"x":{"ts":1521911720}}"#, "-"),
        (r#"{"ts":"yesterday","time":-1e5}"#, "-"),
    ];
    for (line, wanted) in table {
        let at = time(line.as_bytes(), &mut Buffers::default());
        assert_eq!(at.map_or("-".to_owned(), |at| at.to_string()), wanted, "{line}");
    }
}

#[test]
fn a_time_of_a_known_hour_is_read_as_any_other() {
    let heads = [
        "2026-11-22T10:",
        "2026-11-22T23:",
        "1969-12-31T23:",
        "2026-13-01T10:",
        "2026-11-22t10:",
        "9999-12-30T22:",
    ];
    let seconds =
        ["00:00", "59:59.999999", "07:60", "60:00", "7:00", "10:00.", "10:00.1", "10:00.000000009"];
    let more = ["10:00.1234567890", "10:00,5", "10:0x", "-1:00", "10:00.12 "];
    let zones = ["Z", "+0000", "+00:00", "-08:30", "+2400", "", "z", "+00:00:00", "Zulu"];
    let mut hour = Hour::default();
    // Twice, for what is known changes what is looked at.
    for head in heads.iter().chain(&heads) {
        for zone in zones {
            for seconds in seconds.iter().chain(&more) {
                let text = format!("{head}{seconds}{zone}");
                let wanted = if text.contains('T') && text.len() >= 20 {
                    text.parse().ok()
                } else {
                    since_1970(&text)
                };
                assert_eq!(hour.instant(&text), wanted, "{text}");
            }
        }
    }
}
