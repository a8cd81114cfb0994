//! Findings with their places.

use super::super::{Severity, check, parse};

#[test]
fn faults_beyond_the_grammar_are_found_where_they_are() {
    let table = [
        ("[file:name = 'a' AND ipv4-addr:value = '1.2.3.4']", 21, "E-PATTERN-016"),
        ("[file:name = 'a' AND (url:value = 'x' OR mutex:name = 'y')]", 22, "E-PATTERN-016"),
        ("[x-a:l[-1] = 1]", 1, "E-PATTERN-017"),
        ("[x-a:l IN (1, 'a')]", 1, "E-PATTERN-018"),
        ("[ipv4-addr:value ISSUBSET 'x/24']", 1, "E-PATTERN-019"),
        ("[ipv4-addr:value ISSUBSET '1.2.3.4/33']", 1, "E-PATTERN-019"),
        ("[file:name MATCHES '(?R)']", 1, "E-PATTERN-021"),
        ("[file:name MATCHES '(']", 1, "E-PATTERN-025"),
        ("[file:name = 'a'] REPEATS 10001 TIMES WITHIN 60 SECONDS", 1, "E-PATTERN-029"),
        ("[ipv4addr:value = '1.2.3.4']", 1, "W-PATTERN-001"),
        ("[file:file_name = 'a']", 1, "W-PATTERN-002"),
        ("[file:size = '371712']", 1, "W-PATTERN-003"),
        ("[file:ctime > '2026-01-01T00:00:00Z']", 1, "W-PATTERN-003"),
        ("[file:name = 'a' OR file:name LIKE '%']", 1, "W-PATTERN-004"),
        ("[EXISTS file:name]", 1, "W-PATTERN-004"),
        ("[file:name IN ()]", 1, "W-PATTERN-005"),
        ("[url:value ISSUBSET '10.0.0.0/8']", 1, "W-PATTERN-006"),
        ("[file:name = 'a'] FOLLOWEDBY [file:name = 'b']", 1, "W-PATTERN-007"),
        ("[file:name = 'a'] REPEATS 3 TIMES", 1, "W-PATTERN-007"),
        ("[file:name = 'a'] WITHIN 5 SECONDS REPEATS 3 TIMES", 1, "W-PATTERN-007"),
        ("[url:value = 'a'] OR ([url:value = 'b'] REPEATS 2 TIMES)", 23, "W-PATTERN-007"),
        ("[url:value = 'a'] WITHIN 5 SECONDS FOLLOWEDBY [url:value = 'b']", 1, "W-PATTERN-007"),
    ];
    for (pattern, at, code) in table {
        let findings = check(&parse(pattern).unwrap());
        let found: Vec<_> = findings.iter().map(|finding| (finding.at, finding.code)).collect();
        assert_eq!(found, [(at, code)], "{pattern}: {findings:?}");
        let error = findings[0].severity == Severity::Error;
        assert_eq!(error, code.starts_with('E'), "{pattern}");
        assert!(!findings[0].hint.is_empty(), "{pattern}");
    }
}

#[test]
fn what_is_right_is_left_alone() {
    for pattern in [
        "[file:hashes.'SHA-256' = 'x' AND file:parent_directory_ref.path LIKE 'C:%']",
        "[(file:name = 'a' OR url:value = 'b') AND (url:value = 'c' OR file:size > 5)]",
        "[network-traffic:dst_ref.value ISSUBSET '10.0.0.0/8' AND network-traffic:protocols[*] = 'tcp']",
        "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]",
        "([x-own:thing = 1] FOLLOWEDBY [x-own:other IN (1, 2.5)]) WITHIN 60 SECONDS",
        "([file:name = 'a'] REPEATS 3 TIMES WITHIN 5 SECONDS) REPEATS 1 TIMES",
        "([url:value = 'a'] REPEATS 2 TIMES) START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
        "[url:value = 'a'] AND [file:name = 'b']",
        "[artifact:payload_bin = h'ffd8' OR file:magic_number_hex = 'x']",
        "[file:size != 5 AND file:name = 'a']",
    ] {
        assert_eq!(check(&parse(pattern).unwrap()), [], "{pattern}");
    }
}

#[test]
fn a_misspelt_name_is_answered_with_the_one_that_was_meant() {
    let hint = |pattern: &str| check(&parse(pattern).unwrap())[0].hint.clone();
    assert_eq!(hint("[ipv4addr:value = 'x']"), "perhaps ipv4-addr");
    assert_eq!(hint("[win-registry-key:key = 'x']"), "perhaps windows-registry-key");
    assert_eq!(hint("[file:mimetype = 'x']"), "perhaps mime_type");
}
