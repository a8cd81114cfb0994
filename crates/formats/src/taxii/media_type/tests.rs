//! Headers that must and must not be satisfied.

use super::{accepts, is_content};

#[test]
fn accept_is_read_as_http_wants() {
    let table = [
        ("", true),
        ("application/taxii+json;version=2.1", true),
        ("application/taxii+json; version=2.1", true),
        ("application/taxii+json", true),
        ("Application/TAXII+JSON; Version=\"2.1\"", true),
        ("*/*", true),
        ("application/*;q=0.1", true),
        ("text/html, application/taxii+json;version=2.1;q=0.5", true),
        ("application/taxii+json;version=2.1,application/stix+json;version=2.1", true),
        ("text/plain;x=\"a,b;c\", */*", true),
        ("application/taxii+json;version=2.0", false),
        ("application/taxii+json;version=2.0, application/taxii+json;version=2.1", true),
        ("application/json", false),
        ("text/html", false),
        ("application/taxii+json;q=0, */*", false),
        ("*/*;q=0.0", false),
        (";;,,=", false),
    ];
    for (header, wanted) in table {
        assert_eq!(accepts(Some(header)), wanted, "{header}");
    }
    assert!(accepts(None));
}

#[test]
fn content_type_is_taxii_or_refused() {
    let table = [
        ("application/taxii+json;version=2.1", true),
        ("application/taxii+json; version=\"2.1\"; charset=utf-8", true),
        ("APPLICATION/taxii+json", true),
        ("application/taxii+json;version=2.0", false),
        ("application/json", false),
        ("application/taxii+jsonx", false),
        ("", false),
    ];
    for (header, wanted) in table {
        assert_eq!(is_content(Some(header)), wanted, "{header}");
    }
    assert!(!is_content(None));
}
