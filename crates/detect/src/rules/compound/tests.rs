//! Patterns on streams against the judge, over events that this file turns into objects by other
//! code. No speed is measured here.

use super::super::told::Told;
use super::super::{Forgotten, RuleScratch, Rules, Seen, sco};
use crate::index::Handle;
use crate::live::Match;
use crate::pattern::{Graph, Observed, Regexes, evaluate, parse};
use crate::reading::{Form, Reader};
use model::facts::{Language, Rule};
use model::limits::{
    EVENT_FILES_MAX, MACHINE_BYTES_MAX, STREAM_TESTS_MAX, WINDOW_LEAVES_MAX, WINDOW_ONE_HELD_MAX,
    WINDOW_PARTS_MAX, WINDOWS_MAX,
};
use model::time::Instant;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::process::Command;

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most
    }

    fn one<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

const START: i64 = 1_790_000_000;

fn stix(text: &str) -> Rule {
    Rule { language: Language::Stix, text: text.to_owned() }
}

fn at(second: i64) -> Instant {
    Instant::from_micros((START + second) * 1_000_000)
}

/// An event as its line and as observed-data, the machine it is about, and its second.
struct Made {
    line: Value,
    objects: Value,
    machine: String,
    second: i64,
}

fn resolver(dice: &mut Dice) -> Made {
    let second = i64::try_from(dice.below(60)).unwrap();
    let (source, query) = (dice.one(&SOURCES), dice.one(&NAMES));
    let (answer, port) = (dice.one(&SERVERS), 1024 + dice.below(9));
    let line = json!({"_path": "dns", "ts": START + second, "id.orig_h": source,
        "id.orig_p": port, "id.resp_h": "10.0.0.53", "id.resp_p": 53, "proto": "udp",
        "query": query.to_uppercase(), "answers": [answer]});
    let objects = json!({
        "0": {"type": "domain-name", "value": query, "resolves_to_refs": ["3"]},
        "1": {"type": "ipv4-addr", "value": source},
        "2": {"type": "ipv4-addr", "value": "10.0.0.53"},
        "3": {"type": "ipv4-addr", "value": answer},
        "4": {"type": "network-traffic", "src_ref": "1", "dst_ref": "2", "src_port": port,
            "dst_port": 53, "protocols": ["dns", "udp"]}});
    Made { line, objects, machine: source.to_owned(), second }
}

fn browser(dice: &mut Dice) -> Made {
    let second = i64::try_from(dice.below(60)).unwrap();
    let (source, host) = (dice.one(&SOURCES), dice.one(&NAMES));
    let (server, path, agent) = (dice.one(&SERVERS), dice.one(&["/x", "/gate"]), "curl 8");
    let line = json!({"event_type": "http", "timestamp": at(second).to_string(), "src_ip": source,
        "src_port": 40_000, "dest_ip": server, "dest_port": 443, "proto": "TCP",
        "http": {"hostname": host, "url": path, "http_method": "GET", "http_user_agent": agent}});
    let objects = json!({
        "0": {"type": "domain-name", "value": host},
        "1": {"type": "ipv4-addr", "value": source},
        "2": {"type": "ipv4-addr", "value": server},
        "3": {"type": "url", "value": format!("http://{host}{path}")},
        "4": {"type": "url", "value": format!("{host}{path}")},
        "5": {"type": "network-traffic", "src_ref": "1", "dst_ref": "2", "src_port": 40_000,
            "dst_port": 443, "protocols": ["http", "tcp"],
            "extensions": {"http-request-ext": {"request_method": "GET", "request_value": path,
                "request_header": {"User-Agent": agent, "Host": host}}}}});
    Made { line, objects, machine: source.to_owned(), second }
}

