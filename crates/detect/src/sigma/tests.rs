//! What is read of a rule, by tables. Published rules are read in the tests of `rules`.

use super::judge::holds;
use super::{LogSource, Test, read};

fn rule(detection: &str) -> String {
    format!("title: t\nlogsource:\n  product: windows\ndetection:\n{detection}")
}

fn test(detection: &str) -> Test {
    read(&rule(detection)).unwrap().test
}

fn finds(detection: &str, fields: &[(&str, &str)]) -> bool {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let named: Vec<_> = fields.iter().map(owned).collect();
    let all: Vec<_> = fields.iter().map(|(_, value)| (*value).to_owned()).collect();
    holds(&test(detection), &named, &all)
}

/// One field with modifiers, and a value.
fn field(key: &str, wanted: &str, value: &str) -> bool {
    let detection = format!("  s:\n    {key}: {wanted}\n  condition: s\n");
    finds(&detection, &[(key.split('|').next().unwrap(), value)])
}

#[test]
fn each_modifier_finds_what_its_author_meant() {
    let table: &[(&str, &str, &str, bool)] = &[
        ("A", "'Foo'", "fOO", true),
        ("A", "'Foo'", "fooo", false),
        ("A", "'f*o?'", "fxxxoy", true),
        ("A", "'f*o?'", "fxxxo", false),
        ("A", r"'a\*b'", "a*b", true),
        ("A", r"'a\*b'", "axb", false),
        ("A", r"'a\\*'", r"a\x", true),
        ("A", r"'C:\Windows\x'", r"c:\windows\X", true),
        ("A|contains", "ell", "HELLO", true),
        ("A|startswith", "he", "Hello", true),
        ("A|startswith", "el", "Hello", false),
        ("A|endswith", "lo", "Hello", true),
        ("A|cased|contains", "ell", "HELLO", false),
        ("A|re", "'^h.l+o$'", "hello", true),
        ("A|re", "'^h.l+o$'", "HELLO", false),
        ("A|re|i", "'^h.l+o$'", "HELLO", true),
        ("A|cidr", "10.0.0.0/8", "10.255.0.1", true),
        ("A|cidr", "10.0.0.0/8", "11.0.0.1", false),
        ("A|cidr", "'fe80::/10'", "fe81::1", true),
        ("A", "4688", "4688", true),
        ("A", "4688", "46880", false),
        ("A", "null", "x", false),
        ("A|exists", "true", "x", true),
        ("A|exists", "false", "x", false),
        ("A|gte", "5", "5", true),
        ("A|lt", "5", "5", false),
        ("A|contains|windash", "' -f '", "x /f y", true),
        ("A|contains|windash", "' -f '", "x \u{2015}f y", true),
        ("A|contains|windash", "' -f '", "x +f y", false),
        ("A|contains|windash", "'a-b'", "a/b", false),
        ("A|base64offset|contains", "'/bin/bash'", "eGAvYmluL2Jhc2g=", true),
        ("A|base64offset|contains", "'/bin/bash'", "L2Jpbi9iYXNo", true),
        ("A|wide|base64offset|contains", "'http'", "aAB0AHQAcAA6AA==", true),
        ("A", "'\u{416}'", "\u{436}", true),
    ];
    for (key, wanted, value, expected) in table {
        assert_eq!(field(key, wanted, value), *expected, "{key}: {wanted} on {value}");
    }
}

#[test]
fn what_is_not_there_is_null() {
    assert!(finds("  s:\n    A: null\n  condition: s\n", &[("B", "x")]));
    assert!(finds("  s:\n    A|exists: false\n  condition: s\n", &[("B", "x")]));
    assert!(!finds("  s:\n    A: ''\n  condition: s\n", &[("B", "x")]));
}

