//! Feeds: what they look like, and that no value leaves its line.

use super::{
    About, Action, Form, Line, MispFile, Options, Set, SigmaFile, Writer, is_plain, kind_of,
    name_of, with_serial,
};
use model::facts::ValueKind;
use model::label::Tlp;
use uuid::Uuid;

const ALL: [Form; 19] = [
    Form::Blocklist,
    Form::Csv,
    Form::SuricataRules,
    Form::SuricataSet(Set::Domain),
    Form::SuricataSet(Set::Ip),
    Form::SuricataSet(Set::Md5),
    Form::SuricataSet(Set::Sha1),
    Form::SuricataSet(Set::Sha256),
    Form::SuricataSet(Set::Ja3),
    Form::SuricataSet(Set::UserAgent),
    Form::Zeek,
    Form::Rpz,
    Form::Wazuh,
    Form::Stix,
    Form::Misp(MispFile::Manifest),
    Form::Misp(MispFile::Hashes),
    Form::Misp(MispFile::Event(Uuid::nil())),
    Form::Sigma(SigmaFile::All),
    Form::Sigma(SigmaFile::Index),
];

fn line(kind: ValueKind, value: &str) -> Line<'_> {
    Line {
        id: Uuid::from_u128(7),
        kind,
        value,
        signer: "CERT Beta",
        stated: Some(80),
        confidence: Some(40),
        since: None,
        until: None,
        tlp: Tlp::Green,
        pap: None,
        below: true,
    }
}

const ABOUT: About<'static> = About {
    circle: Uuid::from_u128(1 << 96),
    name: "",
    serial: 0,
    by: "CERT Alpha",
    by_id: Uuid::nil(),
};

