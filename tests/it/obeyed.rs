//! A recall to its end by the command line: applied, purged and, behind a relay, through; over a
//! kill between two of these; and who read it without a receipt is told by a person.

use serde_json::{Value, json};
use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::stix::{GREEN, envelope, indicator_id, marked};
use world_tests::turn;

fn publish(node: &Running, n: u64) -> String {
    let object = marked(5, n, &format!("n{n}.obeyed.example"), Some(GREEN));
    let file = node.file(&format!("{n}.json"), envelope(&[object]));
    node.ok(&["publish", &file, "--circle", "ring", "--hops", "3"]);
    indicator_id(5, n)
}

fn has(node: &Running, id: &str) -> bool {
    node.cli(&["show", id]).code == 0
}

fn comes(node: &Running, id: &str) {
    until(&format!("{id} at {}", node.name), 30, || has(node, id).then_some(()));
}

/// How a recall stands with a partner or reader.
fn standing(node: &Running, id: &str, who: &str) -> Value {
    let lines = node.json(&["recalls", id]);
    let found = lines.as_array().and_then(|lines| lines.iter().find(|l| word(l, "partner") == who));
    found.unwrap_or_else(|| panic!("nothing of {who} in {lines}")).clone()
}

/// Waits until a partner has said a stage.
fn says(node: &Running, (id, who): (&str, &str), stage: &str) -> Value {
    until(&format!("{who} says {stage} to {}", node.name), 90, || {
        let line = standing(node, id, who);
        (line["obeyed"] == json!(stage)).then_some(line)
    })
}

fn recall(node: &Running, id: &str) {
    node.ok(&["recall", id, "--reason", "a mistake", "--wait", "0"]);
}

#[test]
fn a_partner_killed_between_applied_and_purged_says_purged_after_its_next_start() {
    let _turn = turn::shared();
    let (alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let id = publish(&alpha, 1);
    comes(&beta, &id);
    let siem = alpha.token("siem", &["--circle", "ring", "--read"]);
    assert_eq!(Http::with(&alpha.http, &siem).get(&Running::objects(&ring)).status, 200);

    recall(&alpha, &id);
    let applied = says(&alpha, (&id, "CERT Beta"), "applied");
    beta.kill();
    assert_eq!((&applied["done"], &applied["purged_at"]), (&json!(false), &Value::Null));
    beta.serve();
    let purged = says(&alpha, (&id, "CERT Beta"), "purged");
    assert_eq!((&purged["done"], &purged["forwarded"]), (&json!(true), &json!(0)), "{purged}");
    assert!(word(&purged, "applied_at") <= word(&purged, "purged_at"), "{purged}");
    let all = alpha.json(&["recalls"]);
    let [partners, done, overdue, to_be_told] =
        ["partners", "done", "overdue", "to_be_told"].map(|name| number(&all[0], name));
    assert_eq!((partners, done, overdue, to_be_told), (1, 1, 0, 1), "{all}");
    assert!(alpha.ok(&["recalls", &id]).contains("purged"));
    let metrics = alpha.api().get("/metrics").text();
    assert!(metrics.contains("\nentente_recalls_overdue 0\n"), "{metrics}");

    assert_eq!(word(&standing(&alpha, &id, "siem"), "state"), "to be told");
    let told = alpha.json(&["recall", "told", &id, "siem", "--why", "by telephone"]);
    assert!(told.is_array(), "{told}");
    let told = standing(&alpha, &id, "siem");
    assert_eq!(word(&told, "state"), "told", "{told}");
    assert!(!word(&told, "told_by").is_empty() && !word(&told, "at").is_empty(), "{told}");
    assert_eq!(number(&alpha.json(&["recalls"])[0], "to_be_told"), 0);
    let noted = alpha.ok(&["search", "telephone", "--json"]);
    assert!(noted.contains("entente/audit"), "the ledger: {noted}");
    let nobody = alpha.cli(&["recall", "told", &id, "nobody"]);
    assert!(nobody.code == 2 && nobody.err.contains("E-RECALL-003"), "{}", nobody.err);
    let never = alpha.cli(&["recall", "told", &indicator_id(5, 9), "siem"]);
    assert!(never.code == 2 && never.err.contains("E-RECALL-002"), "{}", never.err);
}

#[test]
fn a_recaller_hears_over_a_relay_that_all_behind_it_have_purged_and_not_who_they_are() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let mut gamma = Running::new("CERT Gamma");
    let _ring = beta.circle("ring", "green");
    beta.link_with(&alpha, &["ring"]);
    beta.link_with(&gamma, &["ring"]);
    let id = until("alpha may publish", 30, || {
        let object = marked(5, 1, "n1.obeyed.example", Some(GREEN));
        let file = alpha.file("first.json", envelope(&[object]));
        let told = alpha.cli(&["publish", &file, "--circle", "ring", "--hops", "3"]);
        (told.code == 0).then(|| indicator_id(5, 1))
    });
    comes(&beta, &id);
    comes(&gamma, &id);
    gamma.kill();

    recall(&alpha, &id);
    let purged = says(&alpha, (&id, "CERT Beta"), "purged");
    assert_eq!((&purged["done"], &purged["forwarded"]), (&json!(false), &json!(1)), "{purged}");
    let lines = alpha.json(&["recalls", &id]);
    assert_eq!(lines.as_array().map(Vec::len), Some(1), "who is behind Beta is a count: {lines}");
    assert!(has(&beta, &id).then_some(()).is_none() && !lines.to_string().contains("Gamma"));

    gamma.serve();
    let through = says(&alpha, (&id, "CERT Beta"), "through");
    assert_eq!(through["done"], json!(true), "{through}");
    assert!(!has(&gamma, &id));
    assert!(word(&through, "purged_at") < word(&through, "through_at"), "{through}");
}

