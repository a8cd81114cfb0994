//! Every spelling of a token that tools send.

use super::token;

#[test]
fn a_token_is_found_in_every_spelling_and_in_no_other() {
    let table = [
        ("Bearer ent_1", Some("ent_1")),
        ("bearer   ent_1 ", Some("ent_1")),
        ("ApiKey ent_1", Some("ent_1")),
        ("Splunk ent_1", Some("ent_1")),
        ("Token ent_1", Some("ent_1")),
        ("ent_1", Some("ent_1")),
        // any:ent_1, and :ent_1, and a user without a password
        ("Basic YW55OmVudF8x", Some("ent_1")),
        ("BASIC OmVudF8x", Some("ent_1")),
        ("Basic ZW50XzE6", None),
        ("Basic ZW50XzE=", None),
        ("Basic !!!", None),
        ("Digest ent_1", None),
        ("Bearer ", Some("Bearer")),
        ("", None),
    ];
    for (header, expected) in table {
        assert_eq!(token(header).as_deref(), expected, "{header}");
    }
    assert_eq!(token(&"x".repeat(1_000_000)), None);
}
