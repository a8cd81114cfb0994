//! Bodies of the event collector as agents send them, and as they should not.

use super::split;

#[test]
fn objects_follow_each_other_with_or_without_ends_of_lines() {
    let body =
        b"{\"event\":\"a b\",\"time\":1}{\"event\":{\"q\":1},\n\"host\":\"h\"}\n\n {\"event\":7}";
    let split = split(body);
    assert_eq!((split.events, split.fault), (3, None));
    let lines = String::from_utf8(split.lines).unwrap();
    let wanted =
        "{\"event\":\"a b\",\"time\":1}\n{\"event\":{\"q\":1}, \"host\":\"h\"}\n{\"event\":7}\n";
    assert_eq!(lines, wanted);
}

#[test]
fn what_stands_before_a_fault_is_taken() {
    let code = |body: &[u8]| {
        let split = split(body);
        (split.events, split.fault.map(|(code, _)| code))
    };
    assert_eq!(code(b"{\"event\":1}{\"event\":"), (1, Some(6)));
    assert_eq!(code(b"{\"event\":1}{\"time\":1}"), (1, Some(12)));
    assert_eq!(code(b"{\"event\":\"\"}"), (0, Some(13)));
    assert_eq!(code(b"[1]"), (0, Some(6)));
    assert_eq!(code(b""), (0, None));
}
