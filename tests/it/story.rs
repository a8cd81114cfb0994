//! Two teams and an outsider, by the command line alone: from nothing to shared and found, with
//! what people type wrongly on the way.

use serde_json::Value;
use world_tests::clock::until;
use world_tests::entente::{Ran, Running, number, run, word};
use world_tests::http::Http;
use world_tests::stix::{AMBER, GREEN, envelope, indicator, indicator_id, marked};
use world_tests::turn;

/// A command that must fail with this code and these words, and with a hint if it can be mended.
fn fails(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains(words), "not `{words}` in: {}", ran.err);
    assert!(ran.out.is_empty(), "a failure prints no result: {}", ran.out);
}

fn has(node: &Running, id: &str) -> bool {
    node.cli(&["show", id]).code == 0
}

fn arrives(node: &Running, id: &str) {
    until(&format!("{id} at {}", node.name), 30, || has(node, id).then_some(()));
}

/// What `who` says about one partner.
fn reason(node: &Running, id: &str, partner: &str) -> (bool, String) {
    let told = node.json(&["who", id]);
    let line = told.as_array().into_iter().flatten().find(|line| word(line, "partner") == partner);
    let line = line.unwrap_or_else(|| panic!("nothing about {partner} in {told}"));
    (line["released"] == true, word(line, "reason"))
}

#[test]
fn two_teams_meet_compare_words_and_share() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let outsider = Running::new("Outsider");
    let id = alpha.circle("ring", "amber");
    let _private = alpha.circle("other", "amber");
    alpha.link_with(&outsider, &["other"]);
    let code = word(&alpha.json(&["partner", "invite", "--circle", "ring"]), "code");
    let joined = beta.json(&["partner", "join", &code, "--yes"]);
    assert_eq!(word(&joined, "name"), "CERT Alpha");
    assert_eq!(joined["confirmed"], Value::Bool(false));
    fails(&outsider.cli(&["partner", "join", &code, "--yes"]), 1, "");
    // Until the words are compared, only GREEN and CLEAR flow.
    let green = marked(1, 1, "green.example", Some(GREEN));
    let amber = marked(1, 2, "amber.example", Some(AMBER));
    let file = alpha.file("two.json", envelope(&[amber.clone(), green]));
    assert_eq!(number(&alpha.json(&["publish", &file, "--circle", "ring"]), "accepted"), 2);
    let (released, why) = reason(&alpha, &indicator_id(1, 2), "CERT Beta");
    assert!(!released && why.contains("words"), "{why}");

    arrives(&beta, &indicator_id(1, 1));
    assert!(!has(&beta, &indicator_id(1, 2)), "AMBER went before the words were compared");
    let words = word(&joined, "words");
    let words: Vec<&str> = words.split_whitespace().collect();
    assert_eq!(words.len(), 6);
    let wrong = ["partner", "confirm", "CERT Alpha", "one", "two", "three", "four", "five", "six"];
    assert_ne!(beta.cli(&wrong).code, 0, "wrong words confirm nothing");
    for (node, partner) in [(&beta, "CERT Alpha"), (&alpha, "CERT Beta")] {
        node.ok(&[&["partner", "confirm", partner], &words[..]].concat());
    }
    arrives(&beta, &indicator_id(1, 2));
    let seen = until("the circle at the partner", 30, || {
        let circles = beta.json(&["circle", "list"]);
        circles.as_array()?.iter().find(|line| word(line, "circle") == "ring").cloned()
    });
    assert_eq!((word(&seen, "id"), word(&seen, "convener")), (id, "CERT Alpha".to_owned()));
    assert!(reason(&alpha, &indicator_id(1, 2), "CERT Beta").0);
    let (released, why) = reason(&alpha, &indicator_id(1, 2), "Outsider");
    assert!(!released && why.contains("circle"), "{why}");
    let (released, why) = reason(&beta, &indicator_id(1, 2), "CERT Alpha");
    assert!(!released && !why.is_empty(), "it came from there: {why}");
    assert_eq!(beta.ok(&["show", &indicator_id(1, 2), "--raw"]), amber, "byte for byte");
    assert!(!has(&outsider, &indicator_id(1, 1)), "the outsider has nothing of it");
    assert_eq!(outsider.json(&["search", "green.example"]), Value::Array(Vec::new()));
}

