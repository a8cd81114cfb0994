//! Plain lists: an empty node fills by itself, an unchanged list costs nothing, a changed one brings
//! what is new; and what nobody should add is refused with a hint.

use super::world::{code, counts, entries, first_pull, pull, source};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use world_tests::clock::until;
use world_tests::entente::Running;
use world_tests::http::Http;
use world_tests::scripted::{Reply, Request, Server};
use world_tests::stix::{envelope, indicator};
use world_tests::turn;

/// A list that can be changed while it is served, with its ETag.
#[derive(Clone, Default)]
struct Listed(Arc<Mutex<(String, u32)>>);

impl Listed {
    fn set(&self, text: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (text.to_owned(), held.1 + 1);
    }

    fn answer(&self, request: &Request) -> Reply {
        let (text, version) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let etag = format!("\"v{version}\"");
        if request.header("if-none-match") == Some(&etag) {
            return Reply::status(304);
        }
        Reply::ok(text).with("ETag", etag).with("Content-Type", "text/plain")
    }
}

fn domains(from: u64, to: u64) -> String {
    let mut text = "# somebody's list\ntype,value,name\n".to_owned();
    (from..to).for_each(|n| text += &["domain,", &n.to_string(), ".list.example,x\n"].concat());
    text
}

#[test]
fn an_empty_node_fills_by_itself_and_an_unchanged_list_is_no_work() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let listed = Listed::default();
    listed.set(&domains(0, 3_500));
    let serving = listed.clone();
    let server = Server::start(move |request| serving.answer(request));
    node.ok(&[
        "source",
        "add",
        "daily",
        "list",
        &server.url("/list.csv"),
        "--circle",
        "ring",
        "--tlp",
        "clear",
    ]);
    let first = first_pull(&node, "daily");
    assert_eq!((code(&first), counts(&first)), (String::new(), [3_500, 0, 0]), "{first}");
    assert_eq!(first["state"], "waiting");
    assert_eq!(entries(&node, &circle).len(), 3_500);
    let found = node.json(&["search", "17.list.example"]);
    assert!(found.to_string().to_lowercase().contains("clear"), "the default label: {found}");
    let matched = {
        let lines = node.file("events.json", "{\"query\":\"3499.list.example\"}\n");
        node.cli(&["watch", &lines, "--json"])
    };
    assert_eq!(matched.code, 1, "{}{}", matched.out, matched.err);
    let again = pull(&node, "daily");
    assert_eq!(counts(&again), [3_500, 0, 0], "304 is no work");
    assert!(server.seen().last().is_some_and(|r| r.header("if-none-match") == Some("\"v1\"")));
    listed.set(&domains(100, 3_600));
    let changed = pull(&node, "daily");
    assert_eq!(counts(&changed), [3_600, 3_400, 0], "only what is new");
    let indicators = || {
        let all = entries(&node, &circle);
        all.keys().filter(|(id, _)| id.starts_with("indicator--")).count()
    };
    assert_eq!(indicators(), 3_600);
    node.ok(&["source", "remove", "daily"]);
    assert_eq!(node.json(&["source", "list"]).as_array().map(Vec::len), Some(0));
    assert_eq!(indicators(), 3_600, "what it brought stays");
    node.ok(&["source", "add", "daily 2", "list", &server.url("/list.csv"), "--circle", "ring"]);
    let anew = first_pull(&node, "daily 2");
    assert_eq!(counts(&anew), [0, 3_500, 0], "added again, it brings nothing twice");
}

#[test]
fn what_a_url_leads_to_is_told_by_its_content() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    let objects: Vec<String> =
        (0..1_200).map(|n| indicator(3, n, &format!("{n}.b.example"))).collect();
    let bundle = format!(
        r#"{{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[{}]}}"#,
        objects.join(",")
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, domains(5_000, 5_010).as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    let many = envelope(&objects);
    let server = Server::start(move |request| match request.path.as_str() {
        "/bundle" => Reply::ok(bundle.clone()),
        "/envelope" => Reply::ok(many.clone()),
        "/packed" => Reply::ok(packed.clone()).with("Content-Encoding", "gzip"),
        "/list.gz" => Reply::ok(packed.clone()).with("Content-Type", "application/gzip"),
        "/page" => Reply::ok("<!DOCTYPE html><p>sorry"),
        "/broken" => Reply::ok(&b"{\"type\":\"bundle\",\"objects\":[{\"type\""[..]),
        "/moved" => Reply::status(302).with("Location", "/list.gz"),
        "/round" => Reply::status(302).with("Location", "/round"),
        "/cut" => Reply::ok(domains(0, 2_000)).cut(30_000),
        "/mixed" => Reply::ok("1.2.3.4\nnot a value at all\nhttp://x.example/a\n"),
        _ => Reply::status(404),
    });
    let rows = [
        ("/bundle", "", [1_200, 0, 0]),
        ("/packed", "", [10, 0, 0]),
        ("/list.gz", "", [10, 0, 0]),
        ("/moved", "", [10, 0, 0]),
        ("/page", "E-SOURCE-018", [0, 0, 0]),
        ("/broken", "E-SOURCE-016", [0, 0, 0]),
        ("/round", "E-SOURCE-017", [0, 0, 0]),
        ("/nowhere", "E-SOURCE-013", [0, 0, 0]),
        ("/cut", "E-SOURCE-016", [1_000, 0, 0]),
        ("/mixed", "", [2, 0, 1]),
    ];
    for (path, wanted, came) in rows {
        node.ok(&["source", "add", path, "list", &server.url(path), "--circle", "ring"]);
        let source = first_pull(&node, path);
        assert_eq!((code(&source).as_str(), counts(&source)), (wanted, came), "{path}: {source}");
        let told = node.ok(&["source", "list"]);
        assert!(wanted.is_empty() || told.contains(wanted), "{told}");
        assert!(wanted.is_empty() || told.contains("Hint:"), "{told}");
    }
}

