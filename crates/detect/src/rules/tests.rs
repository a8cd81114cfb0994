//! Rules against published rules, real events and the judge. No timing is measured here.

use super::{RuleScratch, Rules, Seen};
use crate::index::Handle;
use crate::reading::{Form, Reader};
use crate::sigma::logsource::{Source, TELLING, sources};
use crate::sigma::{SigmaRule, judge, read};
use model::facts::{Language, Rule};
use model::time::Instant;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const SEEN: Seen =
    Seen { now: Instant::from_micros(0), observation: 0, latest: Instant::from_micros(i64::MAX) };

fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    path.is_file().then_some(path)
}

/// The rules of SigmaHQ, by the names of their files.
fn published() -> Option<Vec<(String, String)>> {
    let packed = data("sigma/sigmahq-rules.tar.xz")?;
    let list = Command::new("tar").arg("-tJf").arg(&packed).output().unwrap();
    let names = String::from_utf8(list.stdout).unwrap();
    let names: Vec<&str> = names.lines().filter(|name| name.ends_with(".yml")).collect();
    let sizes = Command::new("tar").args(["-xJOf"]).arg(&packed).args(&names).output().unwrap();
    assert!(sizes.status.success());
    let text = String::from_utf8(sizes.stdout).unwrap();
    // The files come one behind the other, and each begins with its title.
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices("\ntitle: ").map(|(at, _)| at + 1))
        .chain([text.len()])
        .collect();
    let texts: Vec<String> =
        starts.windows(2).map(|pair| text.get(pair[0]..pair[1]).unwrap().to_owned()).collect();
    assert_eq!(texts.len(), names.len());
    Some(names.into_iter().map(str::to_owned).zip(texts).collect())
}

fn windows() -> Option<Vec<u8>> {
    let packed = data("telemetry/windows-sysmon.json.xz")?;
    Some(Command::new("xz").arg("-dc").arg(packed).output().unwrap().stdout)
}

fn sigma(text: &str) -> Rule {
    Rule { language: Language::Sigma, text: text.to_owned() }
}

fn found(rules: &Rules, line: &[u8], scratch: &mut RuleScratch) -> BTreeSet<u64> {
    let mut out = Vec::new();
    let mut reader = Reader::new(Form::Json);
    let event = reader.event(line).unwrap().unwrap();
    rules.event(&event, SEEN, scratch, &mut out);
    out.iter().map(|found| found.handle.0).collect()
}

/// What the judge finds: no numbers of fields, no buckets, no witnesses.
fn judged(rules: &[(u64, SigmaRule)], event: &Map<String, Value>) -> BTreeSet<u64> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let mut named = Vec::new();
    let mut all = Vec::new();
    for (key, value) in event {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values.iter().filter_map(text) {
            let alias = match key.as_str() {
                "SourceName" => Some("Provider_Name"),
                "NewProcessName" => Some("Image"),
                "ParentProcessName" => Some("ParentImage"),
                _ => None,
            };
            named.extend(alias.map(|alias| (alias.to_owned(), value.clone())));
            named.push((key.clone(), value.clone()));
            all.push(value);
        }
    }
    let mut from: Vec<Source> = Vec::new();
    let telling = |place: usize| {
        named.iter().find(|(name, _)| name == TELLING[place]).map(|(_, value)| value.as_str())
    };
    sources(telling, &mut |source| from.push(source));
    let wanted = rules.iter().filter(|(_, rule)| {
        from.iter().any(|source| rule.source.takes(source))
            && judge::holds(&rule.test, &named, &all)
    });
    wanted.map(|(handle, _)| *handle).collect()
}

#[test]
fn all_published_rules_are_read_or_named_with_their_reason() {
    let Some(published) = published() else { return };
    let mut rules = Rules::new();
    let mut refused = Vec::new();
    for (number, (name, text)) in published.iter().enumerate() {
        if let Err(error) = rules.insert(Handle(number as u64), &sigma(text)) {
            refused.push(format!("{name}: {error}"));
        }
    }
    println!("{} rules, {} unrouted, refused: {refused:#?}", rules.len(), rules.unrouted());
    assert!(rules.len() >= 3_141 && refused.is_empty(), "{refused:#?}");
    assert_eq!(rules.skipped(), 0);
    assert!(rules.unrouted() < 60, "{}", rules.unrouted());
}