fn starter(dice: &mut Dice) -> Made {
    let second = i64::try_from(dice.below(60)).unwrap();
    let (machine, user) = (dice.one(&["WS1", "WS2"]), dice.one(&["alice", "bob"]));
    let image = dice.one(&["PowerShell.exe", "cmd.exe"]);
    let command = dice.one(&["run -enc AA", "run -File b"]);
    let hash = dice.one(&HASHES);
    let line = json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
        "@timestamp": at(second).to_string(), "Hostname": machine, "ProcessId": "0x1f4",
        "Image": format!("C:\\Windows\\{image}"), "CommandLine": command,
        "ParentImage": "C:\\Office\\WinWord.exe", "ParentCommandLine": "winword /n",
        "User": format!("CORP\\{user}"), "Hashes": format!("SHA256={}", hash.to_uppercase())});
    let account =
        |name: &str| json!({"type": "user-account", "account_login": name, "user_id": name});
    let objects = json!({
        "0": {"type": "process", "command_line": command, "pid": 500, "image_ref": "1",
            "name": image.to_lowercase(), "parent_ref": "2", "creator_user_ref": "6"},
        "1": {"type": "file", "name": image.to_lowercase(), "parent_directory_ref": "4",
            "hashes": {"SHA-256": hash}},
        "2": {"type": "process", "command_line": "winword /n", "image_ref": "3",
            "name": "winword.exe"},
        "3": {"type": "file", "name": "winword.exe", "parent_directory_ref": "5"},
        "4": {"type": "directory", "path": "c:\\windows"},
        "5": {"type": "directory", "path": "c:\\office"},
        "6": account(&format!("CORP\\{user}")),
        "7": account(user)});
    Made { line, objects, machine: machine.to_owned(), second }
}

const SOURCES: [&str; 3] = ["10.0.0.1", "10.0.0.2", "10.0.0.9"];
const SERVERS: [&str; 3] = ["192.0.2.1", "192.0.2.2", "198.51.100.7"];
const NAMES: [&str; 3] = ["d1.example", "d2.example", "www.d3.example"];
const HASHES: [&str; 2] = [
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
];

const LEAVES: [&str; 26] = [
    "[domain-name:value = 'd1.example']",
    "[domain-name:value = 'd2.example']",
    "[domain-name:value IN ('d1.example', 'www.d3.example')]",
    "[domain-name:value LIKE 'd%.example']",
    "[domain-name:value != 'd1.example']",
    "[domain-name:value NOT = 'd2.example']",
    "[domain-name:value MATCHES '^www']",
    "[domain-name:resolves_to_refs[*].value = '192.0.2.1']",
    "[ipv4-addr:value ISSUBSET '10.0.0.0/30']",
    "[ipv4-addr:value = '198.51.100.7']",
    "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]",
    "[network-traffic:dst_port IN (22, 53)]",
    "[network-traffic:src_ref.value = '10.0.0.1' OR domain-name:value = 'd2.example']",
    "[network-traffic:src_port > 1028]",
    "[network-traffic:protocols[*] = 'dns']",
    "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' LIKE 'curl%']",
    "[network-traffic:extensions.'http-request-ext'.request_value = '/gate']",
    "[url:value LIKE 'http://d1%']",
    "[url:value = 'd2.example/x']",
    "[process:command_line MATCHES '-enc']",
    "[process:image_ref.name = 'powershell.exe' AND process:parent_ref.name LIKE 'win%']",
    "[process:creator_user_ref.user_id = 'CORP\\\\alice' OR user-account:account_login = 'bob']",
    "[process:pid = 500 AND EXISTS process:command_line]",
    "[file:name = 'cmd.exe' AND file:parent_directory_ref.path = 'c:\\\\windows']",
    "[file:hashes.'SHA-256' = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08']",
    "[email-addr:value = 'x@d1.example']",
];

fn pattern(dice: &mut Dice, depth: usize) -> String {
    let inner = |dice: &mut Dice| pattern(dice, depth - 1);
    let plain = if depth == 0 {
        dice.one(&LEAVES).to_owned()
    } else {
        match dice.below(5) {
            0 => format!("({} AND {})", inner(dice), inner(dice)),
            1 => format!("({} OR {})", inner(dice), inner(dice)),
            2 => format!("({} FOLLOWEDBY {})", inner(dice), inner(dice)),
            3 => format!("({}) REPEATS {} TIMES", inner(dice), 2 + dice.below(2)),
            _ => inner(dice),
        }
    };
    match dice.below(6) {
        0 => format!("({plain}) WITHIN {} SECONDS", dice.one(&["1", "6.5", "30"])),
        1 => format!("({plain}) START t'{}' STOP t'{}'", at(10), at(50)),
        _ => plain,
    }
}

/// The observed-data of an event, read as a file of observations is.
fn observed(made: &Made) -> Observed {
    let time = at(made.second).to_string();
    let data = json!({"type": "observed-data", "id": "observed-data--1", "first_observed": time,
        "last_observed": time, "number_observed": 1, "objects": made.objects});
    Graph::of_observed(data.to_string().as_bytes()).unwrap().remove(0)
}

