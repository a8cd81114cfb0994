//! The judge against small worlds, each line with the paragraph that decides it.

use super::super::{Graph, Observed, Regexes, evaluate, parse};
use super::EvalError;
use serde_json::{Value, json};

fn judge(pattern: &str, observed: &[Observed]) -> Result<bool, EvalError> {
    let pattern = parse(pattern).unwrap();
    let regexes = Regexes::of(&pattern)?;
    evaluate(&pattern, observed, &regexes).map(|found| found.is_some())
}

/// One observation of these objects, with ids as they are.
fn seen(objects: &Value) -> Vec<Observed> {
    Graph::of_observed(objects.to_string().as_bytes()).unwrap()
}

fn says(objects: &Value, table: &[(&str, bool)]) {
    let observed = seen(objects);
    for (pattern, wanted) in table {
        assert_eq!(judge(pattern, &observed), Ok(*wanted), "{pattern}");
    }
}

/// Several observed-data with one file each: name, first, last (seconds) and number.
fn files(all: &[(&str, u32, u32, u64)]) -> Vec<Observed> {
    let mut objects = Vec::new();
    for (place, (name, first, last, number)) in all.iter().enumerate() {
        let time = |second: u32| format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60);
        objects.push(json!({"type": "file", "id": format!("file--{place}"), "name": name}));
        objects.push(json!({
            "type": "observed-data", "id": format!("observed-data--{place}"),
            "first_observed": time(*first), "last_observed": time(*last),
            "number_observed": number, "object_refs": [format!("file--{place}")],
        }));
    }
    seen(&json!({"type": "bundle", "objects": objects}))
}

#[test]
fn payload_as_text_hex_and_binary_are_the_same() {
    // SPEC: STIX 2.1 §9.6.4, with its own example.
    let artifact = json!([{"type": "artifact", "id": "a", "payload_bin": "dGhpcyBpcyBhIHRlc3Q="}]);
    says(
        &artifact,
        &[
            ("[artifact:payload_bin = 'dGhpcyBpcyBhIHRlc3Q=']", false),
            ("[artifact:payload_bin = 'this is a test']", true),
            ("[artifact:payload_bin = b'dGhpcyBpcyBhIHRlc3Q=']", true),
            ("[artifact:payload_bin = h'7468697320697320612074657374']", true),
            ("[artifact:payload_bin IN ('x', 'this is a test')]", true),
            ("[artifact:payload_bin LIKE 'this%']", true),
            ("[artifact:payload_bin MATCHES 'is a']", true),
            ("[artifact:payload_bin > 'this is a tess']", true),
            ("[artifact:payload_bin != '\u{100}']", true),
            ("[artifact:payload_bin = '\u{100}']", false),
        ],
    );
}

#[test]
fn each_operator_has_a_row_for_every_pair_of_types() {
    let object = json!([{
        "type": "x-one", "id": "a", "text": "b", "int": 5, "float": 5.5, "truth": true,
        "some_hex": "62", "some_bin": "Yg==", "time": "2026-01-01T00:00:00.5Z", "list": ["b"],
        "map": {"k": 1}, "null": null, "bad_hex": "6",
    }]);
    let values = [
        "text", "int", "float", "truth", "some_hex", "some_bin", "time", "list", "map", "null",
        "bad_hex",
    ];
    let literals = ["'b'", "5", "5.5", "true", "h'62'", "b'Yg=='", "t'2026-01-01T00:00:00.500Z'"];
    // Which of the literals, in their order, each value equals.
    let equal = [
        "'b' h'62' b'Yg=='",
        "5",
        "5.5",
        "true",
        "'b' h'62' b'Yg=='",
        "'b' h'62' b'Yg=='",
        "t'2026-01-01T00:00:00.500Z'",
        "",
        "",
        "",
        "",
    ];
    // Which can be put into an order with it at all.
    let ordered = [
        "'b' h'62' b'Yg=='",
        "5 5.5",
        "5 5.5",
        "",
        "'b' h'62' b'Yg=='",
        "'b' h'62' b'Yg=='",
        "'b' h'62' b'Yg==' t'2026-01-01T00:00:00.500Z'",
        "",
        "",
        "",
        "",
    ];
    let observed = seen(&object);
    let ask = |pattern: String| judge(&pattern, &observed).unwrap();
    for ((value, equal), ordered) in values.iter().zip(equal).zip(ordered) {
        for literal in literals {
            let same = equal.split(' ').any(|each| each == literal);
            let comparable = ordered.split(' ').any(|each| each == literal);
            let path = format!("x-one:{value}");
            assert_eq!(ask(format!("[{path} = {literal}]")), same, "{path} = {literal}");
            assert_eq!(ask(format!("[{path} != {literal}]")), !same, "{path} != {literal}");
            assert_eq!(ask(format!("[{path} NOT = {literal}]")), !same, "{path} NOT = {literal}");
            assert_eq!(ask(format!("[{path} NOT != {literal}]")), same);
            assert_eq!(ask(format!("[{path} IN ({literal})]")), same, "{path} IN {literal}");
            assert_eq!(ask(format!("[{path} NOT IN ({literal})]")), !same);
            if literal == "true" {
                continue;
            }
            let orders: Vec<bool> =
                ["<", "=", ">"].map(|mark| ask(format!("[{path} {mark} {literal}]"))).into();
            let holds = orders.iter().filter(|holds| **holds).count();
            assert_eq!(holds, usize::from(comparable), "{path} and {literal}: {orders:?}");
            assert_eq!(ask(format!("[{path} <= {literal}]")), orders[0] || same && comparable);
            assert_eq!(ask(format!("[{path} >= {literal}]")), orders[2] || same && comparable);
            assert_eq!(ask(format!("[{path} NOT < {literal}]")), !orders[0], "{path}");
        }
    }
}

