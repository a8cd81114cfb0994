//! Regular expressions as PCRE means them, and those that would never end.

use super::super::pcre::translate;
use super::super::{EvalError, Graph, Regexes, evaluate, parse};
use super::RegexError;
use serde_json::json;

fn found(regex: &str, property: &str, value: &str) -> Result<bool, EvalError> {
    let quoted = regex.replace('\\', r"\\").replace('\'', r"\'");
    let pattern = parse(&format!("[x-t:{property} MATCHES '{quoted}']")).unwrap();
    let regexes = Regexes::of(&pattern)?;
    let objects = json!([{"type": "x-t", "id": "a", property: value}]).to_string();
    let observed = Graph::of_observed(objects.as_bytes()).unwrap();
    evaluate(&pattern, &observed, &regexes).map(|found| found.is_some())
}

#[test]
fn texts_are_searched_as_pcre_searches_them() {
    let table = [
        (r"^a.c$", "a\nc", true),
        (r"c$", "abc\n", true),
        (r"c\Z", "abc\n", true),
        (r"c\Z", "abc\n\n", false),
        (r"c\z", "abc\n", false),
        (r"(?m)b$", "b\nc", true),
        (r"(?i)ABC", "xabcx", true),
        (r"(?<=a)b(?=c)", "abc", true),
        (r"(?<!a)b", "abc", false),
        (r"(a)(b)\2\1", "abba", true),
        (r"(?P<n>a)(?P=n)", "aa", true),
        (r"(?<n>a)\k{n}\g{n}\g1", "aaaa", true),
        (r"(?>a+)b", "aaab", true),
        (r"a++a", "aaa", false),
        (r"\h\v\R", "\t\n\r\n", true),
        (r"^\N+$", "ab", true),
        (r"\Qa.b\E.", "a.bc", true),
        (r"\Qa.b\E", "axb", false),
        (r"[[:alpha:]]+[[:^digit:]]", "ab", true),
        (r"^[a[b]+$", "a[b", true),
        (r"^[]a]+$", "]a", true),
        (r"^[a&&b]+$", "a&b", true),
        (r"^[+--]+$", "+,-", true),
        (r"^[\w-]+$", "a-b", true),
        (r"^[^\W\d]+$", "ab", true),
        (r"^a{,2}$", "a{,2}", true),
        (r"^a{2}$", "aa", true),
        (r"^x{$", "x{", true),
        (r"\x41\x{42}\103\cA", "ABC\u{1}", true),
        (r"\<a\>", "<a>", true),
        (r"^\w+$", "\u{f2}", true),
        (r"^\p{Lu}\P{Lu}\p{^Lu}$", "Aaa", true),
        (r"a(?#not this)b", "ab", true),
        (r"(?x) a b # c", "ab", true),
        (r"", "anything", true),
    ];
    for (regex, text, wanted) in table {
        assert_eq!(found(regex, "t", text), Ok(wanted), "{regex} in {text:?}");
    }
}

#[test]
fn bytes_are_searched_byte_by_byte() {
    let table = [
        (r"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "d4c3b2a102000400", true),
        (r"^....$", "c3b2c3b2", true),
        (r"^\w$", "f2", false),
        (r"^\W$", "f2", true),
        ("\u{f2}", "f2", true),
        ("\u{100}", "c480", false),
        (r"\bab\b", "f26162f2", true),
        (r"\x00", "61", false),
    ];
    for (regex, hex, wanted) in table {
        assert_eq!(found(regex, "t_hex", hex), Ok(wanted), "{regex} in {hex}");
    }
}

#[test]
fn what_is_not_run_is_refused_by_name() {
    let table = [
        ("(?R)", "recursion"),
        ("(a)(?1)", "recursion"),
        ("(?|a|b)", "branch reset"),
        ("(*PRUNE)a", "verb"),
        ("(?C)a", "callout"),
        (r"\X", r"\X"),
        (r"a\C", r"\C"),
        (r"\p{Xan}", r"\p"),
        ("[a", "brackets"),
    ];
    for (regex, name) in table {
        let Err(refused) = translate(regex, false) else { panic!("{regex}") };
        assert!(refused.0.contains(name), "{regex}: {refused:?}");
    }
    for regex in ["(", "a)", "*a", "(?<n>a)(?<", "[b-a]", "a**"] {
        let pattern = parse(&format!("[x-t:t MATCHES '{regex}']")).unwrap();
        assert!(matches!(Regexes::of(&pattern), Err(RegexError::Invalid(_))), "{regex}");
    }
}

#[test]
fn an_exponential_regex_ends_within_its_steps_and_says_so() {
    let text = "a".repeat(40) + "!";
    for regex in
        [r"^((a|a)*?)\1*$", r"^(?:(a+)\1?)+$", r"((a|aa)+)\1!b", r"^(?:a?(?=a*)){30}a{30}b"]
    {
        assert_eq!(found(regex, "t", &text), Err(EvalError::RegexSteps), "{regex}");
    }
    assert_eq!(found(r"^(?=(a+)+$)", "t", &text), Ok(false));
    assert_eq!(found("a", "t", &"b".repeat(200_000)), Err(EvalError::TextTooLong));
}

#[test]
fn a_regex_that_grows_is_refused_before_it_runs() {
    for regex in
        ["((((a{999}){999}){999}){999}){999}", r"(((\w{200}){200}){200})", "(?:(?=a){9999}){9999}"]
    {
        let pattern = parse(&format!("[x-t:t MATCHES '{}']", regex.replace('\\', r"\\"))).unwrap();
        let refused = Regexes::of(&pattern).unwrap_err();
        assert!(
            matches!(refused, RegexError::TooLarge | RegexError::Invalid(_)),
            "{regex}: {refused}"
        );
    }
    let deep = format!("[x-t:t MATCHES '{}a{}']", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Regexes::of(&parse(&deep).unwrap()).is_err());
}