struct Stream {
    rules: Rules,
    scratch: RuleScratch,
}

impl Stream {
    fn of(patterns: &[String]) -> Self {
        let mut rules = Rules::new();
        for (number, text) in patterns.iter().enumerate() {
            rules.insert(Handle(number as u64), &stix(text)).unwrap();
        }
        Self { rules, scratch: RuleScratch::default() }
    }

    fn matches(&mut self, line: &str, observation: u64, now: Instant) -> Vec<Match> {
        let mut reader = Reader::new(Form::Json);
        let event = reader.event(line.as_bytes()).unwrap().unwrap();
        let mut out = Vec::new();
        let seen = Seen { now, observation, latest: now.plus_seconds(86_400) };
        self.rules.event(&event, seen, &mut self.scratch, &mut out);
        out
    }

    fn found(&mut self, line: &Value, observation: u64, now: Instant) -> BTreeSet<u64> {
        let matches = self.matches(&line.to_string(), observation, now);
        matches.iter().map(|found| found.handle.0).collect()
    }
}

/// What a judge makes of one pattern: all observations of a machine that no match has bound yet.
struct Judge {
    tree: crate::pattern::Observation,
    regexes: Regexes,
    alone: bool,
    seen: HashMap<String, Vec<Observed>>,
}

impl Judge {
    fn new(text: &str) -> Self {
        let tree = parse(text).unwrap();
        let regexes = Regexes::of(&tree).unwrap();
        let alone = super::alone(&tree);
        Self { tree, regexes, alone, seen: HashMap::new() }
    }

    fn see(&mut self, machine: &str, observed: Observed) -> bool {
        let seen = self.seen.entry(machine.to_owned()).or_default();
        if self.alone {
            seen.clear();
        }
        seen.push(observed);
        let Some(bound) = evaluate(&self.tree, seen, &self.regexes).unwrap() else { return false };
        for place in bound.iter().rev() {
            seen.remove(*place);
        }
        true
    }
}

/// Some thousand patterns, each on thirty events; one event in ten comes again.
#[test]
fn streams_find_what_the_judge_finds() {
    let mut dice = Dice(0x5eed_0001);
    let (mut matches, mut again, mut deep) = (0, 0, 0);
    for _ in 0..400 {
        let patterns: Vec<String> = (0..5)
            .map(|_| {
                let depth = dice.below(4);
                pattern(&mut dice, depth)
            })
            .collect();
        let mut stream = Stream::of(&patterns);
        let mut judges: Vec<Judge> = patterns.iter().map(|text| Judge::new(text)).collect();
        let mut told: Vec<(Made, BTreeSet<u64>)> = Vec::new();
        for number in 0..30_u64 {
            let now = at(100 + i64::try_from(number).unwrap());
            if !told.is_empty() && dice.below(10) == 0 {
                let place = dice.below(told.len());
                let (made, before) = &told[place];
                let now = stream.found(&made.line, place as u64, now);
                assert_eq!(&now, before, "delivered again: {patterns:#?} {}", made.line);
                again += before.len();
                continue;
            }
            let made = match dice.below(3) {
                0 => resolver(&mut dice),
                1 => browser(&mut dice),
                _ => starter(&mut dice),
            };
            let ours = stream.found(&made.line, told.len() as u64, now);
            for (place, judge) in judges.iter_mut().enumerate() {
                let theirs = judge.see(&made.machine, observed(&made));
                let text = &patterns[place];
                assert_eq!(ours.contains(&(place as u64)), theirs, "{text} at {}", made.line);
                deep += usize::from(theirs && !judge.alone);
            }
            matches += ours.len();
            told.push((made, ours));
        }
        assert_eq!((stream.rules.windows().1, stream.rules.given_up()), (Forgotten::default(), 0));
    }
    println!("{matches} matches, {deep} of several events, {again} told again");
    assert!(matches > 6_000 && deep > 1_500 && again > 400, "{matches} {deep} {again}");
}

fn asks(source: &str, name: &str, second: i64) -> Value {
    json!({"_path": "dns", "ts": START + second, "id.orig_h": source, "query": name})
}