#[test]
fn numbers_are_compared_whole() {
    let object = json!([{
        "type": "x-n", "id": "a", "big": 9_007_199_254_740_993_u64, "max": u64::MAX, "one": 1.5,
        "half": 0.5, "minus": -3,
    }]);
    says(
        &object,
        &[
            ("[x-n:big = 9007199254740993]", true),
            ("[x-n:big = 9007199254740992]", false),
            ("[x-n:big > 9007199254740992.0]", true),
            ("[x-n:big = 9007199254740992.0]", false),
            ("[x-n:max > 9223372036854775807]", true),
            ("[x-n:one = 1]", false),
            ("[x-n:one > 1 AND x-n:one < 2]", true),
            ("[x-n:half = .5]", true),
            ("[x-n:minus < -2 AND x-n:minus <= -3.0]", true),
        ],
    );
}

#[test]
fn texts_are_compared_by_code_points_and_composed_only_for_like_and_matches() {
    // SPEC: STIX 2.1 §9.6.2, with its own example.
    let object = json!([{"type": "x-t", "id": "a", "plain": "o\u{300}", "line": "one\ntwo\n"}]);
    says(
        &object,
        &[
            ("[x-t:plain = '\u{f2}']", false),
            ("[x-t:plain > 'oz' AND x-t:plain < 'z' AND x-t:plain < '\u{f2}']", true),
            ("[x-t:plain LIKE '\u{f2}']", true),
            ("[x-t:plain LIKE '_']", true),
            ("[x-t:plain MATCHES '^\u{f2}$']", true),
            ("[x-t:plain MATCHES '^o\u{300}$']", true),
            ("[x-t:line LIKE 'one%']", true),
            ("[x-t:line LIKE 'one_two_']", true),
            ("[x-t:line LIKE 'one_two']", false),
            ("[x-t:line MATCHES 'one.two']", true),
            ("[x-t:line MATCHES 'two$']", true),
            ("[x-t:line MATCHES 'two\\\\z']", false),
            ("[x-t:line MATCHES '(?m)^two$']", true),
            ("[x-t:line LIKE '%%%two%']", true),
            ("[x-t:line LIKE 'ONE%']", false),
        ],
    );
}

#[test]
fn timestamps_are_instants_and_only_timestamps() {
    let file =
        json!([{"type": "file", "id": "a", "ctime": "2026-01-01T00:00:00.50Z", "mtime": "soon"}]);
    says(
        &file,
        &[
            ("[file:ctime = t'2026-01-01T00:00:00.5Z']", true),
            ("[file:ctime >= t'2026-01-01T00:00:00Z']", true),
            // SPEC: STIX 2.1 §9.2: a text constant compares with texts and octets alone.
            ("[file:ctime = '2026-01-01T00:00:00.50Z']", false),
            ("[file:ctime != '2026-01-01T00:00:00.50Z']", true),
            ("[file:mtime = t'2026-01-01T00:00:00Z']", false),
            ("[file:mtime != t'2026-01-01T00:00:00Z']", true),
        ],
    );
}