#[test]
fn a_condition_joins_by_its_words() {
    let of = |condition: &str, fields: &[(&str, &str)]| {
        let searches = "  sel_a:\n    A: x\n  sel_b:\n    B: x\n  _c:\n    C: x\n";
        finds(&format!("{searches}  condition: {condition}\n"), fields)
    };
    assert!(of("sel_a and not sel_b", &[("A", "x")]));
    assert!(!of("sel_a and not sel_b", &[("A", "x"), ("B", "x")]));
    assert!(of("sel_a or sel_b and _c", &[("A", "x")]), "`and` binds closer");
    assert!(!of("(sel_a or sel_b) and _c", &[("A", "x")]));
    assert!(of("1 of sel_*", &[("B", "x")]));
    assert!(!of("all of sel_*", &[("B", "x")]));
    assert!(!of("1 of them", &[("C", "x")]), "`them` leaves out names with an underscore");
    assert!(of("all of them", &[("A", "x"), ("B", "x")]));
}

#[test]
fn lists_are_or_maps_are_and_and_all_turns_it() {
    let list = "  s:\n    A|contains:\n      - x\n      - y\n  condition: s\n";
    assert!(finds(list, &[("A", "-y-")]));
    let all = "  s:\n    A|contains|all:\n      - x\n      - y\n  condition: s\n";
    assert!(!finds(all, &[("A", "-y-")]));
    assert!(finds(all, &[("A", "xy")]));
    let map = "  s:\n    A: x\n    B: y\n  condition: s\n";
    assert!(!finds(map, &[("A", "x")]));
    let maps = "  s:\n    - A: x\n    - B: y\n  condition: s\n";
    assert!(finds(maps, &[("A", "x")]));
    let words = "  s:\n    - alpha\n    - beta\n  condition: s\n";
    assert!(finds(words, &[("Z", "an ALPHA male")]));
    let both = "  s:\n    '|all':\n      - alpha\n      - male\n  condition: s\n";
    assert!(finds(both, &[("Z", "an ALPHA male")]));
    assert!(!finds(both, &[("Z", "an ALPHA")]));
    let same = "  s:\n    A|fieldref: B\n  condition: s\n";
    assert!(finds(same, &[("A", "x"), ("B", "X")]));
    assert!(!finds(same, &[("A", "x"), ("B", "y")]));
}

#[test]
fn what_is_not_evaluated_is_refused_where_it_stands() {
    let table: &[(&str, &str, usize)] = &[
        ("  s:\n    A|expand: '%x%'\n  condition: s\n", "E-SIGMA-005", 6),
        ("  s:\n    A|wide: x\n  condition: s\n", "E-SIGMA-005", 6),
        ("  s:\n    A: x\n  condition: s | count() > 5\n", "E-SIGMA-006", 7),
        ("  s:\n    A: x\n  timeframe: 5m\n  condition: s\n", "E-SIGMA-006", 7),
        ("  s:\n    A: x\n  condition: t\n", "E-SIGMA-004", 7),
        ("  s:\n    A: x\n  condition: 2 of s*\n", "E-SIGMA-004", 7),
        ("  s:\n    A|re: '('\n  condition: s\n", "E-SIGMA-007", 6),
        ("  s: &a\n    A: x\n  t: *a\n  condition: s\n", "E-SIGMA-002", 7),
        ("  s:\n    A: x\n    A: y\n  condition: s\n", "E-SIGMA-001", 7),
        ("  s: []\n  condition: s\n", "E-SIGMA-003", 5),
        ("  s:\n    A: x\n", "E-SIGMA-003", 5),
    ];
    for (detection, code, line) in table {
        let error = read(&rule(detection)).unwrap_err();
        assert_eq!((error.code, error.line), (*code, *line), "{detection}: {error}");
    }
    let deep = |depth: usize| format!("title: t\nlogsource: {}", "[".repeat(depth));
    assert_eq!(read(&deep(40)).unwrap_err().code, "E-SIGMA-002");
    assert!(read(&deep(100_000)).is_err());
}

#[test]
fn a_source_nobody_sends_is_known_as_such() {
    let source = |product: &str, category: &str| LogSource {
        product: Some(product.to_owned()).filter(|p| !p.is_empty()),
        category: Some(category.to_owned()).filter(|c| !c.is_empty()),
        service: None,
    };
    assert!(source("windows", "process_creation").is_known());
    assert!(source("", "proxy").is_known());
    assert!(source("windows", "").is_known());
    assert!(!source("velocity", "application").is_known());
}
