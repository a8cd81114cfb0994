//! A byte changes on the disk: `verify` names the file, or nothing that anyone can ask has changed. A
//! view comes back from the log, while the node runs and while it does not.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use world_tests::clock::{millis, now, pause, percentile, until};
use world_tests::data::say;
use world_tests::entente::{Running, run, word};
use world_tests::http::Http;
use world_tests::python::{self, text};
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

/// Flipped bytes in each file, one at a time.
const FLIPS: u64 = 100;
const TAXII: &str = "application/taxii+json;version=2.1";

/// A fixed series of numbers that look drawn.
fn draw(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

fn publish(node: &Running, series: u32, numbers: std::ops::Range<u64>) {
    let objects: Vec<String> =
        numbers.map(|n| indicator(series, n, &format!("{n}.damage.example"))).collect();
    let file = node.file("objects.json", envelope(&objects));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

/// A node with everything in its store: records, a partner, receipts, a recall, tokens.
fn lived() -> Running {
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let circle = alpha.circle("ring", "green");
    let reader = alpha.token("reader", &["--circle", "ring", "--read", "--write"]);
    publish(&alpha, 31, 0..600);
    alpha.link_with(&beta, &["ring"]);
    until("the partner has it all", 60, || {
        let partners = alpha.json(&["partner", "list"]);
        (partners.pointer("/0/lag_records") == Some(&Value::from(0))).then_some(())
    });
    alpha.ok(&["recall", &indicator_id(31, 3), "--reason", "a mistake"]);
    let mut client = Http::with(&alpha.http, &reader);
    assert_eq!(client.get(&Running::objects(&circle)).status, 200);
    alpha
}

/// Every file of a folder, with its path in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copied(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(status.expect("cp runs").success());
}

/// What a file means, as far as it can be asked without `verify`.
fn meaning(folder: &Path, file: &Path) -> String {
    match file.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
        "store.db" | "store.db-wal" => {
            let told = python::run("dump_store.py", &[text(&folder.join("store.db"))]);
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
            String::from_utf8_lossy(&told.stdout).into_owned()
        }
        "entente.toml" => {
            let ran = run(&["config", "show", "--json", "--data", text(folder)]);
            format!("{} {}", ran.code, ran.out)
        }
        // A key is the same in capitals.
        "node.key" => std::fs::read_to_string(file).unwrap_or_default().trim().to_lowercase(),
        // Made anew at each start, and of no meaning while no node runs.
        "store.db-shm" | "addresses.json" | "lock" => String::new(),
        _ => String::from_utf8_lossy(&std::fs::read(file).expect("the file")).trim().to_owned(),
    }
}

/// What became of the flips in one file.
#[derive(Default)]
struct Tally {
    found: u64,
    records: u64,
    unchanged: u64,
    mended: u64,
}

/// Bytes of a write-ahead log that are in use; all of any other file.
fn in_use(bytes: &[u8], name: &str) -> usize {
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    if name.ends_with("-wal") { bytes.len() - zeros } else { bytes.len() }
}

/// Flips bytes of one file, one at a time, and asks `verify` each time.
fn flip_all(folder: &Path, file: &Path, mend: bool) -> Tally {
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let kept = std::fs::read(file).expect("the file");
    let before = meaning(folder, file);
    let mut tally = Tally::default();
    let room = in_use(&kept, name);
    for number in 0..if room == 0 { 0 } else { FLIPS } {
        let mut bytes = kept.clone();
        let at = usize::try_from(draw(number)).unwrap_or(0) % room;
        bytes[at] ^= 1 << (draw(number + 7_000) % 8);
        std::fs::write(file, &bytes).expect("the flip");
        let ran = run(&["verify", text(folder), "--json"]);
        let told = format!("{name}, byte {at}: {} {}", ran.out, ran.err);
        match ran.code {
            0 => {
                assert_eq!(meaning(folder, file), before, "not found: {told}");
                tally.unchanged += 1;
            }
            1 => {
                let report = ran.json();
                let problems = report["problems"].as_array().expect("problems").clone();
                let of_file = |p: &&Value| p["file"].as_str().is_some_and(|f| f.ends_with(name));
                assert!(problems.iter().any(|p| of_file(&p)), "another file is named: {told}");
                tally.found += 1;
                tally.records += u64::from(problems.iter().any(|p| p["seq"].is_number()));
                let views = problems.iter().all(|p| p["view"].is_string());
                if mend && views && tally.mended < 8 {
                    mended(folder, &told);
                    tally.mended += 1;
                }
            }
            _ => panic!("verify failed: {told}"),
        }
        std::fs::write(file, &kept).expect("as it was");
    }
    tally
}

/// In a copy, a rebuild mends what is damaged in a view.
fn mended(folder: &Path, told: &str) {
    let beside = tempfile::tempdir().expect("a folder");
    let copy = beside.path().join("data");
    copied(folder, &copy);
    let ran = run(&["rebuild", "--data", text(&copy)]);
    assert_eq!(ran.code, 0, "{told}: {}{}", ran.out, ran.err);
    let ran = run(&["verify", text(&copy)]);
    assert_eq!(ran.code, 0, "{told}: rebuilt, and still {}", ran.out);
}