#[test]
fn what_is_not_there_is_false_whatever_the_operator() {
    let file = json!([{"type": "file", "id": "a", "name": "x", "list": [], "parent_directory_ref": "gone"}]);
    says(
        &file,
        &[
            // SPEC: STIX 2.1 §9.6.
            ("[file:size = 1]", false),
            ("[file:size != 1]", false),
            ("[file:size NOT = 1]", false),
            ("[file:list[*] NOT = 1]", false),
            ("[file:list[0] != 1]", false),
            ("[file:name[0] != 1]", false),
            ("[file:name.x != 1]", false),
            ("[EXISTS file:name]", true),
            ("[EXISTS file:size]", false),
            ("[NOT EXISTS file:size]", true),
            ("[NOT EXISTS file:name]", false),
            ("[NOT EXISTS directory:path]", false),
            ("[file:name = 'x' AND NOT EXISTS file:size]", true),
            ("[EXISTS file:parent_directory_ref]", true),
            ("[EXISTS file:parent_directory_ref.path]", false),
            ("[file:parent_directory_ref.path != 'x']", false),
        ],
    );
}

#[test]
fn lists_are_tried_item_by_item_and_not_negates_the_whole() {
    let object = json!([{"type": "x-l", "id": "a", "l": ["p", "q"], "n": [[1, 2], [3]], "m": [{"k": 7}, {"k": 8}]}]);
    says(
        &object,
        &[
            ("[x-l:l[*] = 'q']", true),
            ("[x-l:l[1] = 'q']", true),
            ("[x-l:l[2] = 'q']", false),
            ("[x-l:l[*] != 'q']", true),
            ("[x-l:l[*] NOT = 'q']", false),
            ("[x-l:l[*] NOT = 'r']", true),
            ("[x-l:l = 'q']", false),
            ("[x-l:l != 'q']", true),
            ("[x-l:n[*][*] = 3]", true),
            ("[x-l:n[0][1] = 2]", true),
            ("[x-l:n[*][1] = 3]", false),
            ("[x-l:m[*].k > 7]", true),
            ("[x-l:m[0].k > 7]", false),
        ],
    );
}

#[test]
fn references_lead_to_objects_of_the_same_observation() {
    let objects = json!({"type": "bundle", "objects": [
        {"type": "observed-data", "id": "o1", "first_observed": "2026-01-01T00:00:00Z",
         "last_observed": "2026-01-01T00:00:00Z", "number_observed": 1,
         "object_refs": ["n", "i1", "m", "f"]},
        {"type": "network-traffic", "id": "n", "src_ref": "i1", "dst_ref": "i2",
         "encapsulates_refs": ["gone", "n2", "i1"]},
        {"type": "ipv4-addr", "id": "i1", "value": "203.0.113.10", "belongs_to_refs": ["n"]},
        {"type": "ipv4-addr", "id": "i2", "value": "198.51.100.58"},
        {"type": "email-message", "id": "m", "body_multipart": [{"body_raw_ref": "f"}]},
        {"type": "file", "id": "f", "name": "Final Report 2.exe"},
    ]});
    says(
        &objects,
        &[
            ("[network-traffic:src_ref.value = '203.0.113.10']", true),
            ("[network-traffic:src_ref.type = 'ipv4-addr']", true),
            ("[network-traffic:src_ref = 'i1']", true),
            // SPEC: STIX 2.1 §9.7.4: what is not listed in object_refs is not there.
            ("[network-traffic:dst_ref.value = '198.51.100.58']", false),
            ("[ipv4-addr:value = '198.51.100.58']", false),
            ("[network-traffic:encapsulates_refs[2].value = '203.0.113.10']", true),
            ("[network-traffic:encapsulates_refs[1].value = '203.0.113.10']", false),
            ("[network-traffic:encapsulates_refs[*].value = '203.0.113.10']", true),
            ("[network-traffic:encapsulates_refs.value = '203.0.113.10']", false),
            ("[network-traffic:src_ref.belongs_to_refs[0].src_ref.value LIKE '203.%']", true),
            (
                "[email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\\\.exe$']",
                true,
            ),
        ],
    );
}

