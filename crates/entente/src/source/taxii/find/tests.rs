//! Addresses that name their collection need no question.

use super::*;

#[test]
fn a_collections_address_leads_to_its_objects() {
    for (text, wanted) in [
        ("https://a.example/root/collections/1-2/", Some("/root/collections/1-2/objects/")),
        ("https://a.example/root/collections/1-2", Some("/root/collections/1-2/objects/")),
        ("https://a.example/root/collections/1-2/objects/", Some("/root/collections/1-2/objects/")),
        (
            "https://a.example/root/collections/1-2/?limit=5&match[type]=indicator&next=x",
            Some("/root/collections/1-2/objects/?match[type]=indicator"),
        ),
        (
            "https://a.example/root/collections/1-2/objects?x=1",
            Some("/root/collections/1-2/objects/"),
        ),
        ("https://a.example/root/collections/", None),
        ("https://a.example/root/", None),
        ("https://a.example/taxii2/", None),
    ] {
        let address = Address::read(text).expect("a URL");
        assert_eq!(named(&address).map(|objects| objects.target()).as_deref(), wanted, "{text}");
    }
}

#[test]
fn an_id_that_would_lead_elsewhere_is_none() {
    assert!(is_segment("91a7b528-80eb-42ed-a74d-c6fbd5a26116"));
    for id in ["", "a/b", "a?b", "a#b", "a b", "ä", "%2e%2e", ".", ".."] {
        assert!(!is_segment(id), "{id}");
    }
}