#[test]
fn every_flipped_byte_is_found_or_changes_nothing() {
    let _turn = turn::shared();
    let mut node = lived();
    let killed = node.beside("killed");
    node.kill();
    copied(&node.data(), &killed);
    node.serve();
    assert_eq!(node.stop(), Some(0));
    let stopped = node.beside("stopped");
    copied(&node.data(), &stopped);
    for folder in [&killed, &stopped] {
        let ran = run(&["verify", text(folder)]);
        assert_eq!(ran.code, 0, "before: {}{}", ran.out, ran.err);
    }
    for (folder, wal) in [(&stopped, false), (&killed, true)] {
        for file in files(folder) {
            let name = file.strip_prefix(folder).expect("within").display().to_string();
            // What a kill leaves behind is the write-ahead log; the rest is asked once.
            if wal != (name == "store.db-wal") && !(wal && name.ends_with("addresses.json")) {
                continue;
            }
            let tally = flip_all(folder, &file, !wal);
            let Tally { found, records, unchanged, mended } = tally;
            say(&format!(
                "damage: {name}: {found} found ({records} with the entry named, {mended} of those \
                 in views mended), {unchanged} changed nothing"
            ));
            let secret = ["node.key", "node.name", "admin.token", "run/link.port"];
            let whole = secret.contains(&name.as_str());
            assert!(!whole || found > 3 * unchanged, "{name}: too few were found");
            assert!(name != "store.db-wal" || found > 3 * unchanged, "{name}: too few were found");
        }
    }
}

/// Everything that a search and a collection show.
fn shown(node: &Running, circle: &str, token: &str) -> Vec<String> {
    let mut client = Http::with(&node.http, token);
    let page = client.get(&format!("{}?limit=5", Running::objects(circle))).text();
    let words = node.json(&["search", "number"]).to_string();
    vec![page, words, node.ok(&["show", &indicator_id(32, 17)])]
}

/// Posts single objects until told to stop; gives the milliseconds that each took.
fn post_on(node: &str, token: &str, objects: &str, stop: &AtomicBool) -> Vec<f64> {
    let mut client = Http::with(node, token);
    let mut took = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Acquire) {
        let body = envelope(&[indicator(33, number, &format!("{number}.beside.example"))]);
        let began = now();
        let reply = client.send("POST", objects, &[("Content-Type", TAXII)], body.as_bytes());
        assert_eq!(reply.status, 202, "{}", reply.text());
        took.push(millis(began));
        number += 1;
    }
    took
}

#[test]
fn views_are_rebuilt_while_the_node_is_written_to() {
    let _turn = turn::alone();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let objects = Running::objects(&circle);
    let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
    publish(&node, 32, 0..6_000);
    let before = shown(&node, &circle, &token);
    let stop = AtomicBool::new(false);
    let took = thread::scope(|scope| {
        let writer = scope.spawn(|| post_on(&node.http, &token, &objects, &stop));
        let made = node.json(&["rebuild"]);
        assert!(made.as_array().is_some_and(|all| all.len() >= 6), "{made}");
        stop.store(true, Ordering::Release);
        writer.join().expect("the writer")
    });
    assert_eq!(shown(&node, &circle, &token)[2], before[2]);
    assert_eq!(shown(&node, &circle, &token)[0], before[0]);
    let (half, most) = (percentile(&took, 500), percentile(&took, 990));
    let count = took.len();
    say(&format!(
        "damage: beside a rebuild of all views {count} objects were written one by one, \
         p50 {half:.1} ms, p99 {most:.1} ms"
    ));
    assert!(count > 20 && most < 1_000.0, "a rebuild held the writer up");
    let clean = |node: &Running| {
        let ran = node.cli(&["verify", text(&node.data())]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    };
    clean(&node);
    let mut cut = 0;
    for cycle in 0..6 {
        let rebuilt = thread::scope(|scope| {
            let asked = scope.spawn(|| node.cli(&["rebuild"]).code);
            pause(Duration::from_millis(40 + draw(cycle) % 700));
            let pid = node.pid().expect("it runs").to_string();
            let killed = std::process::Command::new("kill").args(["-9", &pid]).status();
            assert!(killed.expect("kill runs").success());
            asked.join().expect("the rebuild")
        });
        cut += u64::from(rebuilt != 0);
        node.kill();
        node.serve();
        clean(&node);
        assert_eq!(shown(&node, &circle, &token)[2], before[2], "cycle {cycle}");
    }
    say(&format!("damage: 6 power cuts during a rebuild, {cut} of them before its end"));
    assert!(cut > 0, "no power cut met a rebuild");
    node.ok(&["rebuild", "text"]);
    clean(&node);
    assert_eq!(node.cli(&["rebuild", "nothing"]).code, 2);
    assert!(!word(&node.born, "node").is_empty());
}
