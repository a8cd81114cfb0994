//! The made-up objects: sizes, ids, and that they are STIX. How they compress is measured elsewhere.

use super::{enveloped, indicator, long_indicator};
use std::collections::BTreeSet;

#[test]
fn the_objects_are_of_the_sizes_that_the_rows_name_and_valid() {
    for n in [0, 1, 99_999, 4_999_999, 900_000_000] {
        let (short, long) = (indicator(n).len(), long_indicator(n).len());
        assert!((640..=760).contains(&short), "{n}: {short}");
        assert!((1_150..=1_250).contains(&long), "{n}: {long}");
    }
    for make in [indicator, long_indicator] {
        let text = enveloped(7, 50, make);
        let envelope: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let objects = envelope["objects"].as_array().expect("objects");
        let bytes: Vec<String> = objects.iter().map(ToString::to_string).collect();
        let ids: BTreeSet<&str> =
            objects.iter().filter_map(|object| object["id"].as_str()).collect();
        assert_eq!((bytes.len(), ids.len()), (50, 50));
        for text in bytes {
            formats::stix::read(text.as_bytes()).expect("STIX");
        }
    }
}
