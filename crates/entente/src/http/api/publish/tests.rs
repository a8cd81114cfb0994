//! Formats by their first bytes.

use super::Format;

#[test]
fn json_is_stix_and_everything_else_is_a_list() {
    let cases: [(&[u8], Format); 8] = [
        (b" {\"type\":\"bundle\"}", Format::Stix),
        (b"\xef\xbb\xbf[ {", Format::Stix),
        (b"[]", Format::Stix),
        (b"[2001:db8::1]:443\n", Format::List),
        (b"[.]example\n", Format::List),
        (b"evil.example\n", Format::List),
        (b"# a list\n", Format::List),
        (b"", Format::List),
    ];
    for (bytes, format) in cases {
        assert_eq!(Format::of("auto", bytes).ok(), Some(format), "{bytes:?}");
    }
    assert!(Format::of("misp", b"{}").is_err());
}
