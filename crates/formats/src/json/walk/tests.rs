//! The walk against tables, and against `serde_json` over mutated input.

use super::{Leaf, Shape, Step, Visit, check_object, pointer, walk};
use model::limits::JSON_DEPTH_MAX;
use serde_json::value::RawValue;

fn code(json: &[u8]) -> &'static str {
    check_object(json).map_or_else(|problem| problem.code, |()| "")
}

#[test]
fn objects_are_accepted_however_they_are_spelt_and_refused_with_a_code() {
    let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":{n}")).collect();
    let table = [
        ("{}".to_owned(), ""),
        (" {\"a\" : [1E400, -0.0e-9, 123456789012345678901234567890] } ".to_owned(), ""),
        ("{\"nul\":\"\\u0000\",\"lone\":\"\\ud800\",\"é\":null}".to_owned(), ""),
        (format!("{{{}}}", many.join(",")), ""),
        (deep(JSON_DEPTH_MAX), ""),
        (deep(JSON_DEPTH_MAX + 1), "E-JSON-003"),
        (nested(JSON_DEPTH_MAX), "E-JSON-003"),
        ("{\"a\":1,\"b\":{\"c\":1,\"\\u0063\":2}}".to_owned(), "E-JSON-002"),
        (format!("{{{},\"k3\":0}}", many.join(",")), "E-JSON-002"),
        (format!("{{{},\"k39\":0}}", many.join(",")), "E-JSON-002"),
        ("{\"a\":{\"x\":1},\"b\":{\"x\":1},\"c\":[{\"x\":1},{\"x\":1}]}".to_owned(), ""),
        ("[]".to_owned(), "E-JSON-005"),
        ("".to_owned(), "E-JSON-005"),
        ("{\"a\":1,}".to_owned(), "E-JSON-001"),
        ("{\"a\":[1,]}".to_owned(), "E-JSON-001"),
        ("{\"a\":[1}".to_owned(), "E-JSON-001"),
        ("{\"a\":01}".to_owned(), "E-JSON-001"),
        ("{\"a\":\"\n\"}".to_owned(), "E-JSON-001"),
        ("{\"a\":\"\\x\"}".to_owned(), "E-JSON-001"),
        ("{\"a\":tru}".to_owned(), "E-JSON-001"),
        ("{} {}".to_owned(), "E-JSON-001"),
        ("{".to_owned(), "E-JSON-001"),
    ];
    for (json, wanted) in table {
        assert_eq!(code(json.as_bytes()), wanted, "{json}");
    }
    assert_eq!(code(b"{\"a\":\"\xff\"}"), "E-JSON-004");
}

#[test]
fn a_problem_names_its_place() {
    let problem = check_object(b"{\"a/b\":[0,{\"x\":1,\"x\":2}]}").unwrap_err();
    assert_eq!(problem.path, "/a~1b/1/x");
}

#[derive(Default)]
struct Seen(Vec<String>);

impl<'a> Visit<'a> for Seen {
    fn leaf(&mut self, path: &[Step<'a>], leaf: Leaf<'a>) {
        let shown = match leaf {
            Leaf::Text(text) => text.read().into_owned(),
            Leaf::Number(number) => number.to_owned(),
            Leaf::Bool(word) => word.to_string(),
            Leaf::Null => "null".to_owned(),
        };
        self.0.push(format!("{} {shown}", pointer(path)));
    }

    fn open(&mut self, path: &[Step<'a>], shape: Shape) {
        self.0.push(format!("{} {shape:?}", pointer(path)));
    }
}

#[test]
fn a_visitor_sees_every_part_with_its_path_and_texts_unescaped() {
    let mut seen = Seen::default();
    let json = r#"{"a":[{},[1.50],"\ud83d\ude00\n\u0041\"\ud800x"],"b":{"c":null},"d":false}"#;
    walk(json.as_bytes(), &mut seen).unwrap();
    assert_eq!(
        seen.0,
        [
            " Object",
            "/a Array",
            "/a/0 Object",
            "/a/1 Array",
            "/a/1/0 1.50",
            "/a/2 \u{1f600}\nA\"\u{fffd}x",
            "/b Object",
            "/b/c null",
            "/d false",
        ]
    );
}

/// A small generator of bytes: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

#[test]
fn mutated_objects_never_panic_and_are_json_exactly_when_serde_json_says_so() {
    let seed = br#"{"type":"x","n":[-1.5e+3,0,true,null],"s":"a\u00e9\\\"b","o":{"k":{},"l":[]}}"#;
    let alphabet = b"{}[]\",:\\0123456789.-+eEtrufalsn \n\x00\x7f\xc3";
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..100_000 {
        let mut bytes = seed.to_vec();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(3) {
                0 => bytes[at] = alphabet[dice.roll(alphabet.len())],
                1 => bytes.insert(at, alphabet[dice.roll(alphabet.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        let theirs = serde_json::from_slice::<&RawValue>(&bytes).is_ok();
        match check_object(&bytes) {
            Ok(()) => {
                assert!(theirs, "{:?}", String::from_utf8_lossy(&bytes));
                good += 1;
            }
            Err(problem) if matches!(problem.code, "E-JSON-001" | "E-JSON-004") => {
                assert!(!theirs, "{problem} in {:?}", String::from_utf8_lossy(&bytes));
                bad += 1;
            }
            Err(_) => {}
        }
    }
    assert!(good > 1_000 && bad > 1_000, "{good} good, {bad} bad");
}