const SEQUENCE: &str = "([domain-name:value = 'a.example'] FOLLOWEDBY \
    [domain-name:value = 'b.example']) WITHIN 60 SECONDS";

#[test]
fn a_followedby_over_two_hosts_is_no_match() {
    let mut stream = Stream::of(&[SEQUENCE.to_owned()]);
    let none = BTreeSet::new();
    assert_eq!(stream.found(&asks("10.0.0.1", "a.example", 0), 1, at(0)), none);
    assert_eq!(stream.found(&asks("10.0.0.2", "b.example", 1), 2, at(1)), none, "another host");
    assert_eq!(stream.rules.windows().0, 2);
    let found = stream.matches(&asks("10.0.0.1", "b.example", 2).to_string(), 3, at(2));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.field.as_str(), found.value.as_str()), ("query", "b.example"));
    assert_eq!((found.role.name(), found.at), ("dns-query", Some(at(2))));
    assert_eq!(stream.found(&asks("10.0.0.1", "b.example", 3), 4, at(3)), none, "told once");
    let case = [("10.0.0.3", "B.example", 4), ("10.0.0.3", "A.example", 5)];
    for (number, (host, name, second)) in case.into_iter().enumerate() {
        let found = stream.found(&asks(host, name, second), 5 + number as u64, at(second));
        assert_eq!(found, none, "the other way round");
    }
}

#[test]
fn an_event_that_is_delivered_again_counts_once() {
    let text = "[domain-name:value = 'a.example'] REPEATS 3 TIMES WITHIN 60 SECONDS";
    let mut stream = Stream::of(&[text.to_owned()]);
    let told: Vec<usize> = [1, 2, 2, 1, 2, 3, 3, 1, 4, 5, 6]
        .into_iter()
        .map(|number| {
            let line = asks("10.0.0.1", "a.example", i64::try_from(number).unwrap());
            stream.found(&line, number, at(20)).len()
        })
        .collect();
    // The third completes it, and says so again when it comes again; then three others do.
    assert_eq!(told, [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]);
}

#[test]
fn capitals_and_spellings_do_not_matter_where_values_have_a_normal_form() {
    let line = json!({"Hostname": "WS1", "Image": "C:\\Windows\\System32\\CMD.exe",
        "CommandLine": "cmd /c", "Hashes": "MD5=ABCDEFABCDEFABCDEFABCDEFABCDEFAB",
        "TargetObject": "HKLM\\Software\\Run\\Evil", "Details": "c:\\evil.exe",
        "DestinationIp": "2001:DB8:0::1", "DestinationPort": "443"});
    let cases = [
        ("[file:name = 'Cmd.EXE' AND file:hashes.md5 = 'abcdefABCDEFabcdefABCDEFabcdefab']", true),
        ("[file:name MATCHES '^CMD' AND file:parent_directory_ref.path LIKE 'C:\\\\WIN%']", true),
        ("[directory:path = 'C:\\\\Windows\\\\System32\\\\']", true),
        (
            "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Run' AND \
           windows-registry-key:values[*].data = 'c:\\\\evil.exe']",
            true,
        ),
        ("[windows-registry-key:key LIKE 'HKLM\\\\Software\\\\%']", true),
        (
            "[network-traffic:dst_ref.value = '2001:db8::0:1' AND network-traffic:dst_port = 443]",
            true,
        ),
        ("[process:image_ref.name = 'CMD.EXE' AND process:command_line = 'cmd /c']", true),
        ("[process:command_line = 'CMD /C']", false),
        ("[file:name = 'cmd']", false),
    ];
    for (text, holds) in cases {
        let found = Stream::of(&[text.to_owned()]).found(&line, 1, at(0));
        assert_eq!(!found.is_empty(), holds, "{text}");
    }
}

#[test]
fn what_is_removed_is_gone_at_once_with_its_windows() {
    let mut stream = Stream::of(&[SEQUENCE.to_owned()]);
    stream.found(&asks("10.0.0.1", "a.example", 0), 1, at(0));
    assert_eq!((stream.rules.len(), stream.rules.windows().0), (1, 1));
    stream.rules.remove(Handle(0));
    assert_eq!((stream.rules.len(), stream.rules.windows().0), (0, 0));
    stream.rules.insert(Handle(0), &stix(SEQUENCE)).unwrap();
    let found = stream.found(&asks("10.0.0.1", "b.example", 1), 2, at(1));
    assert!(found.is_empty(), "what was seen for the one before it is gone");
}

