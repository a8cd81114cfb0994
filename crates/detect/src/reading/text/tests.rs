//! Words as logs and people write them, and the values that must be found in them.

use super::tokens;

fn found(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    tokens(text, &mut |token| all.push(token.to_owned()));
    all
}

#[test]
fn defanged_text_is_found() {
    for (text, value) in [
        ("see hxxps://evil[.]example/a?b=c.", "https://evil.example/a?b=c"),
        ("see hXXp[://]evil[.]example/a", "http://evil.example/a"),
        ("(evil(.)example)", "evil.example"),
        ("at 192[.]0[.]2[.]7, again", "192.0.2.7"),
        ("192.0.2[.7", "192.0.2.7"),
        ("bad[at]evil[dot]example;", "bad@evil.example"),
        ("2001[:]db8::1", "2001:db8::1"),
        ("url=hxxp://evil.example/x|", "http://evil.example/x"),
        ("fxp://evil.example/x", "ftp://evil.example/x"),
    ] {
        assert!(found(text).contains(&value.to_owned()), "{text}: {:?}", found(text));
    }
}

#[test]
fn values_are_found_in_the_logs_of_firewalls_proxies_and_servers() {
    for (line, values) in [
        (
            "Built outbound TCP connection 12 for outside:192.0.2.7/443 (192.0.2.8/443) to in:10.0.0.5/51",
            ["192.0.2.7", "192.0.2.8", "10.0.0.5"],
        ),
        (
            "1700000000.123 345 10.0.0.1 TCP_MISS/200 1 GET http://evil.example/x - HIER_DIRECT/192.0.2.7 t/h",
            ["10.0.0.1", "http://evil.example/x", "192.0.2.7"],
        ),
        (
            "client @0x7f 10.0.0.1#5353 (evil.example): query: evil.example IN A + (10.0.0.2)",
            ["10.0.0.1", "evil.example", "10.0.0.2"],
        ),
        (
            r#"192.0.2.7 - - [22/Nov/2026:16:00:00 +0000] "CONNECT evil.example:443 HTTP/1.1" 200 1 "https://a.example/""#,
            ["192.0.2.7", "evil.example", "https://a.example/"],
        ),
        (
            "PACKET  0000 UDP Rcv 10.0.0.1  0001 Q [0001 D NOERROR] A (3)www(4)evil(7)example(0)",
            ["10.0.0.1", "www.evil.example", "UDP"],
        ),
        (
            "IP 10.0.0.1.51234 > 192.0.2.7.443: Flags, from [2001:db8::1]:443",
            ["10.0.0.1", "192.0.2.7", "2001:db8::1"],
        ),
        (
            "mail from=<bad@evil.example>, relay=evil.example[192.0.2.7]:25, stat=Sent",
            ["bad@evil.example", "evil.example", "192.0.2.7"],
        ),
    ] {
        let all = found(line);
        for value in values {
            assert!(all.iter().any(|token| token == value), "{value} in {line}: {all:?}");
        }
    }
}

#[test]
fn a_part_of_a_name_is_no_name() {
    for text in
        ["notevil.example", "http://a.example/evil.example", "evil.example.org", "x-evil.example"]
    {
        assert!(!found(text).contains(&"evil.example".to_owned()), "{text}: {:?}", found(text));
    }
}

#[test]
fn any_bytes_are_cut_without_a_fault() {
    let parts = [
        "[.]", "hxxp", "://", "(3)", "(0)", "é", "=", "\\.", ":", "[", "1.2.3.4", "/", "a", "@",
        " ",
    ];
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(parts[usize::try_from(seed >> 40).unwrap() % parts.len()]);
        }
        tokens(&text, &mut |token| assert!(token.len() <= text.len() + 16, "{text}"));
    }
}
