//! Codes as people handle them.

use super::*;

fn code(address: &str) -> Code {
    Code { address: address.to_owned(), key: PublicKey::new([0xA7; 32]), secret: [0x5C; 16] }
}

#[test]
fn a_code_says_what_was_put_in_even_when_a_mail_program_broke_it() {
    for address in ["127.0.0.1:8441", "[2001:db8::1]:8441", "link.cert.example:443"] {
        let text = code(address).to_string();
        assert_eq!(text.parse(), Ok(code(address)));
        let (a, b) = text.split_at(40);
        assert_eq!(format!("  {a}\r\n {b}\n").parse(), Ok(code(address)));
    }
}

#[test]
fn a_code_with_one_character_missing_or_changed_is_named_as_damaged() {
    let text = code("127.0.0.1:8441").to_string();
    for at in PREFIX.len()..text.len() {
        let mut missing = text.clone();
        missing.remove(at);
        assert_eq!(missing.parse::<Code>(), Err(CodeError::Damaged), "without character {at}");
        let mut changed = text.clone();
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        assert_eq!(changed.parse::<Code>(), Err(CodeError::Damaged), "character {at} changed");
    }
}

#[test]
fn what_is_no_code_is_told_why() {
    let long = format!("ent1:{}", "A".repeat(INVITATION_CODE_MAX));
    let table = [
        ("", CodeError::Prefix),
        ("hello", CodeError::Prefix),
        ("ent1:", CodeError::Damaged),
        (long.as_str(), CodeError::TooLong),
        (&code("nowhere").to_string(), CodeError::Address),
        (&code("host:0").to_string(), CodeError::Address),
        (&code("a/b:1").to_string(), CodeError::Address),
        (&code(":1").to_string(), CodeError::Address),
    ];
    for (text, why) in table {
        assert_eq!(text.parse::<Code>(), Err(why), "{text}");
    }
}