fn rendered(form: Form, options: Options, lines: &[Line<'_>]) -> String {
    let mut writer = Writer::new(form, options, Uuid::nil());
    lines.iter().for_each(|line| writer.push(line));
    let about = About { name: "My \"Circle\";\n", serial: 42, ..ABOUT };
    // An event that is not there has no bytes.
    let bytes = writer.finish(&about).map(|feed| feed.stamped(&[])).unwrap_or_default();
    String::from_utf8(bytes).expect("text")
}

fn usual(form: Form, lines: &[Line<'_>]) -> String {
    rendered(form, Options::default(), lines)
}

#[test]
fn a_plain_list_has_each_value_once() {
    let lines = [
        line(ValueKind::Domain, "b.example"),
        line(ValueKind::Ipv4, "192.0.2.1"),
        line(ValueKind::Domain, "b.example"),
        line(ValueKind::Url, "a.example/x?y=1"),
    ];
    assert_eq!(usual(Form::Blocklist, &lines), "192.0.2.1\na.example/x?y=1\nb.example\n");
}

#[test]
fn a_table_quotes_what_a_spreadsheet_would_part_or_run() {
    let lines = [line(ValueKind::FileName, "=cmd|\"a\",b")];
    let text = usual(Form::Csv, &lines);
    let (head, row) = text.split_once('\n').expect("two lines");
    assert_eq!(
        head,
        "value,type,indicator,signer,confidence,valid_from,valid_until,tlp,pap,stated"
    );
    assert_eq!(
        row,
        "\"'=cmd|\"\"a\"\",b\",file-name,indicator--00000000-0000-0000-0000-000000000007,\
         CERT Beta,40,,,green,,80\n"
    );
}

#[test]
fn sets_are_in_base64_where_suricata_wants_it() {
    let lines = [line(ValueKind::Domain, "evil.example")];
    assert_eq!(usual(Form::SuricataSet(Set::Domain), &lines), "ZXZpbC5leGFtcGxl\n");
    let lines = [
        line(ValueKind::Ipv4, "192.0.2.1"),
        line(ValueKind::Ipv4, "192.0.2.0/24"),
        line(ValueKind::Ipv6, "2001:db8::1"),
    ];
    assert_eq!(usual(Form::SuricataSet(Set::Ip), &lines), "192.0.2.1\n2001:db8::1\n");
}

#[test]
fn a_rules_number_is_its_values_whatever_else_comes() {
    let options = Options { subdomains: true, ..Options::default() };
    let one = line(ValueKind::Domain, "evil.example");
    let more = [line(ValueKind::Domain, "another.example"), one];
    let number = |text: &str| {
        let rule = text.lines().find(|rule| rule.contains(".evil.example\"")).expect("a rule");
        rule.split("sid:").nth(1).map(str::to_owned)
    };
    let alone = rendered(Form::SuricataRules, options.clone(), &[one]);
    assert_eq!(number(&alone), number(&rendered(Form::SuricataRules, options, &more)));
    let numbers: Vec<_> = alone.split("sid:").skip(1).filter_map(|r| r.split(';').next()).collect();
    let distinct: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
}

#[test]
fn a_zone_turns_addresses_round_and_covers_names_below() {
    let lines = [
        line(ValueKind::Domain, "evil.example"),
        Line { below: false, ..line(ValueKind::Domain, "dyn.example") },
        line(ValueKind::Ipv4, "192.0.2.0/24"),
        line(ValueKind::Ipv6, "2001:db8::1"),
        line(ValueKind::Ipv6, "::1"),
    ];
    assert_eq!(
        usual(Form::Rpz, &lines),
        "$TTL 60\n@ SOA localhost. nobody.localhost. 42 60 60 604800 60\n@ NS localhost.\n\
         128.1.zz.db8.2001.rpz-ip CNAME .\n128.1.zz.rpz-ip CNAME .\n\
         24.0.2.0.192.rpz-ip CNAME .\ndyn.example CNAME .\nevil.example CNAME .\n\
         *.evil.example CNAME .\n"
    );
    let other = with_serial(usual(Form::Rpz, &lines).into_bytes(), 4_000_000_000);
    let other = String::from_utf8(other).expect("text");
    assert_eq!(other.replace("4000000000", "42"), usual(Form::Rpz, &lines));
    let walled =
        Options { action: "walled:Stop.Example".parse().expect("a host"), subdomains: false };
    let text = rendered(Form::Rpz, walled, &lines);
    assert!(text.ends_with("*.evil.example CNAME stop.example.\n"), "{text}");
    assert!("walled:a b".parse::<Action>().is_err() && "walled:".parse::<Action>().is_err());
}

#[test]
fn no_name_in_a_zone_is_one_of_its_own_triggers_or_actions() {
    let own = [
        "8.0.0.0.10.rpz-ip",
        "8.0.0.0.10.rpz-client-ip",
        "32.1.2.0.192.rpz-nsip",
        "evil.example.rpz-nsdname",
        "rpz-passthru",
        "rpz-drop",
        "rpz-ip",
    ];
    for name in own {
        let text = usual(Form::Rpz, &[line(ValueKind::Domain, name)]);
        assert!(!text.contains("CNAME"), "{name}: {text}");
    }
    let near = usual(Form::Rpz, &[line(ValueKind::Domain, "rpz-ip.example")]);
    assert!(near.contains("\nrpz-ip.example CNAME .\n"), "{near}");
}

#[test]
fn zeek_lines_have_the_columns_they_name() {
    let lines = [
        line(ValueKind::Domain, "evil.example"),
        line(ValueKind::Ipv4, "192.0.2.0/24"),
        line(ValueKind::FileName, "-"),
        line(ValueKind::FileName, "a\\x41"),
        line(ValueKind::Mutex, "no column for it"),
    ];
    let text = usual(Form::Zeek, &lines);
    let mut rows = text.lines();
    let columns = rows.next().expect("a head").split('\t').count() - 1;
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split('\t').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == columns), "{text}");
    let first: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(
        first,
        [
            ("192.0.2.0/24", "Intel::SUBNET"),
            ("\\x2d", "Intel::FILE_NAME"),
            ("a\\x5cx41", "Intel::FILE_NAME"),
            ("evil.example", "Intel::DOMAIN"),
        ]
    );
}

#[test]
fn wazuh_keys_with_colons_stand_in_quotes_and_networks_are_whole_octets() {
    let lines = [
        line(ValueKind::Ipv4, "192.0.2.0/24"),
        line(ValueKind::Ipv4, "192.0.0.0/15"),
        line(ValueKind::Ipv6, "2001:db8::1"),
        line(ValueKind::Domain, "evil.example"),
    ];
    assert_eq!(usual(Form::Wazuh, &lines), "192.0.2.:\n\"2001:db8::1\":\nevil.example:\n");
}

#[test]
fn a_bundle_holds_bodies_as_they_came_and_the_same_ones_have_the_same_id() {
    let render = |bodies: &[&[u8]]| {
        let mut writer = Writer::new(Form::Stix, Options::default(), Uuid::nil());
        bodies.iter().for_each(|body| writer.push_body(body));
        String::from_utf8(writer.finish(&ABOUT).expect("a bundle").stamped(&[]))
    };
    let (one, two) = (render(&[b"{\"a\":1}", b"{ }"]), render(&[b"{\"a\":1}", b"{ }"]));
    let one = one.expect("text");
    assert_eq!(Ok(&one), two.as_ref());
    assert!(one.ends_with(",\"objects\":[\n{\"a\":1},\n{ }\n]}\n"), "{one}");
    assert!(!render(&[]).expect("text").contains("objects"));
}

