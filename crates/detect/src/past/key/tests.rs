//! Keys and marks: what proves an indicator is found, and no sketch may deny it.

use super::*;
use crate::past::sketch;

const KEY: [u8; 16] = *b"a node's own key";

/// Whether something of this value proves the indicator, by its key.
fn proves(value: (ValueKind, &str), indicator: (ValueKind, &str)) -> bool {
    let key = of(value.0, value.1);
    ranges(indicator.0, indicator.1).iter().any(|range| range.contains(&key))
}

#[test]
fn a_name_is_found_by_itself_and_those_above_it_and_by_no_other() {
    use ValueKind::Domain;
    let proves = |value, indicator| proves((Domain, value), (Domain, indicator));
    assert!(proves("a.b.example", "a.b.example") && proves("a.b.example", "b.example"));
    assert!(!proves("b.example", "a.b.example") && !proves("xb.example", "b.example"));
    assert!(!proves("b-c.example", "b.example") && !proves("b.example.org", "b.example"));
    assert!(!proves("shop.co.uk", "co.uk"), "a public suffix stands for itself alone");
    assert!(proves("co.uk", "co.uk"));
}

#[test]
fn a_prefix_finds_its_addresses_and_no_neighbour() {
    use ValueKind::{Ipv4, Ipv6};
    let v4 = |value, indicator| proves((Ipv4, value), (Ipv4, indicator));
    assert!(v4("192.0.2.0", "192.0.2.0/24") && v4("192.0.2.255", "192.0.2.0/24"));
    assert!(!v4("192.0.3.0", "192.0.2.0/24") && !v4("192.0.1.255", "192.0.2.0/24"));
    assert!(v4("255.255.255.255", "0.0.0.0/0") && v4("192.0.2.7", "192.0.2.7"));
    assert!(!v4("192.0.2.8", "192.0.2.7"));
    let v6 = |value, indicator| proves((Ipv6, value), (Ipv6, indicator));
    assert!(v6("2001:db8::1", "2001:db8::/32") && !v6("2001:db9::1", "2001:db8::/32"));
}

#[test]
fn a_url_without_a_query_finds_every_query_and_one_with_it_its_own() {
    let proves = |value, indicator| proves((ValueKind::Url, value), (ValueKind::Url, indicator));
    assert!(proves("h.example/p?q=1", "h.example/p") && proves("h.example/p", "h.example/p"));
    assert!(proves("h.example/p?q=1", "h.example/p?q=1"));
    assert!(!proves("h.example/p?q=1", "h.example/p?q=2"));
    assert!(!proves("h.example/path", "h.example/p"));
}

#[test]
fn a_hash_is_the_same_whoever_names_its_function() {
    let digest = "ab9e71ba57ff50124194367c243b1acf";
    assert!(proves((ValueKind::Md5, digest), (ValueKind::Ja3, digest)));
    assert!(!proves((ValueKind::Md5, digest), (ValueKind::FileName, digest)));
}

/// What keys say is there, no sketch may deny: else something that was seen would not be found.
#[test]
fn a_sketch_never_denies_what_keys_find() {
    use ValueKind::{Domain, Ipv4, Ipv6, Url};
    let values = [
        (Domain, "a.b.c.example"),
        (Domain, "deep.shop.co.uk"),
        (Domain, "localhost"),
        (Ipv4, "192.0.2.7"),
        (Ipv6, "2001:db8:1:2::9"),
        (Url, "h.example/p?q=1"),
        (ValueKind::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ];
    let indicators = [
        (Domain, "c.example"),
        (Domain, "b.c.example"),
        (Domain, "a.b.c.example"),
        (Domain, "example"),
        (Domain, "shop.co.uk"),
        (Domain, "co.uk"),
        (Domain, "localhost"),
        (Ipv4, "192.0.2.7"),
        (Ipv4, "192.0.2.0/25"),
        (Ipv4, "192.0.2.0/24"),
        (Ipv4, "192.0.0.0/16"),
        (Ipv4, "192.0.0.0/17"),
        (Ipv4, "192.0.0.0/8"),
        (Ipv6, "2001:db8:1::/48"),
        (Ipv6, "2001:db8:1:2::/64"),
        (Ipv6, "2001:db8:1:2::/65"),
        (Ipv6, "2001:db8::/32"),
        (Url, "h.example/p"),
        (Url, "h.example/p?q=1"),
        (ValueKind::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ];
    let mut found = 0;
    for value in values {
        let mut all = Vec::new();
        marks(KEY, (value.0, value.1, &of(value.0, value.1)), &mut all);
        for indicator in indicators.into_iter().filter(|indicator| proves(value, *indicator)) {
            let mark = asked(KEY, indicator.0, indicator.1);
            assert!(mark.is_none_or(|mark| all.contains(&mark)), "{value:?} by {indicator:?}");
            found += 1;
        }
        let (shape, cells) = sketch::build(&all).expect("a sketch");
        let hold = |mark| {
            let places = sketch::places(&shape, mark).expect("a shape");
            let cell = |at| *cells[usize::try_from(at).unwrap()..].first_chunk().unwrap();
            sketch::holds(&shape, mark, places.map(cell))
        };
        assert!(all.iter().all(|mark| hold(*mark)));
        assert!(!(0..64).all(hold), "and it denies something");
    }
    assert_eq!(found, 18);
    assert_eq!(asked(KEY, Ipv4, "192.0.0.0/8"), None, "no sketch can deny so wide a prefix");
}
