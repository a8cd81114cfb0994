//! Two pairs of real nodes that differ only in what a partner and a reader may not have, their
//! connections written down before TLS: nothing withheld is in any byte of them, however it is
//! spelt or packed, and what the partner and the reader are told is the same.
//!
//! The binary is one of its own, built with the feature `tap`; the one that ships has no such flag.

mod search;
mod stream;

use crate::twins::search::found;
use crate::twins::stream::{Told, told};
use std::collections::{BTreeMap, BTreeSet};
use world_tests::clock::until;
use world_tests::entente::{Running, number, run, word};
use world_tests::http::Http;
use world_tests::stix::{CLEAR, GREEN, RED, envelope, indicator_id, marked};
use world_tests::turn;

/// Records that everybody may have.
const PUBLIC: u64 = 5;
const OPEN: u32 = 7;
/// The series of what is withheld: it is in each of its ids.
const HIDDEN: u32 = 0x5ec2_e700;
/// Part of each value that is withheld, and long enough to be nothing else.
const CANARY: &str = "canary-vault";
const TAXII: &str = "application/taxii+json;version=2.1";
/// Longer than any test.
const NEXT_YEARS: &str = "2036-01-01T00:00:00Z";

/// One pair: a node, its partner, and a token that reads one circle, RED excepted.
struct Pair {
    alpha: Running,
    beta: Running,
    reader: String,
    /// What any two nodes have of their own, and what is written in its place.
    masks: Vec<(String, &'static str)>,
}

impl Pair {
    fn new(secret: bool) -> Self {
        let (alpha, beta) = (Running::tapped("CERT Alpha"), Running::tapped("CERT Beta"));
        let mut masks = Vec::new();
        for (node, names) in [(&alpha, ["ALPHA", "A-HTTP"]), (&beta, ["BETA", "B-HTTP"])] {
            masks.push((word(&node.born, "node"), names[0]));
            masks.push((node.http.clone(), names[1]));
            masks.push((node.link.clone(), "LINK"));
        }
        for (circle, mask) in [("ring", "RING"), ("vault", "VAULT")] {
            masks.push((alpha.circle(circle, "green"), mask));
        }
        let reader = alpha.token("reader", &["--circle", "ring", "--read"]);
        let mut pair = Self { alpha, beta, reader, masks };
        pair.alpha.link_with(&pair.beta, &["ring"]);
        pair.fill(secret);
        pair
    }

    fn own(&self, mask: &str) -> &str {
        let found = self.masks.iter().find(|(_, known)| *known == mask);
        &found.expect("a name of its own").0
    }

    /// Public records one by one, each at the partner before the next; between them, in one of the
    /// twins, what is withheld comes, changes and goes.
    fn fill(&mut self, secret: bool) {
        let [ring, vault] = ["RING", "VAULT"].map(|mask| Running::objects(self.own(mask)));
        let every = ["--circle", "ring", "--circle", "vault", "--read", "--write", "--red"];
        let mut writer = Http::with(&self.alpha.http, &self.alpha.token("writer", &every));
        let mut reader = Http::with(&self.alpha.http, &self.reader);
        let mut post = |path: &str, object: String| {
            let reply = writer.post(path, TAXII, envelope(&[object]));
            assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
        };
        for n in 1..=PUBLIC {
            if secret {
                let other = format!("{CANARY}{n}.example");
                post(&ring, marked(HIDDEN, n, &other, Some(RED)));
                post(&vault, marked(OPEN, n, &other, Some(CLEAR)));
                post(&vault, marked(HIDDEN, 100 + n, &other, Some(GREEN)));
                let late = marked(HIDDEN, 200 + n, &other, Some(GREEN));
                let file = self.alpha.file("late.json", late);
                self.alpha.ok(&["publish", &file, "--circle", "ring", "--until", NEXT_YEARS]);
            }
            post(&ring, marked(OPEN, n, &format!("n{n}.example"), Some(GREEN)));
            self.comes(&indicator_id(OPEN, n));
            if secret {
                // Words about what was never given, and a new label for it, tell nothing either.
                self.alpha.ok(&["relabel", &indicator_id(HIDDEN, 100 + n), "--tlp", "amber"]);
                self.alpha.ok(&["recall", &indicator_id(HIDDEN, n), "--reason", CANARY]);
            }
            self.read(&mut reader, n);
        }
        self.alpha.ok(&["recall", &indicator_id(OPEN, 1), "--reason", "wrong"]);
        self.goes(&indicator_id(OPEN, 1));
        self.receipted();
        self.read(&mut reader, PUBLIC);
    }