#[test]
fn windows_end_with_their_time_and_crowds_push_out_the_oldest() {
    let mut stream = Stream::of(&[SEQUENCE.to_owned()]);
    stream.found(&asks("10.0.0.1", "a.example", 0), 1, at(0));
    let late = stream.found(&asks("10.0.0.1", "b.example", 30), 2, at(30 + 3_600));
    assert!(late.is_empty(), "it came an hour later");
    assert_eq!(stream.rules.windows().1, Forgotten::default(), "nothing that could still count");
    let most = WINDOW_LEAVES_MAX as u64 + 2;
    for number in 0..most + 3 {
        stream.found(&asks("10.0.0.2", "a.example", 0), 10 + number, at(0));
    }
    assert_eq!(stream.rules.windows().1, Forgotten { machines: 0, events: 3 });
}

#[test]
fn a_flood_of_machines_forgets_the_oldest_and_says_so() {
    let mut stream = Stream::of(&[SEQUENCE.to_owned()]);
    let host = |number: usize| {
        let [_, a, b, c] = u32::try_from(number).unwrap().to_be_bytes();
        format!("10.{a}.{b}.{c}")
    };
    for number in 0..WINDOWS_MAX + 2 {
        stream.found(&asks(&host(number), "a.example", 0), number as u64, at(0));
    }
    let forgotten = Forgotten { machines: 2, events: 0 };
    assert_eq!(stream.rules.windows(), (WINDOWS_MAX, forgotten));
    let mut ends = |number: usize| {
        let line = asks(&host(number), "b.example", 1);
        !stream.found(&line, 1_000_000 + number as u64, at(1)).is_empty()
    };
    assert!(ends(2) && !ends(0) && ends(WINDOWS_MAX + 1), "the oldest are gone, and no others");
}

#[test]
fn a_pattern_that_is_no_pattern_or_asks_for_too_much_is_refused_and_counted() {
    let mut rules = Rules::new();
    let wrong = [
        "[domain-name:value = ]",
        "[domain-name:value = 'a' ] REPEATS 100000 TIMES",
        "[file:name MATCHES '(?R)']",
    ];
    for text in wrong {
        assert!(rules.insert(Handle(1), &stix(text)).is_err(), "{text}");
        assert!(super::unfound(text).is_some());
    }
    assert_eq!((rules.skipped(), rules.len()), (3, 0));
    assert!(super::unfound("[artifact:mime_type = 'x'] AND [file:name = 'y']").is_some());
    assert_eq!(super::unfound("[artifact:mime_type = 'x'] OR [file:name = 'y']"), None);
}

/// A search that ends without an answer costs no more than its bound, forgets and goes on.
#[test]
fn a_bomb_of_a_pattern_is_given_up_and_others_go_on() {
    let bomb = "([domain-name:value LIKE '%a%'] AND [domain-name:value LIKE '%x%'] AND \
        [domain-name:value LIKE '%e%'] AND [domain-name:value LIKE '%.%'] AND \
        [domain-name:value = 'z.example']) WITHIN 900 SECONDS";
    let mut stream = Stream::of(&[bomb.to_owned(), SEQUENCE.to_owned()]);
    // Each choice of the first four fails at the last only: it was made too long ago.
    stream.found(&asks("10.0.0.1", "z.example", -5_000), 1_000, at(0));
    for number in 0..600 {
        let line = asks("10.0.0.1", "a.example", i64::try_from(number).unwrap());
        stream.found(&line, number, at(0));
    }
    assert!(stream.rules.given_up() > 0, "no bomb");
    assert!(stream.rules.windows().1.events > 0, "what was given up is forgotten");
    let found = stream.found(&asks("10.0.0.1", "b.example", 601), 601, at(0));
    assert_eq!(found, BTreeSet::from([1]));
}