#[test]
fn what_a_person_took_away_a_person_gives_again() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let (id, other) = (publish(&alpha, 1), publish(&alpha, 2));
    comes(&beta, &id);
    comes(&beta, &other);
    alpha.ok(&["withdraw", &id, "--from", "CERT Beta"]);
    until("it is gone", 30, || (!has(&beta, &id)).then_some(()));
    let asked = alpha.cli(&["withdraw", &id, "--from", "CERT Beta", "--undo"]);
    assert!(asked.code == 1 && asked.err.contains("E-POLICY-004"), "{} {}", asked.code, asked.err);
    assert!(!has(&beta, &id), "nobody said yes");
    let lifted = alpha.json(&["withdraw", &id, "--from", "CERT Beta", "--undo", "--widen"]);
    assert_eq!(number(&lifted, "lifted"), 1);
    comes(&beta, &id);

    // What Beta took out comes again once it has forgotten that.
    let undo = ["undo", "--partner", "CERT Alpha", "--since", "1h", "--yes"];
    assert_eq!(number(&beta.json(&undo), "records"), 2);
    let forget = ["undo", "--partner", "CERT Alpha", "--forget"];
    assert_eq!(number(&beta.json(&[&forget[..], &["--dry-run"]].concat()), "records"), 2);
    assert!(!has(&beta, &id) && beta.cli(&forget).code == 1, "nobody said yes");
    assert_eq!(number(&beta.json(&[&forget[..], &["--yes"]].concat()), "records"), 2);
    comes(&beta, &id);
    comes(&beta, &other);

    // A member that goes with what it has.
    alpha.ok(&["circle", "remove", "ring", "CERT Beta", "--keep"]);
    let later = publish(&alpha, 3);
    alpha.ok(&["circle", "add", "ring", "CERT Beta", "--backfill", "yes"]);
    comes(&beta, &later);
    assert!(has(&beta, &id) && has(&beta, &other));
    let taken = alpha.json(&["receipts", &other]);
    let last = taken.as_array().and_then(|lines| lines.last()).map(|line| word(line, "state"));
    assert_eq!(last.as_deref(), Some("applied"), "{taken}");
}
