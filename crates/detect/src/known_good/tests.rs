//! What lists say of values, one form of list at a time.

use super::{Effect, List, Lists};
use crate::observable::{Observable, normal};
use model::facts::ValueKind;

fn list(form: &str, attributes: &[&str], entries: &[&str]) -> List {
    let json = serde_json::json!({
        "name": form, "description": "", "version": 1, "type": form,
        "matching_attributes": attributes, "list": entries,
    });
    let (list, skipped) = List::read(json.to_string().as_bytes()).unwrap();
    assert_eq!(skipped, []);
    list
}

fn value(kind: ValueKind, text: &str) -> Observable {
    normal(kind, text).unwrap()
}

/// The entry that silences a value.
fn entry(lists: &Lists, kind: ValueKind, text: &str) -> Option<String> {
    lists.silences(&value(kind, text)).map(|because| because.entry)
}

const NAMES: [&str; 2] = ["domain", "url"];

#[test]
fn a_text_means_itself_alone() {
    let lists = Lists::new(vec![list("string", &NAMES, &["Good.example"])]);
    assert_eq!(entry(&lists, ValueKind::Domain, "good.example").as_deref(), Some("good.example"));
    assert!(entry(&lists, ValueKind::Url, "https://good.example/").is_some());
    assert!(entry(&lists, ValueKind::Url, "https://good.example/evil").is_none());
    assert!(entry(&lists, ValueKind::Domain, "www.good.example").is_none());
    assert!(entry(&lists, ValueKind::Domain, "notgood.example").is_none());
}

#[test]
fn a_name_means_all_names_below_it_and_no_other_that_ends_alike() {
    let lists = Lists::new(vec![list("hostname", &NAMES, &[".good.example", "github.io"])]);
    assert!(entry(&lists, ValueKind::Domain, "a.b.good.example").is_some());
    assert!(entry(&lists, ValueKind::Domain, "notgood.example").is_none());
    assert!(entry(&lists, ValueKind::Domain, "good.example.evil.test").is_none());
    // Below a public suffix are strangers; what lies on a good site need not be good.
    assert!(entry(&lists, ValueKind::Domain, "github.io").is_some());
    assert!(entry(&lists, ValueKind::Domain, "evil.github.io").is_none());
    assert!(entry(&lists, ValueKind::Url, "http://a.good.example:8080/").is_some());
    assert!(entry(&lists, ValueKind::Url, "http://a.good.example/evil.exe").is_none());
    let deep = value(ValueKind::Url, "http://a.good.example/evil.exe");
    assert!(lists.flags(&deep).is_some(), "its author is warned all the same");
}

#[test]
fn a_listed_address_inside_an_indicators_prefix_does_not_alert_and_the_reverse() {
    let networks = ["1.1.1.0/24", "9.9.9.9", "2606:4700::/32", "1.0.0.0/8", "1.1.1.1/32"];
    let lists = Lists::new(vec![list("cidr", &["ip-src", "ip-dst"], &networks)]);
    for address in ["1.1.1.1", "1.1.1.200", "1.1.1.0/25", "1.2.3.4", "9.9.9.9"] {
        assert!(entry(&lists, ValueKind::Ipv4, address).is_some(), "{address}");
    }
    assert!(entry(&lists, ValueKind::Ipv6, "2606:4700::6810:1").is_some());
    assert!(entry(&lists, ValueKind::Ipv6, "2607::1").is_none());
    // Over a listed address: the rest of the network may alert, its author is warned.
    let wide = value(ValueKind::Ipv4, "9.9.0.0/16");
    assert_eq!(lists.silences(&wide), None);
    assert_eq!(lists.flags(&wide).map(|because| because.entry).as_deref(), Some("9.9.9.9"));
    assert_eq!(lists.flags(&value(ValueKind::Ipv4, "9.8.0.0/16")), None);
    assert!(entry(&lists, ValueKind::Ipv4, "0.0.0.0/0").is_none());
    assert!(lists.flags(&value(ValueKind::Ipv4, "0.0.0.0/0")).is_some());
}

