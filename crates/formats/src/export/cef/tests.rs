//! A line that nobody's text can leave.

use crate::export::Finding;
use model::time::Instant;
use serde_json::value::RawValue;

fn line(circle: &str, value: &str) -> String {
    let event = RawValue::from_string("{}".to_owned()).expect("JSON");
    let finding = Finding {
        id: "m1",
        at: Instant::from_micros(1_500_000),
        indicator: "indicator--1",
        circle,
        signer: "CERT Beta",
        tlp: "green",
        field: "dns.query",
        value,
        kind: None,
        normal: value,
        source: "",
        event: &event,
        short: false,
    };
    finding.cef()
}

#[test]
fn a_line_has_seven_bars_and_its_fields() {
    let line = line("ring", "evil.example");
    let parts: Vec<&str> = line.split('|').collect();
    assert_eq!(parts.len(), 8, "{line}");
    assert_eq!(parts[..3], ["CEF:0", "Entente", "Entente"]);
    assert_eq!((parts[4], parts[6]), ("indicator-match", "5"));
    assert!(parts[7].starts_with("externalId=m1 rt=1500 cs1Label=indicator cs1=indicator--1 "));
    assert!(parts[7].ends_with(" cs6Label=value cs6=evil.example"), "{line}");
}

#[test]
fn a_strangers_text_stays_in_its_field() {
    let line = line("a|b\\c\nCEF:0|x", "v=1 cs1=forged\r\nCEF:0|\u{7}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("|dns.query matched shared intelligence of a\\|b\\\\c CEF:0\\|x|5|"));
    assert!(line.ends_with("cs6=v\\=1 cs1\\=forged\\r\\nCEF:0| "), "{line}");
}
