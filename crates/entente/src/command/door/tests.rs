//! URLs and fingerprints, as people write them.

use super::*;

#[test]
fn a_url_names_host_and_port_and_only_this_machine_is_spoken_to_in_the_clear() {
    for (url, wanted) in [
        ("http://127.0.0.1:8440", Some((false, "127.0.0.1:8440"))),
        ("http://localhost/", Some((false, "localhost:80"))),
        ("http://[::1]:8440/x", Some((false, "[::1]:8440"))),
        ("http://[::1]", Some((false, "[::1]:80"))),
        ("https://intel.example.org", Some((true, "intel.example.org:443"))),
        ("https://intel.example.org:8443/a?b#c", Some((true, "intel.example.org:8443"))),
        ("https://[2001:db8::1]", Some((true, "[2001:db8::1]:443"))),
        ("http://intel.example.org", None),
        ("http://127.0.0.1.example.org", None),
        ("https://127.0.0.1@intel.example.org", None),
        ("https://", None),
        ("https://:443", None),
        ("https://a.example:", None),
        ("https://a.example:port", None),
        ("https://a.example:70000", None),
        ("ftp://a.example", None),
        ("127.0.0.1:8440", None),
    ] {
        let place = Place::read(url).ok();
        let read = place.map(|place| (place.secure, place.address()));
        assert_eq!(read, wanted.map(|(secure, at)| (secure, at.to_owned())), "{url}");
    }
}

#[test]
fn a_fingerprint_is_read_as_openssl_and_as_the_node_print_it() {
    let plain = "0a".repeat(32);
    let colons = ["0A"; 32].join(":");
    for text in [plain.clone(), format!("sha256 Fingerprint={colons}"), colons] {
        assert_eq!(fingerprint(&text).ok(), Some(plain.clone()), "{text}");
    }
    for text in ["", "0a", "sha256 Fingerprint=", &"0g".repeat(32), &"0a".repeat(33)] {
        assert!(fingerprint(text).is_err(), "{text}");
    }
}