#[test]
fn a_key_is_shown_to_its_server_alone_and_to_nobody_here() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    let other = Server::start(|_| Reply::ok("elsewhere.example\n"));
    let onwards = other.url("/list.txt");
    let server = Server::start(move |request| match request.path.as_str() {
        "/away" => Reply::status(302).with("Location", onwards.clone()),
        _ if request.header("authorization") == Some("Basic dXNlcjpvcGVuIHNlc2FtZQ==") => {
            Reply::ok("here.example\n")
        }
        _ if request.header("auth-key") == Some("s3same") => Reply::ok("there.example\n"),
        _ => Reply::status(401),
    });
    let basic = node.file("basic.key", "user:open sesame\n");
    let named = node.file("named.key", "Auth-Key: s3same");
    let add = |name: &str, path: &str, key: Option<&str>| {
        let url = server.url(path);
        let mut words = vec!["source", "add", name, "list", &url, "--circle", "ring"];
        words.extend(key.into_iter().flat_map(|key| ["--key-file", key]));
        node.ok(&words);
        first_pull(&node, name)
    };
    assert_eq!(code(&add("none", "/list", None)), "E-SOURCE-013");
    assert_eq!(counts(&add("basic", "/list", Some(&basic))), [1, 0, 0]);
    assert_eq!(counts(&add("named", "/list", Some(&named))), [1, 0, 0]);
    assert_eq!(counts(&add("away", "/away", Some(&basic))), [1, 0, 0]);
    let asked = other.seen();
    assert_eq!(asked.len(), 1);
    assert!(asked.iter().all(|request| request.header("authorization").is_none()), "{asked:?}");
    let told =
        [node.ok(&["source", "list"]), node.ok(&["source", "list", "--json"]), node.complaints()];
    for secret in ["sesame", "s3same", "dXNlcjpv"] {
        assert!(told.iter().all(|text| !text.contains(secret)), "{secret} is told");
    }
}

#[test]
fn what_nobody_should_add_is_refused_with_a_hint() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    let empty = node.file("empty.key", "\n");
    let good = node.file("good.key", "abc");
    let http = "http://lists.example/a.txt";
    let rows: [(&[&str], i32, &str); 8] = [
        (&["a", "list", "http://user:sesame@lists.example/a", "--circle", "ring"], 2, "--key-file"),
        (&["a", "list", "ftp://lists.example/a", "--circle", "ring"], 2, "https"),
        (&["a", "list", "file:///etc/passwd", "--circle", "ring"], 2, "https"),
        (&["a", "list", http, "--circle", "nowhere"], 2, "circle list"),
        (&["a", "list", http, "--circle", "ring", "--every", "1s"], 2, "--every"),
        (&["a", "list", http, "--circle", "ring", "--every", "soon"], 2, "10m"),
        (&["a", "list", http, "--circle", "ring", "--key-file", &empty], 2, "one line"),
        (&["a", "list", http, "--circle", "ring", "--key-file", &good], 2, "https"),
    ];
    for (words, exit, hint) in rows {
        let all: Vec<&str> = ["source", "add"].into_iter().chain(words.iter().copied()).collect();
        let ran = node.cli(&all);
        assert_eq!(ran.code, exit, "{words:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("Hint:") && ran.err.contains(hint), "{words:?}: {}", ran.err);
        assert!(!ran.err.contains("sesame"), "{}", ran.err);
    }
    for act in ["remove", "pull"] {
        let ran = node.cli(&["source", act, "nobody"]);
        assert!(ran.code == 2 && ran.err.contains("Hint:"), "{act}: {} {}", ran.code, ran.err);
    }
    let token = node.token("reader", &["--circle", "ring", "--read"]);
    let mut client = Http::with(&node.http, &token);
    assert_eq!(client.get("/api/v1/sources").status, 403);
}

#[test]
fn a_source_is_pulled_again_by_itself() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |_| {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        Reply::ok(domains(number, number + 1))
    });
    let url = server.url("/list");
    node.ok(&["source", "add", "often", "list", &url, "--circle", "ring", "--every", "10s"]);
    until("it is pulled a second time", 30, || (count.load(Ordering::Relaxed) >= 2).then_some(()));
    until("and both came", 10, || (counts(&source(&node, "often"))[0] >= 2).then_some(()));
}
