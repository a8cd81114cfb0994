//! The made-up events are JSON, of the size that the bar names, and their values come again as often
//! as is said of them.

use super::{Seeded, Values, event};
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

/// In the second half of the events, how many of a thousand say something under this path that none
/// before said.
fn new_of_a_thousand(events: &[serde_json::Value], paths: &[&str]) -> usize {
    let mut known = HashSet::new();
    let half = events.len() / 2;
    let says = |event: &serde_json::Value| {
        paths
            .iter()
            .find_map(|path| event.pointer(path))
            .and_then(|value| value.as_str().map(str::to_owned))
    };
    known.extend(events[..half].iter().filter_map(says));
    events[half..].iter().filter_map(says).filter(|said| known.insert(said.clone())).count() * 1_000
        / half
}

#[test]
fn measured_values_are_new_as_often_as_in_the_measurement() {
    let events = events(100_000, Values::Measured);
    // A few of those that come again and again have not come yet.
    let names = new_of_a_thousand(&events, &["/dns/rrname", "/http/hostname", "/tls/sni"]);
    assert!((286..320).contains(&names), "{names}");
    let hashes = new_of_a_thousand(&events, &["/fileinfo/sha256"]);
    assert!((190..225).contains(&hashes), "{hashes}");
}