/// What a stranger may write into an indicator so that it reads as something else.
const HOSTILE: &[&str] = &[
    "a.example\nb.injected",
    "a.example\r\nb.injected",
    "a.example\tIntel::DOMAIN\tb.injected",
    "a.example,b.injected",
    "a.example\"; sid:1; injected",
    "a.example CNAME injected.",
    "a.example. 60 IN A 192.0.2.66 ; injected",
    "$INCLUDE /injected",
    "a.example\u{2028}injected",
    "a.example\u{85}injected",
    "a.example\u{202e}injected",
    "a.example\0injected",
    "#injected",
    "injected\":\"x",
    "",
];

#[test]
fn no_value_leaves_its_line_in_any_form_under_any_kind() {
    for form in ALL {
        let options = Options { subdomains: true, ..Options::default() };
        let empty = rendered(form, options.clone(), &[]).lines().count();
        for kind in ValueKind::ALL {
            for hostile in HOSTILE {
                let text = rendered(form, options.clone(), &[line(kind, hostile)]);
                let rows: Vec<&str> = text.lines().skip(empty).collect();
                let place = format!("{form:?} {kind:?} {hostile:?}: {text}");
                // The set's own name stands in its rules, so a zone has two rows for a name.
                let most = if form == Form::Rpz { 2 } else { 1 };
                assert!(rows.len() <= most, "{place}");
                let cruel = |c: char| c.is_control() && c != '\n' && c != '\t';
                assert!(!text.contains(cruel), "{place}");
                match form {
                    Form::SuricataRules | Form::Rpz => {
                        assert!(!text.contains("injected"), "{place}");
                    }
                    Form::Blocklist => {
                        assert!(rows.iter().all(|row| !row.contains([' ', '#', '\t'])), "{place}");
                    }
                    Form::Zeek => {
                        assert!(rows.iter().all(|row| row.split('\t').count() == 6), "{place}");
                        assert!(rows.iter().all(|row| !row.starts_with('#')), "{place}");
                    }
                    Form::Csv => {
                        let mut reader = csv::Reader::from_reader(text.as_bytes());
                        let widths = reader.records().map(|r| r.expect("a record").len());
                        assert!(widths.into_iter().all(|width| width == 10), "{place}");
                    }
                    Form::Wazuh => {
                        assert!(rows.iter().all(|row| row.matches('"').count() != 1), "{place}");
                    }
                    Form::Misp(MispFile::Manifest) => {
                        serde_json::from_str::<serde_json::Value>(&text).expect(&place);
                    }
                    Form::Misp(_) => {
                        assert!(!text.contains("injected"), "{place}");
                    }
                    Form::SuricataSet(_) | Form::Stix | Form::Sigma(_) => {}
                }
            }
        }
    }
    assert!(HOSTILE.iter().filter(|text| !is_plain(text)).count() >= 7);
}

#[test]
fn every_kind_has_a_word_of_its_own() {
    for kind in ValueKind::ALL {
        assert_eq!(kind_of(name_of(kind)), [kind]);
    }
    assert_eq!(kind_of("ip"), [ValueKind::Ipv4, ValueKind::Ipv6]);
    assert!(kind_of("nothing").is_empty());
}

#[test]
fn feeds_are_found_by_their_names_and_no_others_are() {
    assert_eq!(Form::named("blocklist.txt"), Some((Form::Blocklist, Vec::new())));
    let domains = Some((Form::Blocklist, vec![ValueKind::Domain]));
    assert_eq!(Form::named("blocklist/domain.txt"), domains);
    assert_eq!(Form::named("suricata/ip.lst"), Some((Form::SuricataSet(Set::Ip), Vec::new())));
    let event = Form::Misp(MispFile::Event(Uuid::from_u128(10)));
    let name = "misp/00000000-0000-0000-0000-00000000000a.json";
    assert_eq!(Form::named(name), Some((event, Vec::new())));
    for odd in [name.to_uppercase(), name.replace('-', ""), name.replace("misp/", "misp/../")] {
        assert_eq!(Form::named(&odd), None, "{odd}");
    }
    for nothing in ["", "blocklist/.txt", "suricata/x.lst", "suricata/../ip.lst", "intel.dat/"] {
        assert_eq!(Form::named(nothing), None, "{nothing}");
    }
}
