//! Values of odd types, and where the objects stand.

use super::*;

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

#[test]
fn more_is_read_whatever_its_type() {
    for (text, wanted) in [
        ("true", true),
        ("\"true\"", true),
        ("1", true),
        ("false", false),
        ("\"false\"", false),
        ("null", false),
        ("0", false),
    ] {
        assert_eq!(truth(&raw(text)), wanted, "{text}");
    }
}

#[test]
fn next_is_a_text_or_a_number_and_nothing_else() {
    for (text, wanted) in [
        ("\"a b\"", Some("a b")),
        ("17", Some("17")),
        ("-1.5", Some("-1.5")),
        ("\"\"", None),
        ("null", None),
        ("true", None),
        ("{}", None),
        ("[1]", None),
    ] {
        assert_eq!(text_of(&raw(text)).as_deref(), wanted, "{text}");
    }
    let long = format!("\"{}\"", "x".repeat(SOURCE_NEXT_BYTES_MAX + 1));
    assert_eq!(text_of(&raw(&long)), None);
}

#[test]
fn the_objects_are_cut_out_where_they_stand() {
    let whole = br#"{"more":true,"objects":[{"a":1}],"next":"x"}"#;
    let form = envelope(whole).expect("an envelope");
    assert_eq!(whole.get(form.from..form.from + form.length), Some(&br#"[{"a":1}]"#[..]));
    let form = envelope(br#"{"more":true}"#).expect("an envelope");
    assert_eq!((form.from, form.length, form.more), (13, 0, true));
}
