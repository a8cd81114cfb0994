//! Power cuts: what was acknowledged is there, nothing is there twice, and partners end equal. The
//! moments are drawn from a fixed series, so that a failure comes again.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use world_tests::clock::{pause, until};
use world_tests::data::say;
use world_tests::entente::Running;
use world_tests::http::Http;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
/// Power cuts of a node that is written to.
const CYCLES: u64 = 24;
/// Connections that write at once.
const WRITERS: u64 = 4;
/// Power cuts of a partner that is catching up.
const BACKFILL_CYCLES: u64 = 8;
const BACKFILL: u64 = 20_000;

/// A fixed series of numbers that look drawn.
fn draw(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

/// All ids of a collection with their number of entries, in every version.
fn entries(node: &Running, token: &str, objects: &str) -> BTreeMap<(String, String), u32> {
    let manifest = objects.replace("/objects/", "/manifest/");
    let mut client = Http::with(&node.http, token);
    let mut all = BTreeMap::new();
    let mut path = format!("{manifest}?match[version]=all");
    loop {
        let reply = client.get(&path);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let page = reply.json();
        for entry in page.get("objects").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            *all.entry((text("id"), text("version"))).or_default() += 1;
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => path = format!("{manifest}?match[version]=all&next={next}"),
            None => return all,
        }
    }
}

/// What the writers of one cycle did.
#[derive(Default)]
struct Told {
    acknowledged: Vec<u64>,
    unanswered: Vec<u64>,
}

/// Posts numbered objects until the connection breaks.
fn write(node: &str, token: &str, objects: &str, numbers: &AtomicU64, flying: &AtomicBool) -> Told {
    let mut client = Http::with(node, token);
    let mut told = Told::default();
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let body = envelope(&[indicator(7, number, &format!("{number}.crash.example"))]);
        flying.store(true, Ordering::Release);
        let headers = [("Content-Type", TAXII)];
        match client.try_send("POST", objects, &headers, body.as_bytes()) {
            Ok(reply) => {
                flying.store(false, Ordering::Release);
                assert_eq!(reply.status, 202, "{}", reply.text());
                assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
                told.acknowledged.push(number);
            }
            Err(_) => {
                told.unanswered.push(number);
                return told;
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let objects = Running::objects(&node.circle("ring", "green"));
    let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
    let numbers = AtomicU64::new(0);
    let mut told = Told::default();
    let mut hit = 0;
    for cycle in 0..CYCLES {
        let flying: Vec<AtomicBool> = (0..WRITERS).map(|_| AtomicBool::new(false)).collect();
        let address = node.http.clone();
        thread::scope(|scope| {
            let (token, objects, address) = (&token, &objects, &address);
            let writers: Vec<_> = flying
                .iter()
                .map(|flying| scope.spawn(|| write(address, token, objects, &numbers, flying)))
                .collect();
            until("somebody is answered", 20, || {
                (numbers.load(Ordering::Relaxed) > 40 * (cycle + 1)).then_some(())
            });
            pause(Duration::from_micros(draw(cycle) % 150_000));
            hit += u64::from(flying.iter().any(|flying| flying.load(Ordering::Acquire)));
            node.kill();
            for writer in writers {
                let part = writer.join().expect("a writer");
                told.acknowledged.extend(part.acknowledged);
                told.unanswered.extend(part.unanswered);
            }
        });
        node.serve();
        let held = entries(&node, &token, &objects);
        assert!(held.values().all(|count| *count == 1), "cycle {cycle}: something twice");
        let ids: BTreeSet<&String> = held.keys().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), held.len(), "cycle {cycle}: a version of nobody");
        let lost = told.acknowledged.iter().filter(|n| !ids.contains(&indicator_id(7, **n)));
        assert_eq!(lost.collect::<Vec<_>>(), Vec::<&u64>::new(), "cycle {cycle}: lost");
        let known = told.acknowledged.len() + told.unanswered.len();
        assert!(held.len() <= known, "cycle {cycle}: something that nobody posted");
    }
    let (acknowledged, unanswered) = (told.acknowledged.len(), told.unanswered.len());
    let share = hit * 100 / CYCLES;
    say(&format!(
        "crash: {CYCLES} power cuts, {share} % of them with a request unanswered; {acknowledged} \
         acknowledged and all there, {unanswered} unanswered"
    ));
    assert!(share >= 60, "too few of the power cuts met a request");
    assert_eq!(node.cli(&["verify", node.data().to_str().expect("text")]).code, 0);
}

#[test]
fn a_partner_cut_off_while_catching_up_ends_with_the_same_set() {
    let _turn = turn::shared();
    let (mut alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let objects = Running::objects(&alpha.circle("ring", "green"));
    let mut list = "type,value,name\n".to_owned();
    (0..BACKFILL)
        .for_each(|n| list += &["domain,", &n.to_string(), ".backfill.example,x\n"].concat());
    let list = alpha.file("list.csv", list);
    alpha.ok(&["publish", &list, "--circle", "ring"]);
    alpha.link_with(&beta, &["ring"]);
    let [at_alpha, at_beta] =
        [&alpha, &beta].map(|node| node.token("reader", &["--circle", "ring", "--read"]));
    let mut came = Vec::new();
    for cycle in 0..BACKFILL_CYCLES {
        pause(Duration::from_millis(40 + draw(1_000 + cycle) % 400));
        // The sender falls, too, every third time.
        let cut = if cycle % 3 == 2 { &mut alpha } else { &mut beta };
        cut.kill();
        cut.serve();
        let held = entries(&beta, &at_beta, &objects);
        assert!(held.values().all(|count| *count == 1), "cycle {cycle}: something twice");
        came.push(held.len());
    }
    let whole = entries(&alpha, &at_alpha, &objects);
    assert_eq!(u64::try_from(whole.len()), Ok(BACKFILL));
    until("both ends are equal", 120, || {
        (entries(&beta, &at_beta, &objects).len() >= whole.len()).then_some(())
    });
    assert_eq!(entries(&beta, &at_beta, &objects), whole);
    assert!(came.windows(2).all(|pair| pair[0] <= pair[1]), "what came stays: {came:?}");
    let during = came.iter().filter(|came| **came < whole.len()).count();
    say(&format!(
        "crash: a partner catching up, cut {BACKFILL_CYCLES} times, {during} of them before the end: {came:?}"
    ));
    until("the receipts are in", 60, || {
        let partners = alpha.json(&["partner", "list"]);
        (partners.pointer("/0/lag_records") == Some(&Value::from(0))).then_some(())
    });
    for node in [&alpha, &beta] {
        let ran = node.cli(&["verify", node.data().to_str().expect("text")]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
}