/// The thinned-out stream keeps debug builds fast; the odd step meets every kind of event.
#[test]
fn compiled_rules_find_what_the_judge_finds() {
    let (Some(published), Some(events)) = (published(), windows()) else { return };
    let mut rules = Rules::new();
    let mut trees = Vec::new();
    for (number, (_, text)) in published.iter().enumerate() {
        rules.insert(Handle(number as u64), &sigma(text)).unwrap();
        trees.push((number as u64, read(text).unwrap()));
    }
    let compiled = rules.freeze().unwrap().run();
    assert!(rules.adopt(compiled) && !rules.is_stale());
    let mut scratch = RuleScratch::default();
    let (mut seen, mut matches) = (0, 0);
    let mut hot = BTreeSet::new();
    for (number, line) in events.split(|b| *b == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let ours = found(&rules, line, &mut scratch);
        if ours.is_empty() && number % 97 != 0 || !ours.is_subset(&hot) && hot.len() > 500 {
            continue;
        }
        hot.extend(ours.iter().copied());
        let event: Map<String, Value> = serde_json::from_slice(line).unwrap();
        assert_eq!(ours, judged(&trees, &event), "{}", String::from_utf8_lossy(line));
        seen += 1;
        matches += ours.len();
    }
    println!("{seen} events judged, {matches} matches of {} rules", hot.len());
    assert!(seen > 400 && matches > 200 && hot.len() > 20);
}

const ENCODED: &str = "title: encoded\nlogsource:\n  product: windows\n  category: \
    process_creation\ndetection:\n  s:\n    Image|endswith: '\\powershell.exe'\n    \
    CommandLine|contains|windash: ' -enc '\n  f:\n    User: SYSTEM\n  condition: s and not f\n";

fn event(extra: &str) -> String {
    format!(
        r#"{{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Win\\PowerShell.exe",
        "CommandLine":"powershell /EnC aGk="{extra}}}"#
    )
    .replace('\n', "")
}

