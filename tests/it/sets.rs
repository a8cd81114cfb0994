//! What a node finds in real events against a program of thirty lines with a set in it: the same, in
//! the same lines, and no part of a word.

use memchr::memmem;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use world_tests::data::{folder, say, unpacked};
use world_tests::entente::{Running, number, word};
use world_tests::python::succeeds;
use world_tests::stix::{indicator, indicator_id};
use world_tests::turn;

const CORPORA: [&str; 3] = ["zeek-dns.json.gz", "zeek-ssl.json.gz", "windows-sysmon.json.xz"];
/// Values of each sort that are taken from a corpus, at most.
const OF_A_SORT: usize = 300;
/// Public suffixes, below which strangers have names: an indicator for one is for itself alone, and a
/// set does not know that. These are what the events have of the list's section for such hosts.
const SHARED: [&str; 16] = [
    "akamaized.net",
    "appspot.com",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudapp.net",
    "cloudfront.net",
    "eu-west-1.compute.amazonaws.com",
    "github.io",
    "githubusercontent.com",
    "googleapis.com",
    "s3.amazonaws.com",
    "ssl.fastly.net",
    "trafficmanager.net",
    "us-east-1.elb.amazonaws.com",
    "us-west-1.elb.amazonaws.com",
    "us-west-2.elb.amazonaws.com",
];

/// A value as a pattern's comparison; `None` for what no indicator can be for.
fn path_of(value: &str) -> Option<&'static str> {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() < 64 && label.bytes().all(plain)
    };
    let last = value.rsplit('.').next().unwrap_or_default();
    match value.len() {
        32 if hex => Some("file:hashes.MD5"),
        40 if hex => Some("file:hashes.'SHA-1'"),
        64 if hex => Some("file:hashes.'SHA-256'"),
        _ if value.parse::<std::net::Ipv4Addr>().is_ok() => Some("ipv4-addr:value"),
        _ if last.bytes().all(|byte| byte.is_ascii_digit()) => None,
        length if length < 254 && value.contains('.') && value.split('.').all(label) => {
            Some("domain-name:value")
        }
        _ => None,
    }
}

fn collect(value: &Value, out: &mut BTreeMap<&'static str, BTreeSet<String>>) {
    match value {
        Value::String(text) => {
            for part in text.to_lowercase().split(',') {
                let part = part.split_once('=').map_or(part, |(_, hash)| hash).trim();
                if let Some(path) = path_of(part) {
                    out.entry(path).or_default().insert(part.to_owned());
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|each| collect(each, out)),
        Value::Object(all) => all.values().for_each(|each| collect(each, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Values of the events, and values that are only parts of them or have such as parts.
fn chosen(events: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut all = BTreeMap::new();
    for line in events.lines() {
        collect(&serde_json::from_str(line).expect("an event"), &mut all);
    }
    let whole: BTreeSet<String> = all.values().flatten().cloned().collect();
    let mut values = BTreeSet::new();
    for of_sort in all.values() {
        let every = of_sort.len().div_ceil(OF_A_SORT).max(1);
        values.extend(of_sort.iter().step_by(every).cloned());
    }
    let above: Vec<String> = values
        .iter()
        .filter_map(|value| value.split_once('.').map(|(_, above)| above.to_owned()))
        .filter(|above| above.contains('.'))
        .collect();
    let near = |value: &String| {
        let less: String = value.chars().skip(1).collect();
        let shorter: String = value.chars().take(value.chars().count() - 1).collect();
        [less, shorter, format!("{value}x"), format!("1{value}")]
    };
    let usable = |value: &String| path_of(value).is_some();
    let traps: BTreeSet<String> =
        values.iter().flat_map(near).filter(usable).filter(|near| !whole.contains(near)).collect();
    values.extend(above);
    values.retain(usable);
    (values, traps)
}

#[test]
fn a_node_finds_what_thirty_lines_with_a_set_find_and_no_part_of_a_word() {
    let _turn = turn::shared();
    let Some(data) = folder("sets") else { return };
    for corpus in CORPORA {
        let events = unpacked(&data.join("telemetry").join(corpus));
        let events = String::from_utf8(events).expect("text");
        let (values, traps) = chosen(&events);
        let all: Vec<&String> = values.union(&traps).collect();
        let node = Running::new("CERT Alpha");
        // What is harmless by a list would be silent here, and no set knows of lists.
        node.ok(&["circle", "create", "ring", "--default", "green", "--known-good", "off"]);
        let objects: Vec<String> = all
            .iter()
            .zip(0_u64..)
            .map(|(value, n)| {
                let pattern = format!("[{} = '{value}']", path_of(value).expect("usable"));
                indicator(6, n, "x.example").replace("[domain-name:value = 'x.example']", &pattern)
            })
            .collect();
        let file = node.file("indicators.json", objects.join("\n"));
        node.ok(&["publish", &file, "--circle", "ring"]);
        let log = node.file("events.json", &events);
        let ran = node.cli(&["watch", "--json", &log]);
        assert_eq!(ran.code, 1, "it found something: {}", ran.err);
        let by_id: BTreeMap<String, &String> =
            (0..).zip(&all).map(|(n, value)| (indicator_id(6, n), *value)).collect();
        let ours: BTreeSet<(u64, String)> = ran
            .lines()
            .iter()
            .map(|found| (number(found, "line"), by_id[&word(found, "indicator")].clone()))
            .collect();
        let list: Vec<&str> = all.iter().map(|value| value.as_str()).collect();
        let list = node.file("values", list.join("\n"));
        let found = node.file("found", "");
        let _printed = succeeds("set_program.py", &[&list, &log, &found]);
        let told = std::fs::read_to_string(&found).expect("what it found");
        let theirs: BTreeSet<(u64, String)> = told
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(line, value)| (line.parse().expect("a number"), value.to_owned()))
            .collect();
        let alone: Vec<_> = ours.difference(&theirs).take(10).collect();
        assert!(alone.is_empty(), "{corpus}: the node alone has these: {alone:?}");
        let missed: BTreeSet<&String> = theirs.difference(&ours).map(|(_, value)| value).collect();
        // What stands above a public suffix is for itself alone as well.
        let shared = |value: &str| {
            let above =
                |shared: &&str| shared.strip_suffix(value).is_some_and(|s| s.ends_with('.'));
            SHARED.contains(&value) || SHARED.iter().any(above)
        };
        let odd: Vec<_> = missed.iter().filter(|value| !shared(value)).collect();
        assert!(odd.is_empty(), "{corpus}: the set alone has these: {odd:?}");
        // Each of these lies somewhere in the text as a mere part: whoever looks for parts finds it.
        let lies = |trap: &&String| memmem::find(events.as_bytes(), trap.as_bytes()).is_some();
        let parts = traps.iter().filter(lies).count();
        let matched: BTreeSet<&String> = ours.iter().map(|(_, value)| value).collect();
        let hit = traps.iter().filter(|trap| matched.contains(trap)).count();
        say(&format!(
            "sets: {corpus}: {} events, {} values and {} near them ({parts} in the text), {} \
             matches, {hit} by a near one",
            events.lines().count(),
            values.len(),
            traps.len(),
            ours.len()
        ));
        assert!(ours.len() > 1_000 && parts > 100, "{corpus}: {} {parts}", ours.len());
    }
}
