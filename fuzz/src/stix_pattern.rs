//! Target: a STIX pattern.
//!
//! It checks that an error names a place inside the pattern, that whatever can be parsed is printed as
//! the same pattern, has its atoms taken and is checked, and that the judge ends. It does not know what
//! the judge ought to say.

use detect::pattern::{Graph, Regexes, atoms, check, evaluate, parse, print};

/// Objects of many types, some with what patterns of the samples ask for.
const SEEN: &str = r#"[
    {"type": "file", "id": "f", "name": "a.exe", "size": 5, "hashes": {"MD5": "00"}, "ctime":
     "2026-01-01T00:00:00Z", "parent_directory_ref": "d", "magic_number_hex": "ffd8"},
    {"type": "directory", "id": "d", "path": "C:\\a", "contains_refs": ["f", "d", "gone"]},
    {"type": "a", "id": "a", "b": [1, 2.5, "x", true, null, {"c": "\u00f2"}], "c_refs": ["a", "f"]},
    {"type": "ipv4-addr", "id": "i", "value": "198.51.100.5"},
    {"type": "domain-name", "id": "n", "value": "example.org", "resolves_to_refs": ["i"]}
]"#;

/// Parses the bytes, if they are text.
///
/// # Panics
/// When an error lies outside the pattern, or parsing and taking atoms disagree.
pub fn stix_pattern(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse(text) {
        Ok(tree) => {
            assert_eq!(parse(&print(&tree)).as_ref(), Ok(&tree), "printed as another pattern");
            assert!(atoms(text).is_ok(), "parsed, and without atoms");
            assert!(check(&tree).iter().all(|found| found.at <= text.len()), "beyond the end");
            if let Ok(regexes) = Regexes::of(&tree) {
                let seen = Graph::of_observed(SEEN.as_bytes()).expect("the objects can be read");
                // Whether it matches, or why that is not known, is all the same here.
                let _: Result<_, _> = evaluate(&tree, &seen, &regexes);
            }
        }
        Err(error) => {
            assert!(error.at <= text.len(), "{error:?} is beyond the end");
            assert!(atoms(text).is_err(), "not parsed, and with atoms");
        }
    }
}
