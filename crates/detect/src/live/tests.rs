//! Events as tables, and the slow evaluator as the judge of generated ones.

use super::{Match, Scratch, match_event};
use crate::event::LineError;
use crate::index::{Handle, Index};
use crate::judge::{Verdict, judge_with};
use crate::observable::{Observable, normal};
use crate::past::Gathered;
use crate::reading::Event;
use model::facts::ValueKind::{self, Domain, Email, Ipv4, Ipv6, Md5, OtherHash, Sha256, Url};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
const COLONS: &str = "D4:1D:8C:D9:8F:00:B2:04:E9:80:09:98:EC:F8:42:7E";
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn indicators() -> Vec<(Handle, Observable)> {
    let values: [(ValueKind, &str); 36] = [
        (Domain, "evil.com"),
        (Domain, "a.evil.com"),
        (Domain, "co.uk"),
        (Domain, "bücher.example"),
        (Domain, "bad.github.io"),
        (Domain, "local"),
        (Ipv4, "10.1.2.3"),
        (Ipv4, "10.1.0.0/16"),
        (Ipv6, "2001:db8::/32"),
        (Ipv6, "2001:db8::5"),
        (Url, "http://evil.com/x"),
        (Url, "10.1.2.3:8080/p?q=1"),
        (Url, "https://b.example/"),
        (Email, "bob@evil.com"),
        (Md5, MD5),
        (Sha256, SHA256),
        (OtherHash, MD5),
        (Url, "http://[2001:db8::5]/x"),
        (Url, "http://sensor/x"),
        (Domain, "evil.com"),
        (Ipv6, "2001:db8:0:1::/64"),
        (Url, "https://b.example/p"),
        (Domain, "zone.example"),
        (Domain, "bad.zone.example"),
        (ValueKind::FileName, "Evil.exe"),
        (ValueKind::FileName, r"C:\Temp\evil.exe"),
        (ValueKind::FilePath, "/tmp/x/"),
        (ValueKind::RegistryKey, r"HKEY_LOCAL_MACHINE\Software\Run"),
        (ValueKind::Mutex, "Global\\M1"),
        (ValueKind::UserAgent, "curl/8 (bad)"),
        (ValueKind::CertSerial, "00:0A:BC"),
        (ValueKind::Asn, "AS64500"),
        (ValueKind::Account, "mallory"),
        (ValueKind::Mac, "00-53-00-00-00-01"),
        (ValueKind::Cve, "cve-2026-1234"),
        (ValueKind::Ja4, "t13d1516h2_8daaf6152771_b186095e22b6"),
    ];
    (0..).zip(values).map(|(n, (k, t))| (Handle(n / 2), normal(k, t).unwrap())).collect()
}

fn zones() -> HashSet<Box<str>> {
    HashSet::from(["zone.example".into()])
}

fn index() -> Index {
    let mut index = Index::new([3; 16]);
    index.set_zones(zones().into());
    for (place, (handle, value)) in indicators().iter().enumerate() {
        assert!(index.insert(value, *handle));
        // Some values in the base, some in the delta.
        if place == 9 {
            assert!(index.freeze().is_none());
        }
    }
    index
}

fn match_line(
    index: &Index,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<Match>,
) -> Result<(), LineError> {
    let event = Event { raw: line, flat: None, json: Some(line), free: None };
    match_event(index, &event, scratch, None, out)
}

fn matches(line: &str) -> Vec<Match> {
    let mut out = Vec::new();
    match_line(&index(), line.as_bytes(), &mut Scratch::default(), &mut out).unwrap();
    out
}