#[test]
fn lists_tables_and_bundles_are_published_searched_and_shown() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let _ring = node.circle("ring", "green");
    let publish = |file: &str, flags: &[&str]| {
        let all = [&["publish", file, "--circle", "ring", "--json"], flags].concat();
        let ran = node.cli(&all);
        let told = ran.json();
        let counts = ["accepted", "duplicate", "refused"].map(|name| number(&told, name));
        (ran.code, counts, told)
    };
    let list = node.file(
        "list.txt",
        "# a comment\nbad.example\n192.0.2.7\nhxxp://bad[.]example/x\nnot a value\n",
    );
    let (code, counts, told) = publish(&list, &["--dry-run"]);
    assert_eq!((code, counts), (1, [3, 0, 1]), "{told}");
    assert_eq!(node.json(&["search", "bad.example"]), Value::Array(Vec::new()), "a dry run");
    let (code, counts, told) = publish(&list, &[]);
    assert_eq!((code, counts), (1, [3, 0, 1]), "{told}");
    assert_eq!(word(&told["problems"][0], "path"), "line 5", "{told}");
    let (code, counts, _) = publish(&list, &[]);
    assert_eq!((code, counts), (1, [0, 3, 1]), "twice adds nothing");
    let table =
        node.file("table.csv", "type,value,family\ndomain,csv.example,emotet\nsha256,xyz,x\n");
    assert_eq!(publish(&table, &[]).1, [1, 0, 1]);
    let bundle = format!(
        r#"{{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[ {} , {{"type":"indicator"}}]}}"#,
        indicator(2, 1, "bundle.example")
    );
    let (code, counts, told) = publish(&node.file("bundle.json", bundle), &[]);
    assert_eq!((code, counts), (1, [1, 0, 1]), "{told}");
    assert!(word(&told["problems"][0], "path").starts_with("/objects/1"), "{told}");
    for (asked, expected) in [("emotet", "csv.example"), ("CSV.example.", ""), ("192.0.2.7", "")] {
        let found = node.json(&["search", asked]);
        let found = found.as_array().cloned().unwrap_or_default();
        assert!(!found.is_empty(), "{asked} is not found");
        let raw = node.ok(&["show", &word(&found[0], "id"), "--raw"]);
        assert!(raw.contains(expected), "{raw}");
    }
    assert_eq!(node.ok(&["show", &indicator_id(2, 1), "--raw"]), indicator(2, 1, "bundle.example"));
    // Above the circle's ceiling nothing goes in.
    node.ok(&["circle", "create", "low", "--tlp", "green", "--default", "green"]);
    let file = node.file("one.json", indicator(2, 2, "high.example"));
    let ran = node.cli(&["publish", &file, "--circle", "low", "--tlp", "amber", "--json"]);
    assert_eq!((ran.code, number(&ran.json(), "refused")), (1, 1), "{}{}", ran.out, ran.err);
    let checked = |text: &str| {
        let ran = run(&["check", &node.file("check.json", text), "--json"]);
        (ran.code, ran.json()["valid"].clone())
    };
    assert_eq!(checked(&indicator(2, 3, "fine.example")), (0, Value::Bool(true)));
    assert_eq!(checked(r#"{"type":"indicator","id":"x"}"#), (1, Value::Bool(false)));
}

#[test]
fn tokens_end_when_they_are_revoked_or_expire() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let objects = Running::objects(&node.circle("ring", "green"));
    let ask = |token: &str| Http::with(&node.http, token).get(&objects).status;
    let revoked = node.token("tool", &["--circle", "ring", "--read"]);
    assert_eq!(ask(&revoked), 200);
    fails(&node.cli(&["token", "create", "tool", "--circle", "ring", "--read"]), 1, "name");
    node.ok(&["token", "revoke", "tool"]);
    assert_eq!(ask(&revoked), 401);
    let again = node.token("tool", &["--circle", "ring", "--read"]);
    assert_eq!((ask(&again), ask(&revoked)), (200, 401), "a name may be given again");
    let brief = node.token("brief", &["--circle", "ring", "--read", "--expires", "2s"]);
    assert_eq!(ask(&brief), 200);
    until("the token expires", 10, || (ask(&brief) == 401).then_some(()));
    let listed = node.ok(&["token", "list", "--json"]);
    assert!(listed.contains("brief") && listed.contains("\"revoked\""), "{listed}");
    assert!(!listed.contains(&again) && !listed.contains("hash"), "no secret is listed");
    fails(&node.cli(&["token", "revoke", "nobody"]), 2, "Hint: ");
    fails(&node.cli(&["token", "create", "x", "--circle", "ring"]), 2, "--read");
    fails(&node.cli(&["token", "create", "x", "--read"]), 2, "circle");
}

