//! Tables of spellings and their one normal form.

use super::{dotted, guess, key, normal};
use model::facts::ValueKind::{self, Asn, Cve, Domain, Email, Ipv4, Ipv6, Mac, Md5, OtherHash};
use model::facts::ValueKind::{RegistryKey, Sha256, Url};

fn text(kind: ValueKind, spelling: &str) -> String {
    normal(kind, spelling).map_or_else(|| "-".to_owned(), |o| format!("{:?} {}", o.kind, o.text))
}

#[test]
fn every_spelling_has_one_normal_form() {
    let table = [
        (Domain, "EVIL.Example.COM", "Domain evil.example.com"),
        (Domain, "evil.com.", "Domain evil.com"),
        (Domain, " *.evil.com ", "Domain evil.com"),
        (Domain, "bücher.example", "Domain xn--bcher-kva.example"),
        (Domain, "XN--BCHER-KVA.example", "Domain xn--bcher-kva.example"),
        (Domain, "例え。テスト", "Domain xn--r8jz45g.xn--zckzah"),
        (Domain, "_dmarc.a_b.com", "Domain _dmarc.a_b.com"),
        (Domain, "com", "Domain com"),
        (Domain, "1.2.3.4", "Ipv4 1.2.3.4"),
        (Domain, "1.2.3", "-"),
        (Domain, "a..b", "-"),
        (Domain, "a.com..", "-"),
        (Domain, "evil com", "-"),
        (Domain, ".", "-"),
        (Ipv4, "1.2.3.4", "Ipv4 1.2.3.4"),
        (Ipv4, "01.2.3.4", "-"),
        (Ipv4, "1.2.3", "-"),
        (Ipv4, "::ffff:1.2.3.4", "Ipv4 1.2.3.4"),
        (Ipv4, "192.168.5.77/16", "Ipv4 192.168.0.0/16"),
        (Ipv4, "1.2.3.4/32", "Ipv4 1.2.3.4"),
        (Ipv4, "1.2.3.4/0", "Ipv4 0.0.0.0/0"),
        (Ipv4, "1.2.3.4/33", "-"),
        (Ipv4, "1.2.3.4/+8", "-"),
        (Ipv6, "2001:DB8:0:0:0:0:0:1", "Ipv6 2001:db8::1"),
        (Ipv6, "2001:db8::1%eth0", "Ipv6 2001:db8::1"),
        (Ipv6, "2001:db8:dead:beef::1/64", "Ipv6 2001:db8:dead:beef::/64"),
        (Ipv6, "2001:db8::1/128", "Ipv6 2001:db8::1"),
        (Ipv6, "::ffff:1.2.3.4/104", "Ipv4 1.0.0.0/8"),
        (Ipv6, "::1/129", "-"),
        (Url, "HTTP://User:pw@Evil.COM:80/A/b?q=1#frag", "Url evil.com/A/b?q=1"),
        (Url, "https://evil.com:443", "Url evil.com/"),
        (Url, "evil.com/A/b?q=1", "Url evil.com/A/b?q=1"),
        (Url, "evil.com", "Url evil.com/"),
        (Url, "http://evil.com?x=http://y/", "Url evil.com/?x=http://y/"),
        (Url, "evil.com/?x=http://y/", "Url evil.com/?x=http://y/"),
        (Url, "http://evil.com:8080/x", "Url evil.com:8080/x"),
        (Url, "http://[2001:DB8::1]:8080/x", "Url [2001:db8::1]:8080/x"),
        (Url, "http://localhost/x", "Url localhost/x"),
        (Url, "localhost/x", "-"),
        (Url, "http://evil.com/a b", "-"),
        (Url, "http://evil.com:port/", "-"),
        (Url, "/usr/bin/x.sh", "-"),
        (Email, "Bob <Bob@EVIL.com>", "Email bob@evil.com"),
        (Email, "a@b@c", "-"),
        (Md5, "D41D8CD98F00B204E9800998ECF8427E", "Md5 d41d8cd98f00b204e9800998ecf8427e"),
        (Md5, "d41d8cd98f00b204e9800998ecf8427", "-"),
        (Sha256, "zz", "-"),
        (OtherHash, "3:AXGBicFlgVNhBGcL6:AXGBic", "OtherHash 3:AXGBicFlgVNhBGcL6:AXGBic"),
        (OtherHash, "ABCDEF", "OtherHash abcdef"),
        (Asn, "AS64500", "Asn 64500"),
        (Mac, "AA-BB-CC-DD-EE-FF", "Mac aa:bb:cc:dd:ee:ff"),
        (Cve, "cve-2026-1234", "Cve CVE-2026-1234"),
        (RegistryKey, "HKLM\\Run", "RegistryKey hklm\\run"),
    ];
    for (kind, spelling, wanted) in table {
        assert_eq!(text(kind, spelling), wanted, "{kind:?} {spelling}");
    }
}