#[test]
fn fields_of_known_and_unknown_events_match_by_their_shape() {
    let md5 = MD5.to_uppercase();
    let table = [
        (json!({"query": "WWW.Evil.COM."}), "0p query, 9p query"),
        (json!({"x": {"y": ["b", "bad.github.io"]}}), "2 x.y"),
        (json!({"query": "b\u{fc}cher.example"}), "1 query"),
        (json!({"query": "x.XN--BCHER-KVA.example"}), "1p query"),
        (json!({"query": "a.b.co.uk"}), ""),
        (json!({"query": "local"}), "2 query"),
        (json!({"note": "local"}), ""),
        (json!({"id.orig_h": "::ffff:10.1.9.9"}), "3 id.orig_h"),
        (json!({"a": "2001:DB8:0:0:0:0:0:5"}), "4 a"),
        (json!({"a": "2001:db8:0:1::7%eth0"}), "4 a, 10 a"),
        (json!({"a": "http://EVIL.com:80/x#f"}), "5 a, 0 a, 9 a"),
        (json!({"host": "evil.com", "uri": "/x"}), "0 host, 9 host, 5 uri"),
        (
            json!({"http": {"url": "/x", "hostname": "evil.com"}, "host": "sensor"}),
            "0 http.hostname, 9 http.hostname, 5 http.url",
        ),
        (json!({"host": "sensor", "http": {"uri": "/x"}}), ""),
        (json!({"from": "\"Bob\" <BOB@evil.com>"}), "6 from, 0 from, 9 from"),
        (json!({"Hashes": format!("SHA1=00,MD5={md5}")}), "7 Hashes, 8 Hashes"),
        (json!({"tls": {"fingerprint": COLONS}}), "7 tls.fingerprint, 8 tls.fingerprint"),
        (json!({"x": "00:53:00:00:00:01", "a": COLONS.replace("D4:", "D4::")}), ""),
        (json!({"a": "text about evil.com here"}), ""),
        (json!({"a": "10.1.2.3:8080"}), "3 a"),
        (json!([{"a": SHA256}, 7, {"a": "*.evil.com"}]), "7 a, 0 a, 9 a"),
        (json!({"answers": ["x.a.evil.com", "evil.com"]}), "0 answers, 9 answers"),
        (json!({"url": "https://b.example/p?x=1"}), "10 url"),
        (json!({"url": "https://b.example/pq?x=1"}), ""),
        (json!({"query": "x.zone.example"}), ""),
        (json!({"query": "zone.example"}), "11 query"),
        (json!({"query": "x.bad.zone.example"}), "11p query"),
        (json!({"Image": r"c:\temp\EVIL.exe"}), "12 Image"),
        (json!({"fileinfo": {"filename": "/static/evil.EXE"}}), "12 fileinfo.filename"),
        (json!({"note": "evil.exe.x", "file": {"path": "/TMP/x"}}), "13 file.path"),
        (json!({"TargetObject": r"HKLM\SOFTWARE\Run\Updater"}), "13 TargetObject"),
        (json!({"registry.key": r"\REGISTRY\MACHINE\software\run"}), "13 registry.key"),
        (json!({"mutex": {"name": r"Global\M1"}, "name": r"Global\M1"}), "14 mutex.name"),
        (json!({"http_user_agent": "curl/8 (bad)", "x": "curl/8 (bad)"}), "14 http_user_agent"),
        (json!({"user_agent": {"original": "curl/8 (bad)"}}), "14 user_agent.original"),
        (json!({"tls": {"serial": "0A:BC"}}), "15 tls.serial"),
        (json!({"as": {"number": 64500}, "number": 64500}), "15 as.number"),
        (json!({"User": r"CORP\mallory"}), "16 User"),
        (json!({"source": {"mac": "00:53:00:00:00:01"}}), "16 source.mac"),
        (json!({"alert": {"cve": ["CVE-2026-1234"]}}), "17 alert.cve"),
        (json!({"ja4": "t13d1516h2_8daaf6152771_b186095e22b6"}), "17 ja4"),
    ];
    for (event, wanted) in table {
        let mut found: Vec<_> = matches(&event.to_string())
            .iter()
            .map(|m| format!("{}{} {}", m.handle.0, if m.parent { "p" } else { "" }, m.field))
            .collect();
        let mut wanted: Vec<_> = wanted.split(", ").filter(|w| !w.is_empty()).collect();
        found.sort();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{event}");
    }
}