/// What would cost too much on every event, or take too much room, is refused, and what is as large as
/// may be is not.
#[test]
fn patterns_too_large_for_streams_are_refused() {
    let joined = |one: &str, number: usize, by: &str| vec![one; number].join(by);
    let tests = |number| format!("[{}]", joined("domain-name:value = 'a'", number, " OR "));
    let leaves = |number, by: &str| joined("[domain-name:value = 'a']", number, by);
    let repeated =
        |parts, times: u64| format!("({}) REPEATS {times} TIMES", leaves(parts, " AND "));
    let refused = |text: String| super::unfound(&text).is_some();
    let none: Option<String> = None;
    assert_eq!(super::unfound(&tests(STREAM_TESTS_MAX)), none);
    assert!(refused(tests(STREAM_TESTS_MAX + 1)));
    assert_eq!(super::unfound(&leaves(WINDOW_PARTS_MAX, " AND ")), none);
    assert!(refused(leaves(WINDOW_PARTS_MAX + 1, " AND ")));
    assert_eq!(super::unfound(&leaves(WINDOW_PARTS_MAX + 1, " OR ")), none, "no window is wanted");
    let times = WINDOW_ONE_HELD_MAX / WINDOW_PARTS_MAX / WINDOW_PARTS_MAX;
    let times = u64::try_from(times).unwrap();
    assert_eq!(super::unfound(&repeated(WINDOW_PARTS_MAX, times)), none);
    assert!(refused(repeated(WINDOW_PARTS_MAX, times + 1)));
}

#[test]
fn names_too_long_for_a_machine_name_none_and_files_of_one_event_are_bounded() {
    let told = |line: Value| {
        let (mut told, mut reader) = (Told::default(), Reader::new(Form::Json));
        let line = line.to_string();
        told.fill(&reader.event(line.as_bytes()).unwrap().unwrap()).unwrap();
        told
    };
    let name = |length| "W".repeat(length);
    let machine =
        |length| sco::entity(&told(json!({"Computer": name(length), "src_ip": "10.0.0.1"})));
    assert_eq!(machine(MACHINE_BYTES_MAX).len(), MACHINE_BYTES_MAX);
    assert_eq!(machine(MACHINE_BYTES_MAX + 1), "10.0.0.1");
    let hashes = (0..EVENT_FILES_MAX + 9).map(|number| format!("{number:032x}"));
    let told = told(json!({"hashes": hashes.collect::<Vec<_>>()}));
    assert!(told.facts().len() > EVENT_FILES_MAX);
    assert_eq!(sco::graph(&told).objects().len(), EVENT_FILES_MAX);
}

/// Every text in a tree.
fn texts<'t>(tree: &'t Value, all: &mut Vec<&'t str>) {
    match tree {
        Value::String(text) => all.push(text),
        Value::Array(list) => list.iter().for_each(|each| texts(each, all)),
        Value::Object(members) => members.values().for_each(|each| texts(each, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Constants are looked for among what an event says: an object that says anything else would be
/// overlooked. Types that are asked for are looked for in the same way.
#[test]
fn objects_say_nothing_that_their_event_does_not() {
    let mut dice = Dice(0x5eed_0002);
    let mut told = Told::default();
    let mut check = |line: &str| {
        let mut reader = Reader::new(Form::Json);
        let event = reader.event(line.as_bytes()).unwrap().unwrap();
        told.fill(&event).unwrap();
        let said: BTreeSet<&str> = told.facts().iter().map(|fact| told.text(fact)).collect();
        let (graph, given) = (sco::graph(&told), sco::objects(&told));
        for object in graph.objects() {
            assert_ne!(given & sco::bit(&object.kind), 0, "{} in {line}", object.kind);
            let mut all = Vec::new();
            texts(&object.props, &mut all);
            all.iter().for_each(|text| assert!(said.contains(text), "{text} in {line}"));
        }
        graph.objects().len()
    };
    for _ in 0..500 {
        for make in [resolver, browser, starter] {
            assert!(check(&make(&mut dice).line.to_string()) > 4);
        }
    }
    for (name, unpack, least) in [
        ("windows-sysmon.json.xz", "xz", 500),
        ("zeek-dns.json.gz", "gzip", 2_000),
        ("zeek-ssl.json.gz", "gzip", 2_000),
    ] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/telemetry/");
        let out = Command::new(unpack).arg("-dc").arg(format!("{folder}{name}")).output().unwrap();
        if !out.status.success() {
            println!("{name} is not there");
            continue;
        }
        let text = String::from_utf8(out.stdout).unwrap();
        let objects: usize = text.lines().step_by(29).map(&mut check).sum();
        println!("{name}: {objects} objects");
        assert!(objects > least, "{name}: {objects}");
    }
}