#[test]
fn a_normal_form_is_its_own_normal_form() {
    let spellings = [
        (Domain, "BÜCHER.example."),
        (Ipv6, "::FFFF/16"),
        (Url, "http://E.com:81"),
        (Mac, "AABBCCDDEEFF"),
    ];
    for (kind, spelling) in spellings {
        let once = normal(kind, spelling).unwrap();
        assert_eq!(normal(once.kind, &once.text), Some(once));
    }
}

#[test]
fn a_text_of_unknown_kind_is_read_by_its_shape() {
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let list = format!("MD5={md5},IMPHASH={}", "0".repeat(32));
    let table = [
        ("Evil.COM", "Domain evil.com"),
        ("https://evil.com/x", "Url evil.com/x, Domain evil.com"),
        ("1.2.3.4:8080", "Url 1.2.3.4:8080/, Ipv4 1.2.3.4"),
        ("http://[::1]/", "Url [::1]/, Ipv6 ::1"),
        ("bob@evil.com", "Email bob@evil.com, Domain evil.com"),
        ("::ffff:1.2.3.4", "Ipv4 1.2.3.4"),
        (md5, &format!("Md5 {md5}")),
        (&list, &format!("Md5 {md5}, Md5 {}", "0".repeat(32))),
        ("aa:bb:cc:dd:ee:ff", ""),
        ("2018-03-24T17:15:20.865716Z", ""),
        ("application/json", ""),
        ("Mozilla/5.0 (X11)", ""),
        ("localhost", ""),
        ("7.0", ""),
        ("1.2.3.4/24", "Url 1.2.3.4/24, Ipv4 1.2.3.4"),
    ];
    for (spelling, wanted) in table {
        let found: Vec<_> =
            guess(spelling).iter().map(|o| format!("{:?} {}", o.kind, o.text)).collect();
        assert_eq!(found.join(", "), wanted, "{spelling}");
    }
}

#[test]
fn a_key_falls_back_to_the_spelling() {
    assert_eq!(key(Domain, " Not A Domain ").text, "not a domain");
    assert_eq!(key(Ipv6, "::ffff:1.2.3.4").kind, Ipv4);
}

#[test]
fn dotted_addresses_are_those_of_the_library() {
    let digits =
        ["0", "1", "9", "00", "01", "10", "99", "100", "255", "256", "999", "1000", "", "a", "-1"];
    let mut read = 0;
    for first in digits {
        for second in digits {
            for third in digits {
                for last in digits {
                    let text = format!("{first}.{second}.{third}.{last}");
                    assert_eq!(dotted(&text), text.parse().ok(), "{text}");
                    read += usize::from(dotted(&text).is_some());
                }
            }
        }
    }
    assert_eq!(read, 7_usize.pow(4));
    for text in
        ["1.2.3", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "1..2.3.4", "1.2.3.4 ", "٣.2.3.4", "1,2,3,4"]
    {
        assert_eq!(dotted(text), None, "{text}");
    }
}
