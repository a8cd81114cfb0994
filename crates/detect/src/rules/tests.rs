use super::{RuleScratch, Rules, States};
use crate::index::Handle;
use crate::reading::{Form, Reader};
use model::facts::{Language, Rule};
use model::time::Instant;
use std::path::Path;
use std::sync::Mutex;

/// Measures by hand: `SIGMA=folder EVENTS=file cargo test --release -p detect --lib look -- --ignored`.
#[test]
#[ignore = "a measurement"]
fn look() {
    let mut rules = Rules::new();
    let mut names = Vec::new();
    let mut texts = Vec::new();
    fn walk(at: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else {
                into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    walk(Path::new("/tmp/p3/data/rules"), &mut texts);
    texts.sort();
    for (name, text) in texts {
        let rule = Rule { language: Language::Sigma, text };
        if let Err(error) = rules.insert(Handle(names.len() as u64), &rule) {
            println!("{name}: {error}");
        }
        names.push(name);
    }
    println!("{} rules, {} unrouted", rules.len(), rules.unrouted());
    let began = std::time::Instant::now();
    let compiled = rules.freeze().unwrap().run();
    println!("compiled {:?}", began.elapsed());
    rules.adopt(compiled);
    let events = std::fs::read("/tmp/p3/data/sysmon.json").unwrap();
    let states = Mutex::new(States::default());
    for _ in 0..3 {
        let mut reader = Reader::new(Form::Json);
        let mut scratch = RuleScratch::default();
        let mut out = Vec::new();
        let mut count = 0_u32;
        let mut by = std::collections::BTreeMap::<u64, u32>::new();
        let began = std::time::Instant::now();
        for line in events.split(|b| *b == b'\n') {
            if let Ok(Some(event)) = reader.event(line) {
                rules.event(&event, Instant::from_micros(0), &mut scratch, &states, &mut out);
                count += 1;
            }
            for found in out.drain(..) {
                *by.entry(found.handle.0).or_default() += 1;
            }
        }
        let took = began.elapsed();
        println!("{count} events in {took:?}: {:.0}/s", f64::from(count) / took.as_secs_f64());
        println!("{} matches of {} rules", by.values().sum::<u32>(), by.len());
        for (rule, count) in &by {
            println!("  {count} {}", names[*rule as usize]);
        }
    }
}
