//! Readers who page while others write, readers beside whom there is more than they may see, and
//! readers for whom something was opened later.

use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use world_tests::clock::until;
use world_tests::data::say;
use world_tests::entente::{Running, number};
use world_tests::http::{Http, Reply};
use world_tests::stix::{RED, envelope, indicator, indicator_id, marked};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
const BATCHES: u64 = 120;
const BATCH: u64 = 25;

type Ids = BTreeSet<String>;

/// One page: its ids, and the reply itself. No id may come twice.
fn page(client: &mut Http, path: &str, seen: &mut Ids) -> (usize, Reply) {
    let reply = client.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let json = reply.json();
    let entries = json.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
    for entry in &entries {
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        assert!(seen.insert(id.to_owned()), "{id} twice");
    }
    (entries.len(), reply)
}

/// From the beginning to the end of what there is, by `next` alone.
fn walk_by_next(client: &mut Http, objects: &str) -> Ids {
    let mut seen = Ids::new();
    let mut path = format!("{objects}?limit=137");
    loop {
        let (_, reply) = page(client, &path, &mut seen);
        match reply.json().get("next").and_then(Value::as_str) {
            Some(next) => path = format!("{objects}?limit=137&next={next}"),
            None => return seen,
        }
    }
}

/// One reader's whole life, by `added_after` alone, until the writer has ended and nothing is new.
fn follow_by_date(client: &mut Http, objects: &str, ended: &AtomicBool) -> (Ids, usize) {
    let (mut seen, mut pages) = (Ids::new(), 0);
    let mut after = "1970-01-01T00:00:00Z".to_owned();
    loop {
        let last_look = ended.load(Ordering::Acquire);
        let (entries, reply) =
            page(client, &format!("{objects}?limit=61&added_after={after}"), &mut seen);
        pages += 1;
        after = reply.header("x-taxii-date-added-last").map(str::to_owned).unwrap_or(after);
        if entries == 0 && last_look {
            return (seen, pages);
        }
    }
}

#[test]
fn two_pagers_during_writes_end_with_the_same_set() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let objects = Running::objects(&node.circle("ring", "green"));
    let writer = node.token("writer", &["--circle", "ring", "--write"]);
    let reader = node.token("reader", &["--circle", "ring", "--read"]);
    let client = || Http::with(&node.http, &reader);
    let ended = AtomicBool::new(false);
    let (by_date, pages, walks) = thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Http::with(&node.http, &writer);
            for batch in 0..BATCHES {
                let one =
                    |n| indicator(3, batch * BATCH + n, &format!("{batch}-{n}.pages.example"));
                let body = envelope(&(0..BATCH).map(one).collect::<Vec<_>>());
                let reply = client.post(&objects, TAXII, body);
                assert_eq!(number(&reply.json(), "success_count"), BATCH);
            }
            ended.store(true, Ordering::Release);
        });
        let by_date = scope.spawn(|| follow_by_date(&mut client(), &objects, &ended));
        let mut walks = Vec::new();
        while !ended.load(Ordering::Acquire) {
            walks.push(walk_by_next(&mut client(), &objects));
        }
        let (seen, pages) = by_date.join().expect("the other pager");
        (seen, pages, walks)
    });
    let by_next = walk_by_next(&mut client(), &objects);
    let all: Ids = (0..BATCHES * BATCH).map(|n| indicator_id(3, n)).collect();
    assert_eq!(by_date, all, "by added_after");
    assert_eq!(by_next, all, "by next");
    assert!(walks.windows(2).all(|pair| pair[0].is_subset(&pair[1])), "nothing seen goes away");
    let walks = walks.len();
    say(&format!(
        "pagers: {} objects, {pages} pages by date, {walks} walks by next beside the writer",
        all.len()
    ));
}

/// Everything that a reader can ask for without naming what it doesn't know, and two ids it may
/// not know of.
fn questions(circle: &str, known: &str, secret: &str) -> Vec<(&'static str, String)> {
    let root = "/taxii2/root";
    let collection = format!("{root}/collections/{circle}");
    let paths = [
        "/taxii2/".to_owned(),
        format!("{root}/"),
        format!("{root}/collections/"),
        format!("{collection}/"),
        format!("{collection}/manifest/"),
        format!("{collection}/manifest/?match[version]=all&limit=7"),
        format!("{collection}/objects/"),
        format!("{collection}/objects/?limit=7"),
        format!("{collection}/objects/?match[type]=indicator&added_after=2000-01-01T00:00:00Z"),
        format!("{collection}/objects/{known}/"),
        format!("{collection}/objects/{known}/versions/"),
        format!("{collection}/objects/{secret}/"),
        format!("{collection}/objects/{secret}/versions/"),
        format!("{collection}/objects/?match[id]={secret}"),
        "/api/v1/node".to_owned(),
        "/api/v1/circles".to_owned(),
        "/api/v1/search?q=example".to_owned(),
        "/api/v1/search?q=secret".to_owned(),
        "/api/v1/search?q=7.secret.example".to_owned(),
        format!("/api/v1/objects/{known}"),
        format!("/api/v1/objects/{secret}"),
        format!("/api/v1/who/{known}"),
        format!("/api/v1/who/{secret}"),
        "/api/v1/sightings".to_owned(),
        "/health/ready".to_owned(),
    ];
    let mut all: Vec<_> = paths.into_iter().map(|path| ("GET", path)).collect();
    // Who asks for a deletion learns nothing either.
    all.push(("DELETE", format!("{collection}/objects/{secret}/")));
    all
}

