//! Who may send.

use super::Prefix;

#[test]
fn a_prefix_holds_its_addresses_and_no_others() {
    for (prefix, address, holds) in [
        ("192.0.2.0/24", "192.0.2.77", true),
        ("192.0.2.0/24", "192.0.3.1", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("192.0.2.0/24", "::ffff:192.0.2.77", true),
    ] {
        let read = Prefix::read(prefix).unwrap();
        assert_eq!(read.holds(address.parse().unwrap()), holds, "{prefix} {address}");
    }
    for none in ["192.0.2.0/33", "x", "", "192.0.2.0/", "/8"] {
        assert_eq!(Prefix::read(none), None, "{none}");
    }
}
