//! What is watched, and what is only found by a search.

use super::Values;
use model::facts::{Facts, Value, ValueKind};

fn of(pattern: &str, revoked: bool) -> (usize, usize) {
    let named = Value { kind: ValueKind::Domain, text: "A.example".to_owned() };
    let pattern = Some(pattern.to_owned());
    let values = Values::of(&Facts { values: vec![named], pattern, revoked, ..Facts::default() });
    (values.all.len(), values.watched.len())
}

#[test]
fn only_values_that_prove_an_indicator_alone_are_watched() {
    let cases = [
        ("[domain-name:value = 'a.example']", (1, 1)),
        ("[domain-name:value = 'b.example' OR ipv4-addr:value = '192.0.2.1']", (3, 2)),
        ("[domain-name:value = 'b.example' AND ipv4-addr:value = '192.0.2.1']", (3, 0)),
        ("[domain-name:value LIKE 'b%']", (1, 0)),
        ("no pattern", (1, 0)),
    ];
    for (pattern, counts) in cases {
        assert_eq!(of(pattern, false), counts, "{pattern}");
    }
    assert_eq!(of("[domain-name:value = 'a.example']", true), (1, 0), "revoked");
}
