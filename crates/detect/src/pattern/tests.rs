//! Patterns that must be read and refused, and the atoms of those that have them.

use super::{Comparison, Observation, Qualifier, atoms, parse};
use serde_json::Value;
use std::path::Path;

#[test]
fn the_published_list_of_good_and_bad_patterns_is_obeyed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/patterns/accept-reject.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        assert!(option_env!("CI").is_none(), "{} is missing", file.display());
        println!("skipped: {} is missing", file.display());
        return;
    };
    let list: Value = serde_json::from_str(&text).unwrap();
    let patterns = |key: &str| -> Vec<String> {
        list[key].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((patterns("pass").len(), patterns("fail").len()), (25, 9));
    for pattern in patterns("pass") {
        assert!(parse(&pattern).is_ok(), "{pattern}: {:?}", parse(&pattern));
    }
    for pattern in patterns("fail") {
        assert!(parse(&pattern).is_err(), "{pattern}");
    }
}

#[test]
fn faults_are_found_where_they_are() {
    let deep = format!("{}[a:b=1]", "(".repeat(65));
    let table = [
        ("", 0, "E-PATTERN-009"),
        ("[a:b = 'x]", 7, "E-PATTERN-003"),
        ("[a:b = 'x\\y']", 9, "E-PATTERN-004"),
        ("[a:b = \u{201c}x\u{201d}]", 7, "E-PATTERN-005"),
        ("[a:b = 007]", 7, "E-PATTERN-006"),
        ("[a:b = t'2026-02-30T00:00:00Z']", 7, "E-PATTERN-007"),
        ("[a:b = h'abc']", 7, "E-PATTERN-008"),
        ("[a:b = b'abc']", 7, "E-PATTERN-008"),
        ("[file:hashes.SHA-256 = 'x']", 13, "E-PATTERN-009"),
        ("[a:b > true]", 7, "E-PATTERN-009"),
        ("[a:b LIKE 5]", 10, "E-PATTERN-009"),
        ("[a:b = 1] and [a:b = 2]", 10, "E-PATTERN-009"),
        ("[a:b = 1] REPEATS 0 TIMES", 10, "E-PATTERN-011"),
        ("[a:b=1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'", 8, "E-PATTERN-011"),
        ("[a:b = 1] WITHIN 5 SECONDS WITHIN 6 SECONDS", 27, "E-PATTERN-010"),
        (&deep, 65, "E-PATTERN-002"),
    ];
    for (pattern, at, code) in table {
        let error = parse(pattern).unwrap_err();
        assert_eq!((error.at, error.code()), (at, code), "{pattern}: {error}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_or_tighter_than_followedby() {
    let tree = parse(
        "[a:b=1 OR a:b=2 AND a:c=3] OR [a:b=4] AND [a:b=5] WITHIN 1.5 SECONDS FOLLOWEDBY [a:b=6]",
    );
    let Ok(Observation::Sequence(steps)) = tree else { panic!("{tree:?}") };
    let Observation::Any(any) = &steps[0] else { panic!("{steps:?}") };
    let Observation::One(Comparison::Any(tests)) = &any[0] else { panic!("{any:?}") };
    assert!(matches!(tests[..], [Comparison::Test(_), Comparison::All(_)]));
    let Observation::All(all) = &any[1] else { panic!("{any:?}") };
    let Observation::Qualified(_, qualifiers) = &all[1] else { panic!("{all:?}") };
    assert_eq!(qualifiers[..], [Qualifier::Within(1.5)]);
}

#[test]
fn atoms_are_the_values_that_prove_a_pattern_alone() {
    let md5 = "D41D8CD98F00B204E9800998ECF8427E";
    let low = md5.to_lowercase();
    let sha = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    let lower = sha.to_lowercase();
    let table = [
        ("[domain-name:value = 'Evil.COM']", "evil.com"),
        (
            "[domain-name:value IN ('b.com', 'a.com')] OR [url:value = 'http://A.com']",
            "a.com b.com a.com/",
        ),
        ("[ipv4-addr:value ISSUBSET '10.1.2.3/8' OR ipv6-addr:value = '::1']", "10.0.0.0/8 ::1"),
        ("([email-addr:value = 'B@x.com'])", "b@x.com"),
        (
            &format!("[file:hashes.MD5 = '{md5}' OR file:hashes.\"SHA-256\" = '{sha}']"),
            &format!("{low} {lower}"),
        ),
        (
            &format!(
                "[file:hashes.'SHA-256' = '{sha}' OR x509-certificate:hashes.'SHA-256' = '{sha}']"
            ),
            &lower,
        ),
        ("[domain-name:value = 'x.com' AND url:value = 'y.com/']", "x.com y.com/ (compound)"),
        (
            "[domain-name:value = 'x.com'] AND [domain-name:value = 'y.com']",
            "x.com y.com (compound)",
        ),
        ("[domain-name:value = 'x.com'] WITHIN 5 SECONDS", "x.com (compound)"),
        ("[domain-name:value = 'x.com' OR file:name = 'Y.exe']", "x.com y.exe"),
        ("[domain-name:value = 'x.com' OR file:size = 7]", "x.com (compound)"),
        ("[autonomous-system:number = 64500 OR mutex:name = 'Global\\\\M']", r"Global\M 64500"),
        (r"[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Run']", r"hklm\run"),
        (r"[directory:path = '/tmp/x/' OR file:name = 'C:\\A.exe']", r"\tmp\x c:\a.exe"),
        (
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Bad 1']",
            "Bad 1",
        ),
        (
            "[x509-certificate:serial_number = '00:0A' OR vulnerability:name = 'cve-2026-1234']",
            "CVE-2026-1234 a",
        ),
        (
            &format!(
                "[x-misp-attribute:type = 'ja3-fingerprint-md5' AND x-misp-attribute:value = '{md5}']"
            ),
            &low,
        ),
        ("[x-misp-attribute:type = 'comment' AND x-misp-attribute:value = 'x']", " (compound)"),
        ("[domain-name:value NOT = 'x.com']", " (compound)"),
        ("[domain-name:value != 'x.com']", " (compound)"),
        ("[domain-name:value LIKE '%.x.com']", " (compound)"),
        ("[url:value ISSUBSET '10.0.0.0/8']", " (compound)"),
        ("[domain-name:value IN ('x.com', 5)]", "x.com (compound)"),
        ("[file:hashes[*] = 'x']", " (compound)"),
        ("[domain-name:value IN ('x.com', 'no domain')]", "x.com (no domain?)"),
    ];
    for (pattern, wanted) in table {
        let atoms = atoms(pattern).unwrap();
        let values: Vec<_> = atoms.values.iter().map(|v| v.text.as_str()).collect();
        let mut shown = values.join(" ");
        if !atoms.whole {
            shown.push_str(" (compound)");
        }
        shown.extend(atoms.unreadable.iter().map(|text| format!(" ({text}?)")));
        assert_eq!(shown, wanted, "{pattern}");
    }
}
