//! One event in every form, and the same values out of each.

use super::{Form, Kind, Reader, fields, time};
use crate::event::{Buffers, LineError, Scalar};
use model::limits::EVENT_BYTES_MAX;
use model::time::Instant;
use std::collections::BTreeSet;

/// Every value of a line, with the last key of its path.
fn values(reader: &mut Reader, line: &[u8]) -> Result<BTreeSet<String>, LineError> {
    let mut all = BTreeSet::new();
    let Some(event) = reader.event(line)? else { return Ok(all) };
    fields(&event, &mut Buffers::default(), &mut |field| {
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
        all.insert(format!("{}={text}", field.path.dotted()));
    })?;
    Ok(all)
}

fn at(line: &str) -> Option<String> {
    let mut reader = Reader::new(Form::Auto);
    let event = reader.event(line.as_bytes()).unwrap().unwrap();
    time(&event, &mut Buffers::default()).map(Instant::to_taxii)
}

const ADDRESS: &str = "192.0.2.7";
const QUERY: &str = "www.evil.example";

/// The same DNS query, as each form writes it.
const LINES: [(&str, Kind); 14] = [
    (r#"{"src_ip":"192.0.2.7","dns":{"rrname":"www.evil.example"}}"#, Kind::Json),
    ("CEF:0|Corp|DNS\\|x|1|7|query|3|src=192.0.2.7 dhost=www.evil.example msg=a b", Kind::Cef),
    ("CEF:0|a|b|1|7|q|3|cs1=www.evil.example cs1Label=Domain Name src=192.0.2.7", Kind::Cef),
    ("LEEF:1.0|Corp|DNS|1|7|src=192.0.2.7\tdomain=www.evil.example", Kind::Leef),
    ("LEEF:2.0|Corp|DNS|1|7|^|src=192.0.2.7^domain=www.evil.example", Kind::Leef),
    ("LEEF:2.0|Corp|DNS|1|7|0x7c|src=192.0.2.7|domain=www.evil.example", Kind::Leef),
    (
        "<34>1 2026-11-22T16:00:00Z dns named 5 - [q@1 a=\"\\\"]\" src=\"192.0.2.7\"] \u{feff}for www.evil.example",
        Kind::Syslog,
    ),
    ("<34>Nov 22 16:00:00 dns named[5]: 192.0.2.7#53 (www.evil.example): query", Kind::Syslog),
    ("Nov 22 2026 16:00:00 dns app: src=192.0.2.7 query=\"www.evil.example\"", Kind::Syslog),
    (
        "<34>Nov 22 16:00:00 dns app: @cee: {\"a\":\"192.0.2.7\",\"q\":\"www.evil.example\"}",
        Kind::Syslog,
    ),
    (
        "<34>Nov 22 16:00:00 dns CEF:0|a|b|1|7|q|3|src=192.0.2.7 dhost=www.evil.example",
        Kind::Syslog,
    ),
    ("date=2026-11-22 time=16:00:00 srcip=192.0.2.7 hostname=\"www.evil.example\"", Kind::KeyValue),
    ("2026-11-22 16:00:00 192.0.2.7 asked for www[.]evil[.]example", Kind::Text),
    (r#"{"message":"<34>x 192.0.2.7 asked for hxxp://www.evil.example"}"#, Kind::Json),
];

#[test]
fn every_form_of_the_same_event_gives_the_same_values() {
    for (line, kind) in LINES {
        let mut reader = Reader::new(Form::Auto);
        let all = values(&mut reader, line.as_bytes()).unwrap();
        let has = |value: &str| all.iter().any(|one| one.ends_with(&format!("={value}")));
        let url = format!("http://{QUERY}");
        assert!(has(ADDRESS) && (has(QUERY) || has(&url)), "{line}: {all:?}");
        let place = Kind::ALL.iter().position(|one| *one == kind).unwrap();
        assert_eq!(reader.counts()[place], 1, "{line}");
    }
}

#[test]
fn a_zeek_log_read_from_its_middle_knows_its_columns() {
    let header = "#separator \\x09\n#fields\tts\tid.orig_h\tquery\n#types\ttime\taddr\tstring\n";
    let mut first = Reader::new(Form::Auto);
    for line in header.lines() {
        assert!(first.event(line.as_bytes()).unwrap().is_none());
    }
    let line = format!("1.5\t{ADDRESS}\t{QUERY}");
    let whole = values(&mut first, line.as_bytes()).unwrap();
    assert!(whole.contains(&format!("query={QUERY}")), "{whole:?}");
    let mut later = Reader::resume(Form::ZeekTsv, first.header().unwrap());
    assert_eq!(values(&mut later, line.as_bytes()).unwrap(), whole);
    let mut lost = Reader::new(Form::ZeekTsv);
    let refused = values(&mut lost, line.as_bytes());
    assert!(matches!(refused, Err(LineError::Form { .. })), "{refused:?}");
    assert_eq!(first.event(b"#close\t2026").unwrap().map(|_| ()), None);
}

#[test]
fn names_come_from_the_line() {
    let mut reader = Reader::new(Form::Auto);
    let all = values(&mut reader, LINES[2].0.as_bytes()).unwrap();
    assert!(all.contains("Domain Name=www.evil.example"), "{all:?}");
    let url = "CEF:0|a|b|1|7|q|3|request=http://e.example/?a\\=b&c=d e act=x\\=y";
    let all = values(&mut reader, url.as_bytes()).unwrap();
    assert!(
        all.contains("request=http://e.example/?a=b&c=d e") && all.contains("act=x=y"),
        "{all:?}"
    );
    let all = values(&mut reader, LINES[6].0.as_bytes()).unwrap();
    assert!(all.contains("log.syslog.appname=named") && all.contains("a=\"]"), "{all:?}");
}

#[test]
fn times_are_read_as_logs_write_them() {
    let hour = Some("2026-11-22T16:00:00.000000Z".to_owned());
    for line in [
        "<34>1 2026-11-22T17:00:00+01:00 dns named 5 - - x",
        "<34>Nov 22 2026 16:00:00 dns named[5]: x",
        "date=2026-11-22 time=16:00:00 srcip=192.0.2.7",
        "2026-11-22 16:00:00,000 192.0.2.7 asked",
        "192.0.2.7 - - [22/Nov/2026:16:00:00 +0000] \"GET / HTTP/1.1\" 200",
        "1795363200.000 345 10.0.0.1 TCP_MISS/200",
        "CEF:0|a|b|1|7|q|3|rt=1795363200000 src=192.0.2.7",
        "CEF:0|a|b|1|7|q|3|rt=Nov 22 2026 16:00:00 src=192.0.2.7",
        r#"{"ts":1795363200.0}"#,
        r#"{"EventID":1,"EventTime":"2026-11-22 11:00:00","UtcTime":"2026-11-22 16:00:00.000"}"#,
        r#"{"winlog":{"event_data":{"UtcTime" : "2026-11-22 16:00:00.000"}}}"#,
        r##"{"ts":0,"Event":{"System":{"TimeCreated":{"#attributes":{"SystemTime":"2026-11-22T16:00:00.000000Z"}}}}}"##,
        r#"{"t_first":"2026-11-22T16:00:00.000","t_last":"2026-11-22T17:00:00.000"}"#,
        r#"{"type":"NETFLOW_V9","time_flow_start_ns":1795363200000000000}"#,
        r#"{"flows":{"flowStartMilliseconds":1795363200000}}"#,
        r#"{"flowStartSeconds": 1795363200, "flowStartDelta":7}"#,
    ] {
        assert_eq!(at(line), hour, "{line}");
    }
    // Clocks that were never set, and times without a year, say nothing.
    for line in [r#"{"ts":0}"#, "<34>Nov 22 16:00:00 h a: x", "1970-01-01T00:00:00Z x", "x y"] {
        assert_eq!(at(line), None, "{line}");
    }
    for line in [
        r#"{"UtcTime":"-"}"#,
        r#"{"UtcTime":"1970-01-01 00:00:00"}"#,
        r#"{"CreationUtcTime":"2026-11-22 16:00:00.000"}"#,
        r#"{"Message":"\"UtcTime\":\"2026-11-22 16:00:00.000\""}"#,
        r#"{"flowStartSysUpTime":1795363200}"#,
        r#"{"x":["UtcTime"]}"#,
    ] {
        assert_eq!(at(line), None, "{line}");
    }
    // Both are the event's own; the usual field is the one that every event of its agent has.
    let both = r#"{"@timestamp":"2026-11-22T16:00:02Z","UtcTime":"2026-11-22 16:00:00.000"}"#;
    assert_eq!(at(both).unwrap(), "2026-11-22T16:00:02.000000Z");
    assert_eq!(at(r#"{"ts":"2100-01-01T00:00:00Z"}"#).unwrap(), "2100-01-01T00:00:00.000000Z");
}

#[test]
fn bad_lines_are_told_and_the_next_one_is_read() {
    let mut reader = Reader::new(Form::Auto);
    let long = vec![b'a'; EVENT_BYTES_MAX + 1];
    assert!(matches!(values(&mut reader, &long), Err(LineError::TooLong { .. })));
    assert!(matches!(values(&mut reader, b"{\"a\":\"\xff\"}"), Err(LineError::NotUtf8 { .. })));
    let all = values(&mut reader, b"from \xe9\xff 192.0.2.7 to b\xfcro.example").unwrap();
    assert!(all.contains("message=192.0.2.7"), "{all:?}");
    let many = "a=b ".repeat(5_000);
    assert_eq!(values(&mut reader, many.as_bytes()), Err(LineError::TooManyFields));
    assert!(values(&mut reader, b"   ").unwrap().is_empty());
    assert!(!values(&mut reader, b"{\"a\":\"b\"}").unwrap().is_empty());
    for (form, line) in [(Form::Cef, "CEF:0|a|b"), (Form::Leef, "x"), (Form::KeyValue, "x")] {
        let refused = values(&mut Reader::new(form), line.as_bytes());
        assert!(matches!(refused, Err(LineError::Form { .. })), "{line}: {refused:?}");
    }
}

#[test]
fn any_bytes_are_read_without_a_fault() {
    let parts: [&[u8]; 22] = [
        b"<34>",
        b"1 ",
        b"- ",
        b"Nov 22 ",
        b"16:00:00 ",
        b"CEF:0|",
        b"|",
        b"LEEF:2.0|",
        b"a=",
        b"\"",
        b"\\",
        b"[",
        b"] ",
        b"#fields\t",
        b"#separator \\x",
        b"\t",
        b"x09",
        b"\xff",
        b"{\"a\":",
        b"hxxp://",
        b"[.]",
        b"#Fields: a b",
    ];
    let mut seed = 11_u64;
    let mut reader = Reader::new(Form::Auto);
    for _ in 0..50_000 {
        let mut line = Vec::new();
        for _ in 0..7 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            line.extend_from_slice(parts[usize::try_from(seed >> 40).unwrap() % parts.len()]);
        }
        drop(values(&mut reader, &line));
        if let Ok(Some(event)) = reader.event(&line) {
            time(&event, &mut Buffers::default());
        }
    }
}