    /// What a tool of the circle asks.
    fn read(&self, reader: &mut Http, n: u64) {
        let ring = Running::objects(self.own("RING"));
        let manifest = ring.replace("/objects/", "/manifest/");
        // Nothing that is withheld is asked for by its name: the question would name it.
        let open = indicator_id(OPEN, n);
        for path in [
            "/taxii2/".to_owned(),
            "/taxii2/root/collections/".to_owned(),
            ring.clone(),
            format!("{ring}?limit=2"),
            format!("{ring}{open}/"),
            manifest,
            format!("/api/v1/objects/{open}"),
            "/api/v1/search?q=example".to_owned(),
        ] {
            drop(reader.send("GET", &path, &[("Accept", TAXII)], b""));
        }
    }

    fn comes(&self, id: &str) {
        until("it is there", 30, || (self.beta.cli(&["show", id]).code == 0).then_some(()));
    }

    fn goes(&self, id: &str) {
        until("it is gone", 30, || (self.beta.cli(&["show", id]).code != 0).then_some(()));
    }

    fn receipted(&self) {
        until("all is receipted", 30, || {
            let partners = self.alpha.json(&["partner", "list"]);
            (number(&partners[0], "lag_records") == 0).then_some(())
        });
    }

    /// What the partner and the reader were told, and by what connections: the files of the tap.
    fn end(mut self) -> (BTreeMap<String, Vec<u8>>, Told) {
        assert_eq!(self.beta.stop(), Some(0));
        assert_eq!(self.alpha.stop(), Some(0));
        let mut taps = self.alpha.taps();
        taps.retain(|name, bytes| !name.starts_with("http") || !bytes.is_empty());
        // Tools that may have what is withheld say and are told it: only the reader's count.
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let readers: Vec<String> = taps
            .iter()
            .filter(|(_, bytes)| text(bytes).contains(&self.reader))
            .filter_map(|(name, _)| name.strip_suffix(".in").map(str::to_owned))
            .collect();
        taps.retain(|name, _| {
            let connection = name.rsplit_once('.').map_or("", |(connection, _)| connection);
            !name.starts_with("http") || readers.iter().any(|reader| reader == connection)
        });
        assert!(!readers.is_empty(), "the reader was tapped");
        // Whatever the partner itself ever received or sent on any of its links is looked at too.
        for (name, bytes) in self.beta.taps() {
            if !name.starts_with("http") {
                taps.insert(format!("beta-{name}"), bytes);
            }
        }
        let told = told(&taps, &self.masks);
        (taps, told)
    }
}

#[test]
fn nothing_that_is_withheld_is_in_any_byte_that_leaves() {
    let _turn = turn::shared();
    let (plain, secret) = (Pair::new(false), Pair::new(true));
    // Answers that are alike prove nothing when nothing is there.
    let vaulted = indicator_id(HIDDEN, 101);
    assert_eq!(secret.alpha.cli(&["show", &vaulted]).code, 0, "one of the twins has more");
    let ((taps, beside), (_, alone)) = (secret.end(), plain.end());
    for (name, bytes) in &taps {
        let hits = found(bytes, &[CANARY.as_bytes(), format!("{HIDDEN:08x}").as_bytes()]);
        assert!(hits.is_empty(), "{name}: {hits:?}");
    }
    // The search is worth something: what is public is found in what was packed.
    let public = taps.iter().filter(|(_, bytes)| !found(bytes, &[b"n2.example"]).is_empty());
    let names: Vec<&String> = public.map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.contains("link")), "{names:?}");
    assert!(names.iter().any(|name| name.contains("http")), "{names:?}");
    assert!(alone.entries.len() > 5 && alone.answers.len() > 8, "{alone:?}");
    let differ = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.symmetric_difference(other).cloned().collect()
    };
    let none: [String; 0] = [];
    assert_eq!(differ(&alone.entries, &beside.entries), none, "what the partner was sent");
    assert_eq!(differ(&alone.words, &beside.words), none, "what else was said on the link");
    for (one, other) in alone.answers.iter().zip(&beside.answers) {
        assert_eq!(one, other, "what the reader was told");
    }
    assert_eq!(alone.answers.len(), beside.answers.len());
}

#[test]
fn the_binary_that_ships_has_no_tap() {
    let ran = run(&["serve", "--tap", "/tmp/tap"]);
    assert!(ran.code == 2 && ran.err.contains("--tap"), "{}: {}", ran.code, ran.err);
}
