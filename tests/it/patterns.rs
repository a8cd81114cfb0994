//! The judge of patterns against the OASIS judge and the OASIS grammar over made-up cases, and the
//! command that people type. The other side is `patterns.py`; where it contradicts the specification,
//! `testdata/pattern/` says so with the paragraph.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use world_tests::clock::{millis, now};
use world_tests::data::{folder, root, say};
use world_tests::entente::{Ran, binary, run};
use world_tests::python::{run as python, succeeds, text};
use world_tests::turn;

const SEED: &str = "2026";
const JUDGED: &str = "12000";
const CHANGED: &str = "8000";

fn made(name: &str) -> String {
    text(&root().join("testdata/pattern").join(name)).to_owned()
}

/// Lets the binary judge every case of a file, and writes its verdicts beside it.
fn verdicts(cases: &Path) -> String {
    let ran = run(&["match", "--cases", text(cases)]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "every case has a verdict");
    let path = cases.with_extension("verdicts");
    std::fs::write(&path, ran.out).expect("verdicts");
    text(&path).to_owned()
}

#[test]
fn made_up_cases_are_judged_as_the_oracle_judges_them_but_for_what_the_table_explains() {
    let _turn = turn::shared();
    let folder = tempfile::tempdir().expect("a folder of its own");
    let cases = folder.path().join("cases.ndjson");
    let table = made("oracle.tsv");
    let _made = succeeds("patterns.py", &["generate", SEED, JUDGED, &table, text(&cases)]);
    let judged = python("patterns.py", &["compare", text(&cases), &verdicts(&cases)]);
    assert!(judged.status.success(), "some differences are not explained");

    let broken = folder.path().join("broken.ndjson");
    let table = made("grammar.tsv");
    let _broken =
        succeeds("patterns.py", &["break", SEED, CHANGED, &table, text(&cases), text(&broken)]);
    let read = python("patterns.py", &["read", text(&broken), &verdicts(&broken)]);
    assert!(read.status.success(), "some patterns are read by one side only");
}

#[test]
fn published_patterns_are_judged_or_refused_with_a_place() {
    let Some(data) = folder("published_patterns_are_judged_or_refused_with_a_place") else {
        return;
    };
    let list = std::fs::read(data.join("patterns/accept-reject.json")).expect("the list");
    let list: serde_json::Value = serde_json::from_slice(&list).expect("JSON");
    let seen = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(seen.path(), r#"{"type": "file", "id": "file--1", "size": 1000}"#)
        .expect("written");
    let patterns = |key: &str| list[key].as_array().expect("patterns").clone();
    let mut matched = Vec::new();
    for pattern in patterns("pass") {
        let pattern = pattern.as_str().expect("a pattern");
        let ran = run(&["match", pattern, text(seen.path())]);
        assert!(matches!(ran.code, 0 | 1), "{pattern}: {}", ran.err);
        if ran.code == 0 {
            matched.push(pattern.to_owned());
        }
    }
    assert_eq!(matched, ["[file:size != 1280]", "[file:size <= 1024]"]);
    for pattern in patterns("fail") {
        let pattern = pattern.as_str().expect("a pattern");
        let ran = run(&["match", pattern, text(seen.path())]);
        assert_eq!(ran.code, 2, "{pattern}");
        assert!(ran.err.starts_with("error: E-PATTERN-0"), "{pattern}: {}", ran.err);
        assert!(
            ran.err.contains("\n  ") && ran.err.contains("^\nHint: "),
            "{pattern}: {}",
            ran.err
        );
    }
}

/// Two observed-data, five seconds apart.
const SEEN: &str = r#"{"type": "bundle", "id": "bundle--1", "objects": [
    {"type": "observed-data", "id": "observed-data--1", "first_observed": "2026-01-01T00:00:00Z",
     "last_observed": "2026-01-01T00:00:00Z", "number_observed": 1, "object_refs": ["d"]},
    {"type": "observed-data", "id": "observed-data--2", "first_observed": "2026-01-01T00:00:05Z",
     "last_observed": "2026-01-01T00:00:05Z", "number_observed": 2, "object_refs": ["f"]},
    {"type": "domain-name", "id": "d", "value": "evil.example"},
    {"type": "file", "id": "f", "name": "a.exe", "size": 5}]}"#;

