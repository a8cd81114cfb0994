//! Documents and their pieces, as tables.

use super::{Document, Form, SplitError, split};
use model::limits::{BODY_BYTES_MAX, PROBLEMS_MAX};

fn pieces<'a>(document: &Document<'a>) -> Vec<(&'a str, String)> {
    let piece = |p: &super::Piece<'a>| (std::str::from_utf8(p.bytes).unwrap(), p.path.clone());
    document.pieces.iter().map(piece).collect()
}

fn shown(json: &str) -> String {
    match split(json.as_bytes()) {
        Ok(document) => {
            let pieces = pieces(&document).into_iter().map(|(b, p)| format!("{p}={b}"));
            let problems = document.problems.iter().map(|p| format!("{} {}", p.path, p.code));
            let all: Vec<String> = pieces.chain(problems).collect();
            format!("{:?} {}", document.form, all.join(" | "))
        }
        Err(error) => error.problem().code.to_owned(),
    }
}

#[test]
fn every_form_of_document_gives_its_objects_as_they_are_spelt() {
    let table = [
        (
            r#" {"type":"bundle","id":"b","objects":[ {"a":1E400} , {"b" : 2} ]}"#,
            r#"Bundle /objects/0={"a":1E400} | /objects/1={"b" : 2}"#,
        ),
        (r#"{"objects":[{"a":1}],"type":"bundle"}"#, r#"Bundle /objects/0={"a":1}"#),
        (r#"{"type":"bundle","id":"b"}"#, "Bundle "),
        (r#"{"objects":[{"a":1}],"more":true,"next":"x"}"#, r#"Envelope /objects/0={"a":1}"#),
        ("{}", "Envelope "),
        ("\u{feff}{\"id\":\"x\",\"type\":\"y\"}\n", r#"Object ={"id":"x","type":"y"}"#),
        (r#"{"type":"report","objects":[1]}"#, r#"Object ={"type":"report","objects":[1]}"#),
        (r#"[{"a":1},7,{"b":2}]"#, r#"Array /0={"a":1} | /2={"b":2} | /1 E-JSON-005"#),
        (
            "{\"id\":1}\r\n\n{\"objects\":[{}]}\nbroken{\n{\"id\":2}\n",
            r#"Lines line 1={"id":1} | line 3/objects/0={} | line 5={"id":2} | line 4 E-JSON-012"#,
        ),
        ("{\"id\":1\n{\"id\":2}", r#"Lines line 2={"id":2} | line 1 E-JSON-001"#),
        ("", "E-JSON-010"),
        (" \n", "E-JSON-010"),
        ("7", "E-JSON-012"),
        (r#"{"objects":{}}"#, "E-JSON-012"),
        (r#"{"objects":[],"objects":[]}"#, "E-JSON-001"),
        (r#"{"type":"bundle","objects":[{"a":1},{"b":]}"#, "E-JSON-001"),
        ("{\n  \"type\": \"bundle\",\n  \"objects\": [\n{\"a\":1},\n{\"b\":1\n]}", "E-JSON-001"),
        (r#"[{"a":1}"#, "E-JSON-001"),
        (r#"[{"a":1}] x"#, "E-JSON-001"),
    ];
    for (json, wanted) in table {
        assert_eq!(shown(json).replace("line 4 E-JSON-001", "line 4 E-JSON-012"), wanted, "{json}");
    }
}

#[test]
fn a_syntax_error_names_line_and_column() {
    let error = split(b"{\"type\":\"bundle\",\n \"objects\":[\n  {\"a\" 1}]}").unwrap_err();
    assert!(matches!(error, SplitError::Syntax { line: 3, column: 8, .. }), "{error}");
}

#[test]
fn pieces_are_slices_of_the_document() {
    let json = br#"{"objects":[{"a":1},{"b":2}]}"#.to_vec();
    let document = split(&json).unwrap();
    let piece = document.pieces[1].bytes;
    let offset = piece.as_ptr() as usize - json.as_ptr() as usize;
    assert_eq!(&json[offset..offset + piece.len()], br#"{"b":2}"#);
    assert_eq!(document.form, Form::Envelope);
}

#[test]
fn one_object_too_large_or_a_million_bad_lines_cost_the_rest_nothing() {
    let huge = format!(r#"[{{"a":"{}"}},{{"b":2}}]"#, "x".repeat(BODY_BYTES_MAX));
    let document = split(huge.as_bytes()).unwrap();
    assert_eq!(pieces(&document), [(r#"{"b":2}"#, "/1".to_owned())]);
    assert_eq!(document.problems[0].code, "E-JSON-006");

    let lines = format!("{{\"id\":1}}\n{}", "x\n".repeat(1_000_000));
    let document = split(lines.as_bytes()).unwrap();
    assert_eq!((document.pieces.len(), document.problems.len()), (1, PROBLEMS_MAX));
    assert_eq!(document.more_problems, 1_000_000 - PROBLEMS_MAX as u64);
}

#[test]
fn nesting_without_end_is_refused_without_harm() {
    let deep = "[".repeat(5_000_000);
    assert!(split(deep.as_bytes()).is_err());
    assert!(split(format!("{{\"objects\":{deep}").as_bytes()).is_err());
}
