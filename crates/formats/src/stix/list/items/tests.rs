//! Lists as people have them.

use super::items;
use crate::stix::read;
use model::facts::ValueKind;
use model::limits::LIST_LINE_BYTES_MAX;
use model::time::Instant;

fn shown(list: &str) -> Vec<String> {
    items(list.as_bytes())
        .map(|item| match item {
            Ok(item) => {
                let mut line = format!("{} {:?} {}", item.line, item.kind, item.value);
                for more in [item.name, item.note].into_iter().flatten() {
                    line = format!("{line} ({more})");
                }
                line
            }
            Err(problem) => format!("{} {}", problem.path, problem.code),
        })
        .collect()
}

#[test]
fn bare_values_are_guessed_and_refanged() {
    let (md5, sha256) = ("d41d8cd98f00b204e9800998ecf8427e", "e3".repeat(32));
    let table = [
        ("Example.COM.", "Domain example.com"),
        ("evil[.]example(.)com", "Domain evil.example.com"),
        ("_a.b-c.example", "Domain _a.b-c.example"),
        ("bücher.example", "Domain bücher.example"),
        ("example.com:8080", "Domain example.com (listed with port 8080)"),
        ("198.51.100[.]7", "Ipv4 198.51.100.7"),
        ("198.51.100.0/24", "Ipv4 198.51.100.0/24"),
        ("198.51.100.7:443", "Ipv4 198.51.100.7 (listed with port 443)"),
        ("2001:DB8::1", "Ipv6 2001:db8::1"),
        ("2001:db8::/32", "Ipv6 2001:db8::/32"),
        ("[2001:db8::1]:80", "Ipv6 2001:db8::1 (listed with port 80)"),
        ("hxxps[:]//evil[.]example/a?b=c,d", "Url https://evil.example/a?b=c,d"),
        ("hXXp://1.2.3.4:81/x", "Url http://1.2.3.4:81/x"),
        ("http://[2001:db8::1]/x", "Url http://[2001:db8::1]/x"),
        ("hxxps-out.example", "Domain hxxps-out.example"),
        ("hxxp.example.com/x", "Url hxxp.example.com/x"),
        ("example.com/path", "Url example.com/path"),
        ("1.2.3.4:81/x", "Url 1.2.3.4:81/x"),
        (md5, "Md5 d41d8cd98f00b204e9800998ecf8427e"),
        (
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "Sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        ("someone[at]evil[.]example", "Email someone@evil.example"),
        ("cve-2026-1234", "Cve CVE-2026-1234"),
        ("0.0.0.0 ads.example", "Domain ads.example"),
    ];
    for (line, wanted) in table {
        assert_eq!(shown(line), [format!("1 {wanted}")], "{line}");
    }
    assert_eq!(shown(&sha256), [format!("1 Sha256 {sha256}")]);
    for line in [
        "word",
        "1.2.3.400",
        "a..b",
        "1.2.3.4/33",
        "-",
        "http://",
        "a b.example",
        "\0",
        "*.x.example",
    ] {
        assert_eq!(shown(line), ["line 1 E-LIST-001"], "{line}");
    }
}

#[test]
fn columns_come_from_a_header_or_from_the_words_in_the_row() {
    let typed =
        "\u{feff}type,value,family\r\n# c\r\n\r\ndomain,a.example,Fam\r\nurl,b.example/x,\r\n";
    assert_eq!(shown(typed), ["4 Domain a.example (Fam)", "5 Url b.example/x"]);
    let headless = "ipv4-addr,1.2.3.4,Bot\n\"c.example\",\"Fam \"\"x\"\", y\"\nd.example,Fam";
    assert_eq!(
        shown(headless),
        ["1 Ipv4 1.2.3.4 (Bot)", "2 Domain c.example (Fam \"x\", y)", "3 Domain d.example (Fam)"]
    );
    let named = "date;sha256_hash;malware\n2026;E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3E3;Fam";
    assert_eq!(shown(named), [format!("2 Sha256 {} (Fam)", "e3".repeat(32))]);
    let commented = "# \"first_seen\",\"ioc_value\",\"ioc_type\",\"malware\"\n\
        \"2026\", \"9.8.7.6:99\", \"ip:port\", \"Fam\"\n// end";
    assert_eq!(shown(commented), ["2 Ipv4 9.8.7.6 (Fam) (listed with port 99)"]);
}

#[test]
fn a_bad_line_costs_only_itself() {
    let mut list = b"a.example\n\xff\xfe\n".to_vec();
    list.extend(vec![b'x'; LIST_LINE_BYTES_MAX + 1]);
    list.extend(b"\n\"open,quote\ndomain,\nb.example");
    let codes: Vec<String> = items(&list)
        .map(|item| item.map_or_else(|p| format!("{} {}", p.path, p.code), |i| i.value))
        .collect();
    let wanted = [
        "a.example",
        "line 2 E-LIST-003",
        "line 3 E-LIST-002",
        "line 4 E-LIST-001",
        "line 5 E-LIST-001",
        "b.example",
    ];
    assert_eq!(codes, wanted);
}

#[test]
fn an_item_becomes_an_indicator_that_keeps_its_port() {
    let item = items(b"198.51.100.7:443,Bot").next().unwrap().unwrap();
    assert_eq!(item.kind, ValueKind::Ipv4);
    let json = item.indicator(Instant::from_micros(0), &[]).unwrap();
    let reading = read(json.as_bytes()).unwrap();
    assert_eq!(reading.id, item.indicator_id());
    assert_eq!(reading.facts.pattern.as_deref(), Some("[ipv4-addr:value = '198.51.100.7']"));
    assert_eq!(reading.facts.text.as_deref(), Some("Bot\nlisted with port 443"));
}
