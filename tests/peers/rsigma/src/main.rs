//! Sigma rules on events, by ours and by rsigma-eval: which rule holds on which line, and how fast
//! each is. Routing is left aside, since the two know other sources: every rule is tried on every
//! event. It decides nothing about who is right.

use detect::index::Handle;
use detect::reading::{Form, Reader};
use detect::rules::{RuleScratch, Rules, Seen};
use model::facts::{Language, Rule};
use model::time::Instant;
use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use rsigma_parser::parse_sigma_yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant as Wall;

/// Line and rule.
type Held = BTreeSet<(usize, String)>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, events, every] = arguments.as_slice() else {
        return Err("usage: rsigma-peer RULES EVENTS EVERY (one event in EVERY is compared)".into());
    };
    let (mut files, every) = (Vec::new(), every.parse::<usize>()?);
    list(folder.as_ref(), &mut files)?;
    files.sort();
    let mut texts = Vec::new();
    for file in &files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        texts.push((name.to_owned(), anywhere(&std::fs::read_to_string(file)?)));
    }
    let bytes = std::fs::read(events)?;
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').step_by(every).collect();
    let (ours, theirs) = (ours(&texts, &lines), theirs(&texts, &lines)?);
    println!("{} matches by us, {} by rsigma-eval", ours.len(), theirs.len());
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    ours.difference(&theirs).for_each(|(_, rule)| rules.entry(rule).or_default().0 += 1);
    theirs.difference(&ours).for_each(|(_, rule)| rules.entry(rule).or_default().1 += 1);
    for (rule, (we, they)) in &rules {
        println!("{rule}\tonly us {we}\tonly rsigma-eval {they}");
    }
    println!("{} rules differ", rules.len());
    if rules.is_empty() { Ok(()) } else { Err("the two evaluators disagree".into()) }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

/// A rule whose source nobody knows, so that it is tried on every event, under its file's name.
fn anywhere(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("logsource:") {
            inside = true;
            out.push_str("logsource:\n    product: nowhere\n");
        } else if !(inside && (line.is_empty() || line.starts_with([' ', '#']))) {
            inside = false;
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn ours(texts: &[(String, String)], lines: &[&[u8]]) -> Held {
    let mut rules = Rules::new();
    rules.try_unrouted(true);
    for (number, (name, text)) in texts.iter().enumerate() {
        let rule = Rule { language: Language::Sigma, text: text.clone() };
        if let Err(error) = rules.insert(Handle(number as u64), &rule) {
            println!("{name}: {error}");
        }
    }
    if let Some(work) = rules.freeze() {
        rules.adopt(work.run());
    }
    let (mut scratch, mut out, mut held) = (RuleScratch::default(), Vec::new(), Held::new());
    let mut reader = Reader::new(Form::Json);
    let now = Instant::from_micros(0);
    let start = Wall::now();
    for (number, line) in lines.iter().enumerate() {
        let Ok(Some(event)) = reader.event(line) else { continue };
        let seen = Seen { now, observation: number as u64, latest: now };
        rules.event(&event, seen, &mut scratch, &mut out);
        let names = out.drain(..).filter_map(|found| texts.get(found.handle.0 as usize));
        held.extend(names.map(|(name, _)| (number, name.clone())));
    }
    told("ours", lines.len(), start);
    held
}

fn theirs(texts: &[(String, String)], lines: &[&[u8]]) -> Result<Held, Box<dyn Error>> {
    let mut engine = Engine::new();
    for (name, text) in texts {
        match parse_sigma_yaml(text) {
            Ok(collection) => {
                for mut rule in collection.rules {
                    rule.title.clone_from(name);
                    if let Err(error) = engine.add_rule(&rule) {
                        println!("rsigma-eval: {name}: {error}");
                    }
                }
            }
            Err(error) => println!("rsigma-eval: {name}: {error}"),
        }
    }
    let mut held = Held::new();
    let start = Wall::now();
    for (number, line) in lines.iter().enumerate() {
        let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        under_our_names(&mut value);
        let results = engine.evaluate(&JsonEvent::borrow(&value));
        held.extend(results.into_iter().map(|result| (number, result.header.rule_title)));
    }
    told("rsigma-eval", lines.len(), start);
    Ok(held)
}

/// Names under which other shippers carry Windows' fields, which we read by ourselves.
fn under_our_names(event: &mut serde_json::Value) {
    let names = [
        ("SourceName", "Provider_Name"),
        ("NewProcessName", "Image"),
        ("ParentProcessName", "ParentImage"),
    ];
    let Some(members) = event.as_object_mut() else { return };
    for (from, to) in names {
        if let (Some(value), false) = (members.get(from).cloned(), members.contains_key(to)) {
            members.insert(to.to_owned(), value);
        }
    }
}

fn told(who: &str, events: usize, start: Wall) {
    let seconds = start.elapsed().as_secs_f64();
    println!("{who}: {events} events in {seconds:.2} s, {:.0} a second", events as f64 / seconds);
}