#[test]
fn what_is_typed_wrongly_is_told_with_a_hint_and_a_code() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let _ring = node.circle("ring", "green");
    let file = node.file("one.json", indicator(2, 9, "nine.example"));
    fails(&node.cli(&["publish", &file, "--circle", "nowhere"]), 2, "Hint: ");
    fails(
        &node.cli(&["publish", "/nowhere/at/all.json", "--circle", "ring"]),
        2,
        "/nowhere/at/all.json",
    );
    fails(&node.cli(&["publish", &file, "--circle", "ring", "--tlp", "purple"]), 2, "purple");
    fails(&node.cli(&["publish", &file, "--circle", "ring", "--to", "Nobody"]), 2, "Nobody");
    fails(&node.cli(&["publish", &file]), 2, "--circle");
    fails(&node.cli(&["show", &indicator_id(2, 9)]), 1, "");
    fails(&node.cli(&["show", &indicator_id(2, 9), "--raw"]), 1, "");
    fails(&node.cli(&["who", &indicator_id(2, 9)]), 1, "");
    fails(&node.cli(&["recall", &indicator_id(2, 9), "--reason", "x"]), 1, "Hint: ");
    fails(&node.cli(&["partner", "join", "nonsense", "--yes"]), 2, "code");
    fails(&node.cli(&["partner", "remove", "Nobody"]), 2, "Hint: ");
    fails(&node.cli(&["circle", "create", ""]), 2, "");
    fails(&node.cli(&["frobnicate"]), 2, "frobnicate");
    fails(&node.cli(&["init", "--name", "Again"]), 75, "");
    assert_eq!(node.cli(&["watch", "/nowhere/at/all.json"]).code, 2);
    assert_eq!(node.cli(&["--version"]).code, 0);
    let help = node.cli(&["--help"]);
    assert!(help.code == 0 && help.out.contains("Exit codes"), "{}", help.out);

    let late = Running::new("CERT Beta");
    let code = word(&node.json(&["partner", "invite"]), "code");
    assert_eq!(node.stop(), Some(0), "asked to stop, it ends well");
    fails(&late.cli(&["partner", "join", &code, "--yes"]), 75, "");
    fails(&node.cli(&["circle", "list"]), 75, "Hint: ");
    fails(&node.cli(&["init", "--name", "Again"]), 3, "already");
    let empty = node.beside("empty");
    let empty = empty.to_str().expect("text");
    fails(&run(&["serve", "--data", empty]), 3, "Hint: ");
    fails(&run(&["circle", "list", "--data", empty]), 3, "Hint: ");
    fails(&run(&["init", "--name", "", "--data", empty]), 2, "name");
    let open = ["serve", "--listen", "0.0.0.0:0", "--link", "127.0.0.1:0"];
    fails(&node.cli(&open), 3, "Hint: ");
}
