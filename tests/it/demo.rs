//! `entente demo`: the story that a newcomer sees first happens, changes with its flags, and leaves
//! nothing behind. How it looks is tried beside its code.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use world_tests::entente::binary;
use world_tests::http::Http;

/// A demo that may leave nothing behind: its folder for temporary files is watched.
struct Told {
    code: Option<i32>,
    out: String,
}

fn demo(arguments: &[&str]) -> Told {
    let folder = tempfile::tempdir().expect("a folder of its own");
    let output = Command::new(binary())
        .arg("demo")
        .args(arguments)
        .env("TMPDIR", folder.path())
        .output()
        .expect("the binary runs");
    let left: Vec<_> = folder.path().read_dir().expect("the folder").collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Told { code: output.status.code(), out }
}

fn steps(told: &Told) -> Vec<Value> {
    told.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn names(steps: &[Value]) -> Vec<&str> {
    steps.iter().filter_map(|step| step["step"].as_str()).collect()
}

#[test]
fn the_story_happens_from_publish_to_the_returned_sighting_and_cleans_up() {
    let told = demo(&["--json"]);
    let steps = steps(&told);
    assert_eq!(told.code, Some(0), "{}", told.out);
    assert_eq!(
        names(&steps),
        [
            "start",
            "circle",
            "join",
            "publish",
            "arrival",
            "withheld",
            "telemetry",
            "sighting",
            "outsider",
            "taxii",
            "end"
        ]
    );
    for step in &steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(step["node"].is_string() && step["text"].is_string(), "{step}");
    }
    for name in ["publish", "arrival", "telemetry", "sighting", "taxii"] {
        let step = steps.iter().find(|step| step["step"] == name).expect("the step");
        let ms = step["ms"].as_f64().expect("measured");
        assert!(ms > 0.0 && ms < 10_000.0, "{step}");
    }
}

#[test]
fn another_value_changes_the_story_and_the_usual_one_is_not_in_it() {
    for value in ["other.example", "203.0.113.77"] {
        let told = demo(&["--value", value]);
        assert_eq!(told.code, Some(0), "{}", told.out);
        assert!(told.out.contains(value), "{}", told.out);
        assert!(!told.out.contains("ferry-tickets.example"), "{}", told.out);
        assert!(!told.out.contains('\x1b'), "colours are for terminals");
    }
}

#[test]
fn without_telemetry_nothing_is_sighted_and_the_story_says_so() {
    let told = demo(&["--no-telemetry", "--json"]);
    let steps = steps(&told);
    assert_eq!(told.code, Some(0), "{}", told.out);
    let names = names(&steps);
    assert!(names.contains(&"no-telemetry"), "{names:?}");
    assert!(!names.contains(&"sighting") && !names.contains(&"telemetry"), "{names:?}");
    let said = steps.iter().find(|step| step["step"] == "no-telemetry").expect("the step");
    assert!(said["text"].as_str().unwrap_or_default().contains("nothing was seen"), "{said}");
}

#[test]
fn a_value_that_the_demo_cannot_play_is_refused_before_anything_starts() {
    let output = Command::new(binary()).args(["demo", "--value", "two words"]).output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("E-DEMO-001") && said.contains("Hint: "), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn with_stay_the_shown_curl_command_works_until_the_demo_is_stopped() {
    let folder = tempfile::tempdir().expect("a folder of its own");
    let mut child = Command::new(binary())
        .args(["demo", "--stay", "--json"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut curl = String::new();
    for line in lines.by_ref() {
        let step: Value = serde_json::from_str(&line.expect("text")).expect("a line of JSON");
        assert_eq!(step["ok"], true, "{step}");
        if step["step"] == "taxii" {
            let shown = step["lines"].as_array().into_iter().flatten();
            curl = shown.filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
        }
        if step["step"] == "stay" {
            break;
        }
    }
    let (_, rest) = curl.split_once("Bearer ").expect("a token");
    let (token, rest) = rest.split_once('\'').expect("its end");
    let (_, url) = rest.split_once("http://").expect("an address");
    let (host, path) = url.split_once('/').expect("a path");
    let accept = [("Accept", "application/taxii+json;version=2.1")];
    let reply = Http::with(host, token).send("GET", &format!("/{}", path.trim()), &accept, b"");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["objects"].as_array().map(Vec::len), Some(5), "{}", reply.text());
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    assert!(lines.next().is_none(), "nothing more is told to programs");
    assert_eq!(child.wait().expect("its end").code(), Some(0));
    let kept = folder.path().read_dir().expect("the folder").count();
    assert_eq!(kept, 1, "with --stay the data stays");
    assert!(Http::new(host).try_send("GET", "/health/live", &[], b"").is_err(), "it still runs");
}
