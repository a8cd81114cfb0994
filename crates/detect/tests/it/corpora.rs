//! Real events against values taken from them and values that only lie in them: the fast path, the
//! slow judge, and what is gathered for looking back must say the same.

use detect::index::{Handle, Index};
use detect::judge::{Verdict, judge};
use detect::live::{Scratch, match_event};
use detect::observable::{Observable, guess, normal};
use detect::past::{Gathered, ranges};
use detect::reading::Event;
use model::facts::ValueKind;
use model::time::Instant;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each corpus, and every which of its events is tried: the judge is slow.
const CORPORA: [(&str, usize); 3] =
    [("zeek-dns.json.gz", 5), ("zeek-ssl.json.gz", 5), ("windows-sysmon.json.xz", 12)];
/// Values of each kind that are taken from a corpus.
const OF_A_KIND: usize = 25;

fn unpacked(path: &Path) -> Vec<u8> {
    let by = if path.extension().is_some_and(|end| end == "xz") { "xz" } else { "gzip" };
    let told = Command::new(by).arg("-dc").arg(path).output().unwrap();
    assert!(told.status.success());
    told.stdout
}

fn corpora() -> Vec<(PathBuf, usize)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/telemetry");
    let all = CORPORA.map(|(name, every)| (folder.join(name), every));
    all.into_iter().filter(|(path, _)| path.is_file()).collect()
}

/// What a field's name makes of some values of Windows' events.
const NAMED: [(&str, ValueKind); 5] = [
    ("Image", ValueKind::FileName),
    ("TargetFilename", ValueKind::FilePath),
    ("TargetObject", ValueKind::RegistryKey),
    ("User", ValueKind::Account),
    ("SubjectUserName", ValueKind::Account),
];

fn collect(value: &Value, key: &str, out: &mut BTreeMap<ValueKind, BTreeSet<String>>) {
    match value {
        Value::String(text) => {
            let named = NAMED.iter().filter(|(name, _)| *name == key);
            let file = text.rsplit('\\').next().unwrap_or_default();
            let text_of = |kind| if kind == ValueKind::FileName { file } else { text };
            let named = named.filter_map(|(_, kind)| normal(*kind, text_of(*kind)));
            for found in guess(text).into_iter().chain(named) {
                out.entry(found.kind).or_default().insert(found.text);
            }
        }
        Value::Array(all) => all.iter().for_each(|each| collect(each, key, out)),
        Value::Object(all) => all.iter().for_each(|(key, each)| collect(each, key, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Values evenly from all that there are, with neighbours that lie in a value and are none: a letter
/// less, a letter more, the parent of a name, the network of an address.
fn indicators(all: BTreeMap<ValueKind, BTreeSet<String>>) -> Vec<(Handle, Observable)> {
    let mut chosen = BTreeSet::new();
    for (kind, values) in all {
        let every = values.len().div_ceil(OF_A_KIND).max(1);
        for text in values.iter().step_by(every) {
            let parent = text.split_once('.').map(|(_, parent)| parent.to_owned());
            let network = (kind == ValueKind::Ipv4).then(|| format!("{text}/24"));
            let less = text.chars().skip(1).collect::<String>();
            let near = [Some(text.clone()), Some(less), Some(format!("{text}x")), parent, network];
            chosen.extend(near.into_iter().flatten().filter_map(|text| normal(kind, &text)));
        }
    }
    (0..).map(Handle).zip(chosen).collect()
}

#[test]
fn real_events_match_as_the_judge_says_and_are_found_again_when_looked_back_for() {
    let corpora = corpora();
    for (path, every) in &corpora {
        let text = unpacked(path);
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').step_by(*every).collect();
        let events: Vec<(&[u8], Value)> = lines
            .iter()
            .filter_map(|line| Some((*line, serde_json::from_slice(line).ok()?)))
            .collect();
        let mut values = BTreeMap::new();
        events.iter().for_each(|(_, event)| collect(event, "", &mut values));
        let indicators = indicators(values);
        let mut index = Index::new([5; 16]);
        for (handle, value) in &indicators {
            assert!(index.insert(value, *handle), "{value:?}");
        }
        let mut gathered = Gathered::new([5; 16], Instant::from_micros(0));
        let mut unremembered = Gathered::new([5; 16], Instant::from_micros(0));
        let (mut scratch, mut found) = (Scratch::default(), BTreeSet::new());
        // Whoever gathers remembers by itself: what one knows of lines, the other may not.
        let mut gathering = Scratch::default();
        for (line, event) in &events {
            let mut out = Vec::new();
            let read = Event { raw: line, flat: None, json: Some(line), free: None };
            match_event(&index, &read, &mut scratch, None, &mut out).unwrap();
            let fast: Verdict =
                out.iter().map(|m| ((m.handle, m.field.clone()), m.parent)).collect();
            assert_eq!(fast, judge(&indicators, event), "{event}");
            out.clear();
            match_event(&index, &read, &mut gathering, Some(&mut gathered), &mut out).unwrap();
            assert_eq!(out.len(), fast.len(), "gathering changes no match: {event}");
            found.extend(out.iter().map(|found| found.handle));
            let anew = &mut Scratch::default();
            match_event(&index, &read, anew, Some(&mut unremembered), &mut out).unwrap();
        }
        // What was read a moment ago is gathered as if it were read again.
        assert!(gathered.sorted().iter().eq(unremembered.sorted().iter()));
        for (handle, value) in &indicators {
            let mut again = false;
            gathered.find(&ranges(value.kind, &value.text), &mut |_| again = true);
            assert_eq!(again, found.contains(handle), "{value:?} in {}", path.display());
        }
        assert!(found.len() > 30 && found.len() < indicators.len(), "{}", found.len());
    }
    assert!(matches!(corpora.len(), 0 | 3), "{corpora:?}");
}
