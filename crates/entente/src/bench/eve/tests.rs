//! The made-up events are JSON, and of the size that the bar names.

use super::{Seeded, event};

#[test]
fn events_are_json_of_780_bytes_on_the_average() {
    let mut draw = Seeded(42);
    let events: Vec<String> = (0..2_000).map(|_| event(&mut draw, 1_000_000)).collect();
    for event in &events {
        let value: serde_json::Value = serde_json::from_str(event).expect("JSON");
        assert!(value["src_ip"].is_string(), "{event}");
    }
    let bytes = events.iter().map(String::len).sum::<usize>() / events.len();
    assert!((770..=790).contains(&bytes), "{bytes}");
}