#[test]
fn a_dangling_reference_matches_nothing() {
    let objects = json!([{"type": "network-traffic", "id": "n", "src_ref": "gone"}]);
    says(
        &objects,
        &[
            ("[network-traffic:src_ref.value = 'x']", false),
            ("[network-traffic:src_ref.value != 'x']", false),
            ("[network-traffic:src_ref.value NOT LIKE 'x']", false),
        ],
    );
}

#[test]
fn all_tests_in_brackets_start_from_one_object() {
    // SPEC: STIX 2.1 §9.5, with its own example, in the form of STIX 2.0.
    let objects = json!({
        "type": "observed-data", "id": "o", "first_observed": "2019-10-20T00:12:01.000000Z",
        "last_observed": "2019-10-20T00:51:02.000000Z", "number_observed": 1,
        "objects": {
            "0": {"type": "network-traffic", "src_ref": "1"},
            "1": {"type": "ipv4-addr", "value": "203.0.113.10"},
            "2": {"type": "network-traffic", "dst_ref": "3"},
            "3": {"type": "ipv4-addr", "value": "198.51.100.58"},
        },
    });
    let (src, dst) = (
        "network-traffic:src_ref.value = '203.0.113.10'",
        "network-traffic:dst_ref.value = '198.51.100.58'",
    );
    says(
        &objects,
        &[
            (&format!("[{src}]"), true),
            (&format!("[{dst}]"), true),
            (&format!("[{src} AND {dst}]"), false),
            (&format!("[{src} OR {dst}]"), true),
            (&format!("[{src}] AND [{dst}]"), false),
            (&format!("[{src}] OR [{dst}]"), true),
        ],
    );
}

#[test]
fn addresses_are_parts_of_networks_of_their_own_family() {
    let objects = json!([
        {"type": "ipv4-addr", "id": "a", "value": "198.51.100.0/27"},
        {"type": "ipv6-addr", "id": "b", "value": "2001:db8::1"},
        {"type": "url", "id": "c", "value": "198.51.100.x"},
    ]);
    says(
        &objects,
        &[
            ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", true),
            ("[ipv4-addr:value ISSUBSET '198.51.100.7/27']", true),
            ("[ipv4-addr:value ISSUBSET '198.51.100.0/28']", false),
            ("[ipv4-addr:value ISSUBSET '0.0.0.0/0']", true),
            ("[ipv4-addr:value ISSUPERSET '198.51.100.5']", true),
            ("[ipv4-addr:value ISSUPERSET '198.51.100.64/30']", false),
            ("[ipv6-addr:value ISSUBSET '2001:DB8::/32']", true),
            ("[ipv6-addr:value ISSUBSET '::/0']", true),
            ("[ipv6-addr:value ISSUBSET '0.0.0.0/0']", false),
            ("[ipv4-addr:value ISSUBSET '2001:db8::/64']", false),
            ("[ipv4-addr:value ISSUPERSET '2001:db8::/64']", false),
            ("[ipv6-addr:value ISSUPERSET '2001:db8::1/128']", true),
            ("[url:value ISSUBSET '0.0.0.0/0']", false),
            ("[url:value NOT ISSUBSET '0.0.0.0/0']", true),
        ],
    );
}

#[test]
fn two_operands_of_and_need_two_observations() {
    let both = "[file:name = 'a'] AND [file:name LIKE '_']";
    assert_eq!(judge(both, &files(&[("a", 0, 0, 1)])), Ok(false));
    assert_eq!(judge(both, &files(&[("a", 0, 0, 1), ("b", 0, 0, 1)])), Ok(true));
    // SPEC: STIX 2.1 §9.1: one observed-data of two is two observations.
    assert_eq!(judge(both, &files(&[("a", 0, 0, 2)])), Ok(true));
    assert_eq!(judge("[file:name = 'a'] REPEATS 2 TIMES", &files(&[("a", 0, 0, 2)])), Ok(true));
    assert_eq!(judge("[file:name = 'a'] REPEATS 3 TIMES", &files(&[("a", 0, 0, 2)])), Ok(false));
    let pairs = "([file:name = 'a'] AND [file:name = 'b']) REPEATS 2 TIMES";
    assert_eq!(judge(pairs, &files(&[("a", 0, 0, 2), ("b", 0, 0, 1)])), Ok(false));
    assert_eq!(judge(pairs, &files(&[("a", 0, 0, 2), ("b", 0, 0, 1), ("b", 9, 9, 1)])), Ok(true));
}

