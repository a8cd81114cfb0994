//! The made-up events are JSON, of the size that the bar names, and their values come again as often
//! as is said of them.

use super::{POPULAR, Seeded, Values, event, known_hash, site_name};
use std::collections::HashSet;

fn events(count: usize, values: Values) -> Vec<serde_json::Value> {
    let mut draw = Seeded(42);
    let events: Vec<String> = (0..count).map(|_| event(&mut draw, 1_000_000, values)).collect();
    let bytes = events.iter().map(String::len).sum::<usize>() / events.len();
    assert!((770..=790).contains(&bytes), "{bytes}");
    events.iter().map(|event| serde_json::from_str(event).expect("JSON")).collect()
}

#[test]
fn events_are_json_of_780_bytes_on_the_average() {
    for values in [Values::Wide, Values::Measured] {
        for event in events(2_000, values) {
            assert!(event["src_ip"].is_string(), "{event}");
        }
    }
}

#[test]
fn measured_values_are_new_as_often_as_in_the_measurement() {
    let names: HashSet<String> = (0..POPULAR).map(site_name).collect();
    let hashes: HashSet<String> = (0..POPULAR).map(known_hash).collect();
    let events = events(50_000, Values::Measured);
    let new = |paths: &[&str], known: &HashSet<String>| {
        let said = |event: &serde_json::Value| {
            let value = paths.iter().find_map(|path| event.pointer(path))?.as_str()?.to_owned();
            (!known.contains(&value)).then_some(value)
        };
        events.iter().filter_map(said).collect::<HashSet<_>>().len()
    };
    // Of ten million, 2.86 million: of fifty thousand, 14,300.
    let names = new(&["/dns/rrname", "/http/hostname", "/tls/sni"], &names);
    assert!((13_900..14_700).contains(&names), "{names}");
    let hashes = new(&["/fileinfo/sha256"], &hashes);
    assert!((9_300..10_000).contains(&hashes), "{hashes}");
}