#[test]
fn a_match_says_when_where_and_what_as_the_event_has_it() {
    let found = matches(r#"{"ts":1521911720.5,"query":"Www.\u0065vil.com."}"#);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].value, "Www.evil.com.");
    assert_eq!(found[0].role.name(), "dns-query");
    assert_eq!(found[0].at.unwrap().to_string(), "2018-03-24T17:15:20.500000Z");
}

#[test]
fn a_bad_line_is_refused_and_a_flood_is_cut() {
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let bad = match_line(&index(), b"{\"a\":", &mut scratch, &mut out);
    assert!(matches!(bad, Err(LineError::Syntax { at: 5, .. })), "{bad:?}");
    let mut index = Index::new([0; 16]);
    for number in 0..5_000 {
        assert!(index.insert(&normal(Domain, "evil.com").unwrap(), Handle(number)));
    }
    let flood = match_line(&index, br#"{"a":"evil.com"}"#, &mut scratch, &mut out);
    assert_eq!((flood, out.len()), (Err(LineError::TooManyMatches), 4096));
}

/// A small seeded generator, so that a failure repeats.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 66] = [
            "evil.com",
            "a.evil.com",
            "EVIL.com.",
            "co.uk",
            "github.io",
            "bad.github.io",
            "local",
            "bücher.example",
            "xn--bcher-kva.example",
            "10.1.2.3",
            "10.1.77.1",
            "2001:db8::5",
            "2001:DB8:0:1::9",
            "::ffff:10.1.2.3",
            "b.example",
            "sensor",
            MD5,
            SHA256,
            COLONS,
            "bob",
            ".",
            "a.",
            "*.",
            "@",
            ":",
            ":80",
            ":8080",
            "/",
            "/x",
            "/p?q=1",
            "#f",
            "http://",
            "https://",
            "[",
            "]",
            "%eth0",
            "%25",
            " ",
            "<",
            ">",
            "MD5=",
            ",",
            "=",
            "ü",
            "。",
            "zone.example",
            "bad.zone.example",
            "x.zone.example",
            "b.example/p",
            "?",
            "evil.exe",
            r"C:\",
            "\\",
            r"HKLM",
            r"HKEY_LOCAL_MACHINE",
            r"\REGISTRY\MACHINE",
            r"\Software\Run",
            r"Global\M1",
            "curl/8 (bad)",
            "0A:BC",
            "AS64500",
            "mallory",
            "005300000001",
            "CVE-2026-1234",
            "t13d1516h2_8daaf6152771_b186095e22b6",
            "/tmp/x",
        ];
        let parts = 1 + self.below(4);
        (0..parts).map(|_| self.pick(&PARTS)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        const KEYS: [&str; 26] = [
            "query",
            "host",
            "uri",
            "hostname",
            "url",
            "answers",
            "x",
            "Hashes",
            "k\"\u{e9}",
            "Image",
            "file",
            "name",
            "path",
            "process.executable",
            "TargetObject",
            "registry",
            "key",
            "mutex",
            "user_agent",
            "serial_number",
            "asn",
            "as",
            "number",
            "user",
            "src_mac",
            "ja4",
        ];
        match self.below(if depth > 2 { 7 } else { 11 }) {
            // Four of five of them are the number of a network.
            10 => json!(64_500 - i64::from(self.below(5) == 0)),
            0..=5 => Value::String(self.text()),
            6 => Value::Array((0..self.below(3)).map(|_| self.value(depth + 1)).collect()),
            _ => {
                let mut members = Map::new();
                for _ in 0..self.below(5) {
                    members.insert(self.pick(&KEYS).to_owned(), self.value(depth + 1));
                }
                Value::Object(members)
            }
        }
    }
}