/// A pattern, files with their times and numbers, and whether they match.
type Timed = (&'static str, &'static [(&'static str, u32, u32, u64)], bool);

const TIMED: &[Timed] = &[
    // Half open: the last is earlier than the first plus the window.
    (
        "([file:name = 'a'] AND [file:name = 'b']) WITHIN 5 SECONDS",
        &[("a", 0, 0, 1), ("b", 4, 4, 1)],
        true,
    ),
    (
        "([file:name = 'a'] AND [file:name = 'b']) WITHIN 5 SECONDS",
        &[("a", 5, 5, 1), ("b", 0, 0, 1)],
        false,
    ),
    (
        "([file:name = 'a'] AND [file:name = 'b']) WITHIN 5.000001 SECONDS",
        &[("a", 5, 5, 1), ("b", 0, 0, 1)],
        true,
    ),
    (
        "[file:name = 'a'] REPEATS 3 TIMES WITHIN 5 SECONDS",
        &[("a", 0, 0, 1), ("a", 3, 3, 1), ("a", 6, 6, 1), ("a", 7, 7, 1)],
        true,
    ),
    (
        "[file:name = 'a'] REPEATS 3 TIMES WITHIN 4 SECONDS",
        &[("a", 0, 0, 1), ("a", 3, 3, 1), ("a", 6, 6, 1), ("a", 7, 7, 1)],
        false,
    ),
    // Each alone within, then three of them.
    (
        "[file:name = 'a'] WITHIN 1 SECONDS REPEATS 3 TIMES",
        &[("a", 0, 0, 1), ("a", 3, 3, 1), ("a", 6, 6, 1)],
        true,
    ),
    (
        "[file:name = 'a'] START t'2026-01-01T00:00:05Z' STOP t'2026-01-01T00:00:09Z'",
        &[("a", 5, 5, 1)],
        true,
    ),
    (
        "[file:name = 'a'] START t'2026-01-01T00:00:05Z' STOP t'2026-01-01T00:00:09Z'",
        &[("a", 9, 9, 1)],
        false,
    ),
    (
        "[file:name = 'a'] START t'2026-01-01T00:00:05Z' STOP t'2026-01-01T00:00:09Z'",
        &[("a", 0, 6, 1)],
        true,
    ),
    // Not before, and the same instant counts.
    ("[file:name = 'a'] FOLLOWEDBY [file:name = 'b']", &[("a", 5, 5, 1), ("b", 5, 5, 1)], true),
    ("[file:name = 'a'] FOLLOWEDBY [file:name = 'b']", &[("a", 5, 5, 1), ("b", 4, 4, 1)], false),
    (
        "[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] REPEATS 2 TIMES",
        &[("a", 5, 5, 1), ("b", 4, 4, 1), ("b", 6, 6, 1)],
        false,
    ),
    (
        "[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] FOLLOWEDBY [file:name = 'a']",
        &[("a", 5, 5, 1), ("b", 4, 4, 1), ("a", 3, 3, 1)],
        true,
    ),
    (
        "([file:name = 'a'] OR [file:name = 'b']) FOLLOWEDBY [file:name = 'c']",
        &[("a", 5, 5, 1), ("b", 3, 3, 1), ("c", 4, 4, 1)],
        true,
    ),
    // One choice of times for all qualifiers at once.
    (
        "[file:name = 'a'] START t'2026-01-01T00:00:08Z' STOP t'2026-01-01T00:00:20Z' FOLLOWEDBY [file:name = 'b']",
        &[("a", 0, 10, 1), ("b", 5, 6, 1)],
        false,
    ),
    (
        "([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) WITHIN 3 SECONDS",
        &[("a", 0, 100, 1), ("b", 50, 60, 1)],
        true,
    ),
    (
        "([file:name = 'a'] AND [file:name = 'c']) WITHIN 3 SECONDS FOLLOWEDBY ([file:name = 'a'] AND [file:name = 'b'])",
        &[("a", 0, 10, 2), ("c", 9, 9, 1), ("b", 5, 6, 1)],
        false,
    ),
    (
        "([file:name = 'a'] AND [file:name = 'c']) WITHIN 3 SECONDS FOLLOWEDBY ([file:name = 'a'] AND [file:name = 'b'])",
        &[("a", 0, 10, 2), ("c", 9, 9, 1), ("b", 5, 9, 1)],
        true,
    ),
];

#[test]
fn qualifiers_bound_time_as_the_specification_says() {
    for (pattern, observed, wanted) in TIMED {
        assert_eq!(judge(pattern, &files(observed)), Ok(*wanted), "{pattern} {observed:?}");
    }
}

#[test]
fn two_versions_of_one_observed_data_are_not_two_observations() {
    let version = |modified: &str| {
        json!({"type": "observed-data", "id": "o", "modified": modified, "number_observed": 1,
               "first_observed": "2026-01-01T00:00:00Z", "last_observed": "2026-01-01T00:00:00Z",
               "object_refs": ["f"]})
    };
    let file = json!({"type": "file", "id": "f", "name": "a"});
    let objects = json!([version("2026-01-01T00:00:00Z"), version("2026-01-02T00:00:00Z"), file]);
    says(&objects, &[("[file:name = 'a'] REPEATS 2 TIMES", false), ("[file:name = 'a']", true)]);
}

#[test]
fn what_cannot_be_known_is_said_unless_something_else_decides() {
    let many: Vec<String> = (0..400).map(|n| format!("x{n}")).collect();
    let objects: Vec<Value> = many
        .iter()
        .map(|id| json!({"type": "x-many", "id": id, "all_refs": many, "name": "x"}))
        .collect();
    let observed = seen(&Value::Array(objects));
    let deep = "[x-many:all_refs[*].all_refs[*].name = 'y']";
    assert_eq!(judge(deep, &observed), Err(EvalError::Values));
    assert_eq!(judge(&format!("{deep} OR [x-many:name = 'x']"), &observed), Ok(true));
    assert_eq!(
        judge("[x-many:name = 'x' OR x-many:all_refs[*].all_refs[*].name = 'y']", &observed),
        Ok(true)
    );
}

#[test]
fn files_that_hold_no_observations_say_so() {
    let table = [
        ("{", "E-PATTERN-012"),
        ("[]", "E-PATTERN-013"),
        (r#"{"type": "indicator", "id": "i"}"#, "E-PATTERN-013"),
        (r#"{"type": "observed-data", "id": "o"}"#, "E-PATTERN-014"),
        (
            r#"{"type": "observed-data", "id": "o", "first_observed": "2026-01-01T00:00:00Z",
                "last_observed": "2026-01-01T00:00:00Z", "number_observed": 0}"#,
            "E-PATTERN-014",
        ),
        (
            r#"{"type": "observed-data", "id": "o", "first_observed": "2026-01-02T00:00:00Z",
                "last_observed": "2026-01-01T00:00:00Z", "number_observed": 1}"#,
            "E-PATTERN-014",
        ),
    ];
    for (json, code) in table {
        let error = Graph::of_observed(json.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(code), "{json}: {error}");
    }
}

#[test]
fn linked_objects_are_followed_like_references() {
    let mut graph = Graph::default();
    let traffic = graph.push("network-traffic", json!({"dst_port": 443}));
    let address = graph.push("ipv4-addr", json!({"value": "198.51.100.5"}));
    let name = graph.push("domain-name", json!({"value": "evil.example"}));
    graph.link(traffic, "dst_ref", address);
    graph.link(name, "resolves_to_refs", traffic);
    graph.link(name, "resolves_to_refs", address);
    let table = [
        (
            "[network-traffic:dst_ref.value = '198.51.100.5' AND network-traffic:dst_port = 443]",
            true,
        ),
        ("[network-traffic:src_ref.value = '198.51.100.5']", false),
        ("[EXISTS network-traffic:dst_ref]", true),
        ("[domain-name:resolves_to_refs[1].value LIKE '198.%']", true),
        ("[domain-name:resolves_to_refs[0].value LIKE '198.%']", false),
        ("[domain-name:resolves_to_refs[*].dst_ref.value LIKE '198.%']", true),
        ("[domain-name:resolves_to_refs.value LIKE '198.%']", false),
    ];
    for (pattern, wanted) in table {
        let tree = parse(pattern).unwrap();
        let regexes = Regexes::of(&tree).unwrap();
        let leaf = tree.leaves()[0];
        assert_eq!(super::holds(leaf, &graph, &regexes), Ok(wanted), "{pattern}");
    }
}