#[test]
fn a_part_of_a_text_is_whole_words_and_a_name_among_parts_is_a_name() {
    let attributes = ["domain", "url", "ip-dst"];
    let lists = list("substring", &attributes, &["run.example", "/sandbox/", "52.1.2.3"]);
    let lists = Lists::new(vec![lists]);
    assert!(entry(&lists, ValueKind::Domain, "app.run.example").is_some());
    assert!(entry(&lists, ValueKind::Url, "http://app.run.example/tasks/1").is_some());
    assert!(entry(&lists, ValueKind::Url, "http://a.test/sandbox/1").is_some());
    assert!(entry(&lists, ValueKind::Domain, "overrun.example").is_none());
    assert!(entry(&lists, ValueKind::Domain, "run.example.evil.test").is_none());
    assert!(entry(&lists, ValueKind::Ipv4, "52.1.2.3").is_some());
    assert!(entry(&lists, ValueKind::Ipv4, "152.1.2.3").is_none());
}

#[test]
fn a_pattern_is_read_as_php_writes_it_and_ends_in_time() {
    let entries = ["/^(noc|abuse)\\@.*\\..*$/i", "/^(a+)+$/"];
    let lists = Lists::new(vec![list("regex", &["email-src"], &entries)]);
    assert!(entry(&lists, ValueKind::Email, "Abuse@example.com").is_some());
    assert!(entry(&lists, ValueKind::Email, "eve@example.com").is_none());
    let bomb = format!("{}!@example.com", "a".repeat(60));
    assert!(entry(&lists, ValueKind::Email, &bomb).is_none());
}

#[test]
fn a_list_speaks_of_its_own_kinds_alone() {
    let lists = Lists::new(vec![list("string", &["md5"], &["d41d8cd98f00b204e9800998ecf8427e"])]);
    assert!(entry(&lists, ValueKind::Md5, "D41D8CD98F00B204E9800998ECF8427E").is_some());
    assert!(entry(&lists, ValueKind::Ja3, "d41d8cd98f00b204e9800998ecf8427e").is_none());
    let phones = list("regex", &["phone-number"], &["/555/"]);
    assert!(!phones.applies());
}

#[test]
fn what_is_no_entry_is_named_and_the_rest_is_taken() {
    let json = br#"{"name":"n","type":"cidr","list":["10.0.0.0/8","10.0.0.0/99","x"]}"#;
    let (list, skipped) = List::read(json).unwrap();
    assert_eq!(list.len(), 1);
    let entries: Vec<&str> = skipped.iter().map(|one| one.entry.as_str()).collect();
    assert_eq!(entries, ["10.0.0.0/99", "x"]);
    for wrong in [&br#"{"type":"glob","list":[]}"#[..], b"[]", b"{", br#"{"list":[1]}"#] {
        assert!(List::read(wrong).unwrap_err().to_string().starts_with("E-GOOD-001"));
    }
}

#[test]
fn a_list_that_only_flags_silences_nothing() {
    let mut clouds = list("cidr", &["ip-dst"], &["52.0.0.0/8"]);
    clouds.effect = Effect::Flags;
    let lists = Lists::new(vec![clouds]);
    let address = value(ValueKind::Ipv4, "52.1.2.3");
    assert_eq!(lists.silences(&address), None);
    assert!(lists.flags(&address).is_some());
}

#[test]
fn what_is_our_own_is_never_published_not_even_inside_a_wide_network() {
    let text = "10.20.0.0/16 # our office\nour.example\n\n# nothing\n";
    let (never, skipped) = List::of_lines("never", Effect::Forbids, text);
    assert_eq!(skipped, []);
    let lists = Lists::new(vec![never]);
    let forbidden = |kind, text| lists.never(&value(kind, text)).is_some();
    assert!(forbidden(ValueKind::Ipv4, "10.20.3.4"));
    assert!(forbidden(ValueKind::Ipv4, "10.0.0.0/8"));
    assert!(!forbidden(ValueKind::Ipv4, "10.21.0.1"));
    assert!(forbidden(ValueKind::Domain, "mail.our.example"));
    assert!(forbidden(ValueKind::Url, "https://our.example/login"));
    assert!(forbidden(ValueKind::Email, "a@our.example"));
    assert!(!forbidden(ValueKind::Domain, "four.example"));
    assert_eq!(lists.silences(&value(ValueKind::Domain, "our.example")), None);
}

#[test]
fn below_a_site_that_hosts_strangers_nothing_is_known_to_be_good() {
    let mut hosters = list("hostname", &NAMES, &["dyn.example"]);
    (hosters.effect, hosters.of_hosters) = (Effect::Flags, true);
    let good = list("hostname", &NAMES, &["dyn.example", "example"]);
    let lists = Lists::new(vec![hosters, good]);
    assert!(lists.shares_hosts("dyn.example"));
    assert!(entry(&lists, ValueKind::Domain, "dyn.example").is_some());
    assert!(entry(&lists, ValueKind::Domain, "evil.dyn.example").is_none());
}