/// Every answer, whole, but for the date at which it was given.
fn answers(client: &mut Http, questions: &[(&'static str, String)]) -> Vec<Reply> {
    let ask = |(method, path): &(&'static str, String)| {
        let mut reply = client.send(method, path, &[], b"");
        reply.headers.retain(|(name, _)| name != "date");
        reply
    };
    questions.iter().map(ask).collect()
}

#[test]
fn a_reader_without_red_is_answered_the_same_beside_100_000_red_records() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let green: Vec<String> =
        (0..50).map(|n| indicator(4, n, &format!("{n}.green.example"))).collect();
    let file = node.file("green.json", envelope(&green));
    node.ok(&["publish", &file, "--circle", "ring"]);
    let reader = node.token("reader", &["--circle", "ring", "--read", "--write"]);
    let red = node.token("red", &["--circle", "ring", "--read", "--red"]);
    let mut client = Http::with(&node.http, &reader);
    // One RED object has an id that the questions name; of the others only values are named.
    let secret = indicator_id(4, 1_000_000);
    let questions = questions(&circle, &indicator_id(4, 7), &secret);
    let before = answers(&mut client, &questions);
    let mut list = "type,value,name\n".to_owned();
    (0..99_999).for_each(|n| list += &["domain,", &n.to_string(), ".secret.example,x\n"].concat());
    let list = node.file("secret.csv", list);
    let told = node.json(&["publish", &list, "--circle", "ring", "--tlp", "red"]);
    assert_eq!(number(&told, "accepted"), 99_999, "{told}");
    let named =
        node.file("red.json", envelope(&[marked(4, 1_000_000, "named.secret.example", Some(RED))]));
    assert_eq!(number(&node.json(&["publish", &named, "--circle", "ring"]), "accepted"), 1);
    let after = answers(&mut client, &questions);
    for ((question, before), after) in questions.iter().zip(&before).zip(&after) {
        assert_eq!(before, after, "{question:?}");
    }
    let objects = Running::objects(&circle);
    let mut red = Http::with(&node.http, &red);
    assert_eq!(red.get(&format!("{objects}{secret}/")).status, 200, "it is there for who may");
    // What comes next is numbered as if nothing had been between: by its own time alone.
    let more = node.file("more.json", envelope(&[indicator(4, 60, "60.green.example")]));
    node.ok(&["publish", &more, "--circle", "ring"]);
    let seen = walk_by_next(&mut client, &objects);
    assert_eq!(seen.len(), 51);
}

#[test]
fn what_is_opened_later_comes_to_who_asks_for_what_was_added() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let objects = Running::objects(&node.circle("ring", "green"));
    let reader = node.token("reader", &["--circle", "ring", "--read"]);
    // Only what this node wrote itself is its to relabel: a line of a list.
    let list = node.file("list.csv", "domain,opened.example,first\n");
    node.ok(&["publish", &list, "--circle", "ring", "--tlp", "red"]);
    let id = node.json(&["search", "opened.example"]);
    let id = id.pointer("/0/id").and_then(Value::as_str).expect("the indicator").to_owned();
    for n in 0..30 {
        let file =
            node.file("one.json", envelope(&[indicator(5, n, &format!("{n}.later.example"))]));
        node.ok(&["publish", &file, "--circle", "ring"]);
    }
    let mut client = Http::with(&node.http, &reader);
    let mut seen = Ids::new();
    let (_, reply) = page(&mut client, &objects, &mut seen);
    let after = reply.header("x-taxii-date-added-last").expect("a date").to_owned();
    assert_eq!((seen.len(), seen.contains(&id)), (30, false));
    node.ok(&["relabel", &id, "--tlp", "green", "--widen"]);
    until("the old record at who follows by date", 20, || {
        let (entries, _) =
            page(&mut client, &format!("{objects}?added_after={after}"), &mut Ids::new());
        (entries > 0).then_some(())
    });
    let (_, reply) = page(&mut client, &format!("{objects}?added_after={after}"), &mut seen);
    assert!(seen.contains(&id) && seen.len() == 31, "{}", reply.text());
    node.ok(&["relabel", &id, "--tlp", "red"]);
    assert!(!walk_by_next(&mut client, &objects).contains(&id), "and closed again it is gone");
}