#[test]
fn the_fast_path_agrees_with_the_judge_on_generated_events() {
    let (index, indicators, zones) = (index(), indicators(), zones());
    let (mut scratch, mut seeded, mut matched) = (Scratch::default(), Seeded(42), 0);
    for _ in 0..60_000 {
        let event = seeded.value(0);
        let mut out = Vec::new();
        match_line(&index, event.to_string().as_bytes(), &mut scratch, &mut out).unwrap();
        let fast: Verdict = out.iter().map(|m| ((m.handle, m.field.clone()), m.parent)).collect();
        assert_eq!(fast.len(), out.len(), "each once for a field: {event}");
        assert_eq!(fast, judge_with(&indicators, &zones, &event), "{event}");
        matched += usize::from(!fast.is_empty());
    }
    assert!(matched > 5_000, "{matched}");
}

/// Lines of three programs: what stands around the values that change is the same.
fn framed(seeded: &mut Seeded, number: usize) -> Value {
    let (one, other) = (seeded.value(1), seeded.value(1));
    let flags = json!({"new": number.is_multiple_of(2), "kind": ["known", "k"], "empty": ""});
    let few = ["dns", "tls", "known", "10.1.1.1"][number / 3 % 4];
    match number % 4 {
        0 => {
            json!({"ts": 1_700_000_000 + number, "flags": flags, "host": "evil", "x": one, "uri": "/x"})
        }
        1 => json!({"flags": flags, "query": one, "answers": [other, "k"], "n": {"asn": number}}),
        2 => json!({"few": few, "flow": {"few": few, "packets": number, "x": one}, "end": "k"}),
        _ => json!({"proto": "tcp", "http": {"hostname": "evil.com", "v": one, "url": other}}),
    }
}

#[test]
fn whoever_remembers_lines_says_what_the_judge_says_and_gathers_what_a_stranger_gathers() {
    let (mut index, mut indicators, zones) = (index(), indicators(), zones());
    let (mut scratch, mut seeded, mut matched) = (Scratch::default(), Seeded(11), 0);
    let now = model::time::Instant::from_micros(1_700_000_000_000_000);
    let gathered = || Gathered::new([9; 16], now);
    let (mut known, mut strange) = (gathered(), gathered());
    let mut usual = 0;
    for number in 0..28_000 {
        // What is new is found at once, though lines that name it were passed over before.
        if number == 12_000 {
            let new = normal(Domain, "known.k").unwrap();
            assert!(index.insert(&new, Handle(90)));
            indicators.push((Handle(90), new));
        }
        let event = framed(&mut seeded, number);
        let line = event.to_string().replace("\"known\"", "\"known.k\"");
        let event: Value = serde_json::from_str(&line).unwrap();
        let read = |scratch: &mut Scratch, gathered: Option<&mut Gathered>| {
            let (mut out, raw) = (Vec::new(), line.as_bytes());
            let event = Event { raw, flat: None, json: Some(raw), free: None };
            match_event(&index, &event, scratch, gathered, &mut out).unwrap();
            out.iter().map(|m| ((m.handle, m.field.clone()), m.parent)).collect::<Verdict>()
        };
        let kept = (number / 2_000 % 2 == 1).then_some(&mut known);
        let gathers = kept.is_some();
        usual += scratch.templates.usual_texts();
        let fast = read(&mut scratch, kept);
        if gathers {
            assert_eq!(fast, read(&mut Scratch::default(), Some(&mut strange)), "{line}");
        }
        assert_eq!(fast, judge_with(&indicators, &zones, &event), "{line}");
        matched += usize::from(!fast.is_empty());
    }
    assert!(matched > 10_000, "{matched}");
    assert!(usual > 20_000, "hardly any place has usual texts: {usual}");
    assert!(known.sorted().iter().eq(strange.sorted().iter()));
}

