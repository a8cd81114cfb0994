//! URLs: which are read, how they are written, where references lead.

use super::*;

fn read(text: &str) -> Address {
    Address::read(text).expect("a URL")
}

#[test]
fn urls_are_read_with_their_usual_ports() {
    for (text, authority, host, target) in [
        ("https://a.example", "a.example:443", "a.example", "/"),
        ("http://A.example/x?y=1#z", "a.example:80", "a.example", "/x?y=1"),
        ("https://a.example:8443/x/", "a.example:8443", "a.example:8443", "/x/"),
        ("http://[::1]:80/x", "[::1]:80", "[::1]", "/x"),
    ] {
        let address = read(text);
        assert_eq!(address.authority(), authority);
        assert_eq!(address.host_header(), host);
        assert_eq!(address.target(), target);
    }
}

#[test]
fn what_is_no_url_of_a_source_is_refused() {
    for (text, code) in [
        ("", "E-SOURCE-003"),
        ("lists.example/a", "E-SOURCE-003"),
        ("/a", "E-SOURCE-003"),
        ("ftp://a.example/", "E-SOURCE-003"),
        ("file:///etc/passwd", "E-SOURCE-003"),
        ("https://", "E-SOURCE-003"),
        ("https://a example/", "E-SOURCE-003"),
        ("https://user:sesame@a.example/", "E-SOURCE-004"),
        ("https://token@a.example/", "E-SOURCE-004"),
    ] {
        let problem = Address::read(text).expect_err(text);
        assert_eq!(problem.code, code, "{text}");
        assert!(!problem.hint.is_empty() && !problem.message.contains("sesame"), "{problem:?}");
    }
}

#[test]
fn references_are_joined() {
    let base = read("https://a.example/x/y?z=1");
    for (reference, joined) in [
        ("https://b.example/q", "https://b.example/q"),
        ("//b.example/q", "https://b.example/q"),
        ("/q?r=1", "https://a.example/q"),
        ("q", "https://a.example/x/q"),
        ("./", "https://a.example/x/./"),
        ("?r=1", "https://a.example/x/y"),
    ] {
        assert_eq!(base.join(reference).expect(reference).to_string(), joined);
    }
    assert_eq!(base.join("?r=1").expect("a query").target(), "/x/y?r=1");
    assert!(base.join("javascript:alert(1)").is_err());
    assert!(base.join("https://u:p@b.example/").is_err());
}

#[test]
fn a_secret_goes_to_the_same_door_or_to_tls_at_the_same_host() {
    let home = read("http://a.example/x");
    assert!(home.trusts(&read("http://a.example/other")));
    assert!(home.trusts(&read("https://a.example/x")));
    for other in ["http://b.example/x", "http://a.example:81/x", "https://a.example.evil.example/"]
    {
        assert!(!home.trusts(&read(other)), "{other}");
    }
    assert!(!read("https://a.example/").trusts(&read("http://a.example/")));
}

#[test]
fn loopback_is_known_by_its_names() {
    for (text, wanted) in [
        ("http://127.0.0.1:1/", true),
        ("http://localhost/", true),
        ("http://[::1]/", true),
        ("http://localhost.evil.example/", false),
        ("http://10.0.0.1/", false),
    ] {
        assert_eq!(read(text).is_loopback(), wanted, "{text}");
    }
}
