//! What is watched, and what is only found by a search.

use super::Values;
use model::facts::{Facts, Language, Rule, Value, ValueKind};

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

#[test]
fn a_pattern_of_more_than_values_is_a_rule_unless_it_is_revoked_or_no_pattern() {
    let rule = |pattern: &str, revoked: bool| {
        let pattern = Some(pattern.to_owned());
        Values::of(&Facts { pattern, revoked, ..Facts::default() }).rule
    };
    let compound = "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']";
    let wanted = Rule { language: Language::Stix, text: compound.to_owned() };
    assert_eq!(rule(compound, false), Some(wanted));
    assert_eq!(rule(compound, true), None);
    for plain in ["[domain-name:value = 'a.example']", "no pattern"] {
        assert_eq!(rule(plain, false), None, "{plain}");
    }
}