#[test]
fn a_hash_is_kept_in_one_form_however_its_digits_are_spelled() {
    let (index, mut scratch) = (index(), Scratch::default());
    let mut kept = Gathered::new([9; 16], model::time::Instant::from_micros(0));
    let plain = "e7d705a3286e19ea42f587b344ee6865";
    let (pairs, _) = plain.as_bytes().as_chunks::<2>();
    let pairs: Vec<&str> = pairs.iter().map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let list = format!("MD5={}", plain.to_uppercase());
    for spelled in [plain, &plain.to_uppercase(), &plain.replace('e', "E"), &pairs.join(":"), &list]
    {
        let raw = json!({ "value": spelled }).to_string();
        let event = Event { raw: b"", flat: None, json: Some(raw.as_bytes()), free: None };
        match_event(&index, &event, &mut scratch, Some(&mut kept), &mut Vec::new()).unwrap();
    }
    let rows = kept.sorted();
    let rows: Vec<_> = rows.iter().map(|row| (row.kind, row.value, row.count)).collect();
    assert_eq!(rows, [(Md5, plain, 5)]);
}

#[test]
fn an_address_is_one_row_however_it_is_spelled_and_whatever_is_looked_for() {
    let none = Index::new([5; 16]);
    for index in [index(), none] {
        let mut scratch = Scratch::default();
        let mut kept = Gathered::new([9; 16], model::time::Instant::from_micros(0));
        for spelled in ["10.1.2.3", "::ffff:10.1.2.3", "http://10.1.2.3/x", "10.1.2.3/32"] {
            let raw = json!({ "value": spelled }).to_string();
            let event = Event { raw: b"", flat: None, json: Some(raw.as_bytes()), free: None };
            match_event(&index, &event, &mut scratch, Some(&mut kept), &mut Vec::new()).unwrap();
        }
        let rows = kept.sorted();
        let rows = rows.iter().filter(|row| row.kind == Ipv4);
        let rows: Vec<_> = rows.map(|row| (row.value, row.count)).collect();
        assert_eq!(rows, [("10.1.2.3", 4)]);
    }
}

#[test]
fn nothing_is_learned_of_a_line_that_matched_whatever_comes_behind_it() {
    let (index, mut scratch) = (index(), Scratch::default());
    let between = [
        Event { raw: b"", flat: None, json: Some(b"[\"k\"]"), free: None },
        Event { raw: b"", flat: None, json: None, free: Some("k k") },
        Event { raw: b"", flat: None, json: Some(b"{} x"), free: None },
        Event { raw: b"", flat: None, json: Some(b"{}"), free: None },
    ];
    let line = br#"{"kind":"k","query":"evil.com"}"#;
    for between in between {
        let mut out = Vec::new();
        match_line(&index, line, &mut scratch, &mut out).unwrap();
        assert!(!out.is_empty(), "{between:?}");
        // One of them is no JSON.
        let _read = match_event(&index, &between, &mut scratch, None, &mut out);
    }
}