fn typed(arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(binary())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A pattern that is wrong ends it before it reads.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_command_says_what_matches_and_where_a_pattern_is_wrong() {
    let both = "([domain-name:value = 'evil.example'] FOLLOWEDBY [file:name LIKE '%.exe']) WITHIN";
    let table = [
        (
            format!("{both} 6 SECONDS"),
            0,
            "match: 2 of 2 observations\n\
             OBSERVATION       FIRST                     LAST                      NUMBER\n\
             observed-data--1  2026-01-01T00:00:00.000Z  2026-01-01T00:00:00.000Z  1\n\
             observed-data--2  2026-01-01T00:00:05.000Z  2026-01-01T00:00:05.000Z  2\n",
            "",
        ),
        (format!("{both} 5 SECONDS"), 1, "no match in 2 observations\n", ""),
        (
            "[file:size = '5']".to_owned(),
            1,
            "no match in 2 observations\n",
            "warning: W-PATTERN-003: `size` never compares with such a constant, at character 1 of \
             the pattern (it is a number: without quotes)\n",
        ),
        (
            "[file:name = 'a' AND url:value = 'b']".to_owned(),
            2,
            "",
            "error: E-PATTERN-016: no object is of two types: `url` and another, at character 21 of \
             the pattern\n  [file:name = 'a' AND url:value = 'b']\n                       ^\n\
             Hint: join what is about two objects with OR, or write [...] AND [...]\n",
        ),
        (
            "[file:name MATCHES '(?R)']".to_owned(),
            2,
            "",
            "error: E-PATTERN-021: a regular expression uses recursion such as (?R), which is not \
             supported, at character 1 of the pattern\n  [file:name MATCHES '(?R)']\n   ^\n\
             Hint: write it without; docs/operating.md lists what is\n",
        ),
    ];
    for (pattern, code, out, err) in table {
        let ran = typed(&["match", &pattern, "-"], SEEN);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (code, out, err), "{pattern}");
    }
    let ran = typed(&["match", "[file:size==5]OR[x-a:b=1]", "-", "--json"], SEEN);
    assert_eq!(
        ran.json(),
        serde_json::json!({
            "matched": true, "pattern": "[file:size = 5] OR [x-a:b = 1]", "level": 2,
            "observations": ["observed-data--2"], "of": 2, "warnings": [],
        })
    );
    let ran = typed(&["match", "[file:name = ']", "-", "--json"], SEEN);
    let told: serde_json::Value = serde_json::from_str(&ran.err).expect("one document");
    assert_eq!(told["error"]["code"], "E-PATTERN-003");
    assert!(!told["error"]["message"].as_str().expect("text").contains('\n'));
    let ran = typed(&["match", "[file:name = 'a']", "-"], "{\"type\": \"file\"");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: E-PATTERN-012: no JSON, at line 1, column 15"),
        "{}",
        ran.err
    );
}

#[test]
fn check_warns_of_patterns_that_match_nothing_or_everything() {
    let table = [
        ("[file:name = 'a' AND url:value = 'b']", "W-STIX-120"),
        ("[file:name = 'a", "W-STIX-120"),
        ("[file:name MATCHES '(']", "W-STIX-120"),
        ("[ipv4addr:value = '198.51.100.5']", "W-PATTERN-001"),
        ("[file:size = '5']", "W-PATTERN-003"),
        ("[file:name LIKE '%']", "W-PATTERN-004"),
        ("[file:name = 'a'] FOLLOWEDBY [file:name = 'b']", "W-PATTERN-007"),
    ];
    for (pattern, code) in table {
        let object = serde_json::json!({
            "type": "indicator", "spec_version": "2.1", "pattern_type": "stix", "pattern": pattern,
            "id": "indicator--7a1c5f2e-0d2b-4c53-9a41-52a3d7c0a001",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
            "valid_from": "2026-01-01T00:00:00Z",
        });
        let ran = typed(&["check", "-", "--json"], &object.to_string());
        let codes: Vec<_> = ran.json()["problems"]
            .as_array()
            .expect("problems")
            .iter()
            .map(|problem| problem["code"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert!(codes.iter().any(|found| found == code), "{pattern}: {codes:?}");
        assert_eq!(ran.code, 0, "{pattern}: a warning refuses nothing");
    }
}

#[test]
fn bombs_end_in_seconds_and_say_so() {
    let _turn = turn::shared();
    let long = format!(r#"[{{"type": "x-a", "id": "a", "text": "{}!"}}]"#, "a".repeat(5_000));
    let deep = format!("[x-a:text MATCHES '{}a{}']", "(".repeat(3_000), ")".repeat(3_000));
    let nested = format!("{}[x-a:text = 'a']{}", "(".repeat(65), ")".repeat(65));
    let tree = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let like = format!("[x-a:text LIKE '%{}b']", "a".repeat(2_000));
    let many = format!("[x-a:text IN ({}'b')]", "'c', ".repeat(100_000));
    let table = [
        (r"[x-a:text MATCHES '^(?:(a+)\\1?)+$']", long.as_str(), 2, "E-PATTERN-022"),
        ("[x-a:text MATCHES '(((a{999}){999}){999})']", &long, 2, "E-PATTERN-02"),
        (&deep, &long, 2, "E-PATTERN-02"),
        (&nested, &long, 2, "E-PATTERN-002"),
        (&like, &long, 2, "E-PATTERN-024"),
        ("[x-a:text = 'a'] REPEATS 4000000000 TIMES", &long, 2, "E-PATTERN-029"),
        ("([x-a:text = 'a'] REPEATS 9999 TIMES) REPEATS 9999 TIMES", &long, 2, "E-PATTERN-029"),
        ("[x-a:text = 'a']", &tree, 2, "E-PATTERN-012"),
        (&many, &long, 1, ""),
    ];
    for (pattern, seen, code, error) in table {
        let begun = now();
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), pattern).expect("written");
        let ran = typed(&["match", &format!("@{}", text(file.path())), "-"], seen);
        let shown: String = pattern.chars().take(60).collect();
        assert_eq!(ran.code, code, "{shown}: {}", ran.err);
        assert!(
            ran.err.is_empty() == error.is_empty() && ran.err.contains(error),
            "{shown}: {}",
            ran.err
        );
        assert!(ran.err.len() < 2_000, "{shown}: said in a few words");
        let took = millis(begun);
        say(&format!("{shown}: {took:.0} ms"));
        assert!(took < 20_000.0, "{shown} took {took:.0} ms");
    }
}
