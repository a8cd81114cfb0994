//! Places at the door: so many for each, and free again.

use super::{Places, one_address};

#[test]
fn one_address_takes_its_places_and_nobody_elses() {
    let places = Places::default();
    let taken: Vec<_> = (0..2).filter_map(|_| places.admit("a", 2)).collect();
    assert_eq!(taken.len(), 2);
    assert!(places.admit("a", 2).is_none());
    assert!(places.admit("b", 2).is_some());
    drop(taken);
    assert!(places.admit("a", 2).is_some());
}

#[test]
fn a_network_of_ipv6_is_one_address() {
    let of = |text: &str| one_address(text.parse().unwrap());
    assert_eq!(of("[2001:db8:0:1::1]:1"), of("[2001:db8:0:1:2::9]:2"));
    assert_ne!(of("[2001:db8:0:1::1]:1"), of("[2001:db8:0:2::1]:1"));
    assert_ne!(of("192.0.2.1:1"), of("192.0.2.2:1"));
    assert_eq!(of("[::ffff:192.0.2.1]:1"), of("192.0.2.1:9"));
}