#[test]
fn no_text_of_a_line_that_matched_becomes_usual() {
    let (index, mut scratch) = (index(), Scratch::default());
    let mut read = |one: &str, other: &str| {
        let line = format!(r#"{{"a":{{"few":"{one}"}},"b":{{"few":"{other}"}}}}"#);
        let mut out = Vec::new();
        match_line(&index, line.as_bytes(), &mut scratch, &mut out).unwrap();
        let fields = out.iter().map(|found| found.field.clone());
        fields.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    for number in 0..200 {
        let few = ["dns", "tls"][number % 2];
        assert_eq!(read(few, few), none);
    }
    // In the second place it is known from the first, until it is known that the line matches.
    assert_eq!(read("evil.com", "evil.com"), ["a.few", "b.few"]);
    assert_eq!(read("dns", "dns"), none);
    assert_eq!(read("dns", "evil.com"), ["b.few"]);
}

#[test]
fn halves_of_a_url_meet_again_though_each_was_passed_over_many_times() {
    let mut index = Index::new([9; 16]);
    assert!(index.insert(&normal(Url, "http://store.example/gate?id=1").unwrap(), Handle(1)));
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    // These names and paths lie in four cells of the memo, so that each of them is remembered.
    let mut read = |host: &str, path: &str| {
        let line = format!(r#"{{"n":1,"http":{{"hostname":"{host}","v":"k","url":"{path}"}}}}"#);
        out.clear();
        match_line(&index, line.as_bytes(), &mut scratch, &mut out).unwrap();
        out.iter().map(|found| found.field.clone()).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    for _ in 0..100 {
        assert_eq!(read("store.example", "/a"), none);
        assert_eq!(read("other.example", "/gate?id=1"), none);
    }
    assert_eq!(read("store.example", "/gate?id=1"), ["http.url"]);
    assert_eq!(read("other.example", "/gate?id=1"), none);
}

/// What our made-up EVE log holds, as a table: its line, the field, what the field is for.
const EVE_MATCHES: &str = "
1 dest_ip destination, flow.dest_ip destination, http.hostname http-host, http.http_refer url, \
http.redirect url, http.url url
2 dns.rdata dns-answer, dns.rrname dns-query
3 dns.rrname dns-query
4 dns.answers.rdata dns-answer, dns.answers.rrname dns-answer, dns.grouped.AAAA dns-answer, \
dns.grouped.CNAME dns-answer
5 dns.queries.rrname dns-query
6 dns.answers.rdata dns-answer, dns.authorities.rdata dns-answer
7 http.hostname http-host, http.xff source
8 tls.fingerprint hash, tls.ja3.hash tls-fingerprint, tls.sni tls-server-name, \
tls.subjectaltname tls-certificate
9 fileinfo.md5 hash, fileinfo.sha1 hash, fileinfo.sha256 hash
10 src_ip source
11 email.body_md5 hash, email.from email, email.url url, smtp.helo field, smtp.mail_from email
12 dest_ip destination
13 dest_ip destination
14 dest_ip destination
15 quic.sni tls-server-name
16 dhcp.dns_servers field
17
";

#[test]
fn every_kind_of_eve_event_matches_in_the_right_fields() {
    let mut index = Index::new([9; 16]);
    let values = [
        (Domain, "evil.example"),
        (Ipv4, "203.0.113.66"),
        (Ipv6, "2001:db8::66"),
        (Url, "http://www.evil.example/gate.php?id=7"),
        (Md5, MD5),
        (Md5, "ab9e71ba57ff50124194367c243b1acf"),
        (ValueKind::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (Sha256, SHA256),
    ];
    for ((kind, text), handle) in values.into_iter().zip(0..) {
        assert!(index.insert(&normal(kind, text).unwrap(), Handle(handle)));
    }
    let mut told = String::new();
    for (line, number) in include_str!("../../../../testdata/telemetry/eve.json").lines().zip(1..) {
        let (mut out, mut scratch) = (Vec::new(), Scratch::default());
        match_line(&index, line.as_bytes(), &mut scratch, &mut out).unwrap();
        let fields = out.iter().map(|found| format!("{} {}", found.field, found.role.name()));
        let fields: std::collections::BTreeSet<_> = fields.collect();
        let fields: Vec<_> = fields.into_iter().collect();
        told.push_str(format!("{number} {}", fields.join(", ")).trim_end());
        told.push('\n');
        let at = out.first().and_then(|found| found.at).map(|at| at.to_string());
        let wanted = format!("2026-01-01T00:00:{:02}.000001Z", number - 1);
        assert!(at.is_none_or(|at| at == wanted), "line {number}");
    }
    assert_eq!(told.trim(), EVE_MATCHES.trim());
}
