//! Key files: what they may hold and which header it becomes.

use super::*;

#[test]
fn a_key_becomes_a_header() {
    for (text, name, value) in [
        ("abc\n", "authorization", "Bearer abc"),
        (" user:pass word \n", "authorization", "Basic dXNlcjpwYXNzIHdvcmQ="),
        ("Auth-Key: abc", "auth-key", "abc"),
        ("X-Token:   a:b", "x-token", "a:b"),
    ] {
        let (header, held) = Credentials::read(text).expect(text).header();
        assert_eq!((header.as_str(), held.to_str().expect("text")), (name, value));
        assert!(held.is_sensitive());
    }
}

#[test]
fn what_cannot_stand_in_a_header_is_refused_without_being_told() {
    for text in ["", " \n", "a\nb", "a\0b", &"x".repeat(9_000)] {
        let problem = Credentials::read(text).expect_err("no key");
        assert_eq!(problem.code, "E-SOURCE-007");
        assert!(!problem.hint.is_empty());
    }
    assert_eq!(format!("{:?}", Credentials::read("sesame").expect("a key")), "Credentials");
}
