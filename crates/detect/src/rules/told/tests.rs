//! What is taken of events that somebody made large.

use super::{Told, What};
use crate::reading::{Form, Reader};
use model::limits::{EVENT_BYTES_MAX, RULE_VALUES_MAX};

fn told(line: &str) -> Told {
    let mut reader = Reader::new(Form::Json);
    let event = reader.event(line.as_bytes()).unwrap().unwrap();
    let mut told = Told::default();
    told.fill(&event).unwrap();
    told
}

#[test]
fn halves_of_urls_are_bounded() {
    let halves = [r#"{"url":"x"}"#; 80_000].join(",");
    let line = format!(r#"{{"a":[{halves}]}}"#);
    assert!(line.len() <= EVENT_BYTES_MAX);
    let told = told(&line);
    assert!(told.facts().len() < RULE_VALUES_MAX, "they are bounded by themselves");
    assert_eq!(told.halves.len(), RULE_VALUES_MAX);
}

#[test]
fn a_path_joins_the_first_host_of_its_own_object() {
    let told = told(
        r#"{"a":[{"uri":"/1","host":"one.example","host":"two.example"},{"uri":"/2"},
        {"host":"three.example","url":"/3"},{"host":"four.example","uri":"/4"}]}"#,
    );
    let urls = told.facts().iter().filter(|fact| fact.what == What::Url);
    let urls: Vec<&str> = urls.map(|fact| told.text(fact)).collect();
    assert_eq!(urls, ["http://one.example/1", "http://four.example/4"]);
}