#[test]
fn a_rule_is_live_at_once_and_gone_at_once_compiled_or_not() {
    let mut rules = Rules::new();
    let mut scratch = RuleScratch::default();
    rules.insert(Handle(7), &sigma(ENCODED)).unwrap();
    let mut asked = |rules: &Rules, line: &str| found(rules, line.as_bytes(), &mut scratch);
    assert_eq!(asked(&rules, &event("")), BTreeSet::from([7]), "before it is compiled");
    let compiled = rules.freeze().unwrap().run();
    rules.insert(Handle(8), &sigma(ENCODED)).unwrap();
    rules.adopt(compiled);
    assert_eq!(asked(&rules, &event("")), BTreeSet::from([7, 8]), "one of them compiled");
    assert_eq!(asked(&rules, &event(r#","User":"system""#)), BTreeSet::new(), "its filter");
    rules.remove(Handle(7));
    assert_eq!(asked(&rules, &event("")), BTreeSet::from([8]));
    rules.take_back(&HashSet::from([Handle(8)]));
    assert_eq!(asked(&rules, &event("")), BTreeSet::new());
    assert!(rules.is_empty());
}

#[test]
fn a_rule_is_routed_to_its_logsource_alone() {
    let mut rules = Rules::new();
    let mut scratch = RuleScratch::default();
    rules.insert(Handle(1), &sigma(ENCODED)).unwrap();
    let other = event("").replace("\"EventID\":1", "\"EventID\":3");
    assert!(found(&rules, other.as_bytes(), &mut scratch).is_empty(), "a connection");
    let foreign = event("").replace("Microsoft-Windows-Sysmon", "Contoso");
    assert!(found(&rules, foreign.as_bytes(), &mut scratch).is_empty(), "another channel");
    let shipped = r#"{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":"1",
        "event_data":{"Image":"C:\\powershell.exe","CommandLine":"x -enc y"}}}"#
        .replace('\n', "");
    assert_eq!(found(&rules, shipped.as_bytes(), &mut scratch).len(), 1, "by Winlogbeat");
    let unknown = ENCODED.replace("windows", "velocity");
    rules.insert(Handle(2), &sigma(&unknown)).unwrap();
    assert_eq!((rules.unrouted(), rules.skipped()), (1, 0));
    rules.try_unrouted(true);
    rules.insert(Handle(3), &sigma(&unknown)).unwrap();
    assert_eq!(found(&rules, event("").as_bytes(), &mut scratch), BTreeSet::from([1, 3]));
}

#[test]
fn a_match_shows_the_field_that_proved_it() {
    let mut rules = Rules::new();
    rules.insert(Handle(1), &sigma(ENCODED)).unwrap();
    let (mut out, text) = (Vec::new(), event(""));
    let mut reader = Reader::new(Form::Json);
    let event = reader.event(text.as_bytes()).unwrap().unwrap();
    rules.event(&event, SEEN, &mut RuleScratch::default(), &mut out);
    assert_eq!((out[0].field.as_str(), out[0].value.as_str()), ("Image", r"C:\Win\PowerShell.exe"));
}

#[test]
fn what_cannot_be_read_is_counted() {
    let mut rules = Rules::new();
    let error = rules.insert(Handle(1), &sigma("title: x\n")).unwrap_err();
    assert!(error.to_string().contains("E-SIGMA-003"), "{error}");
    assert_eq!((rules.skipped(), rules.len()), (1, 0));
}

const WORDS: &str = "title: words\nlogsource:\n  product: windows\ndetection:\n  k:\n    - 'miKatz'\n    \
    - 'kit\\drop now'\n  f:\n    EventID: 15\n  condition: k and not f\n";

#[test]
fn a_keyword_is_found_behind_escapes_and_in_letters_whose_lower_case_is_plain() {
    let mut rules = Rules::new();
    let mut scratch = RuleScratch::default();
    rules.insert(Handle(1), &sigma(WORDS)).unwrap();
    let cases = [
        (r#""Message":"run MIMIKATZ now""#, true),
        (r#""Message":"mim\u0069\u004Batz""#, true),
        ("\"Message\":\"mimi\u{212a}atz\"", true),
        (r#""Message":"C:\\Kit\\DROP now""#, true),
        (r#""Message":"C:\\kit\\drop\u0020now""#, true),
        (r#""Message":["a",{"b":"amikatzb"}]"#, true),
        (r#""mikatz":"as a key""#, false),
        (r#""Message":"mi","Other":"katz""#, false),
        (r#""Message":"mikatz","EventID":15"#, false),
    ];
    for compiled in [false, true] {
        for (part, holds) in cases {
            let line = format!("{{\"Channel\":\"Security\",{part}}}");
            let found = found(&rules, line.as_bytes(), &mut scratch);
            assert_eq!(!found.is_empty(), holds, "{line}, compiled: {compiled}");
        }
        if !compiled {
            let work = rules.freeze().unwrap().run();
            assert!(rules.adopt(work) && !rules.is_stale(), "keywords are witnesses");
        }
    }
}

#[test]
fn truth_in_json_is_a_field() {
    let mut rules = Rules::new();
    let mut scratch = RuleScratch::default();
    let rule = ENCODED.replace("User: SYSTEM", "Signed: true\n    Missing: null");
    rules.insert(Handle(1), &sigma(&rule)).unwrap();
    let mut holds = |extra: &str| found(&rules, event(extra).as_bytes(), &mut scratch).len();
    assert_eq!(holds(r#","Signed":false"#), 1);
    assert_eq!(holds(r#","Signed":true"#), 0, "the filter");
    assert_eq!(holds(r#","Signed":"True""#), 0, "the same as a text");
    assert_eq!(holds(r#","Signed":true,"Missing":false"#), 1, "false is there");
}
