//! Ask before you share, on the real binary: what a partner would receive and why not the rest, with
//! whose eyes, what is held back, cards and policies and who is asked about them, releasable copies;
//! and what is wrong in a file changes nothing and is kept for people to find.

use serde_json::Value;
use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::stix::{AMBER, GREEN, RED, indicator_id, marked, uuid};
use world_tests::turn;

/// Two partners of a circle, and what the first one publishes into it.
struct Pair {
    alpha: Running,
    beta: Running,
}

const GREEN_ONE: u64 = 1;
const AMBER_ONE: u64 = 2;
const RED_ONE: u64 = 3;

impl Pair {
    fn new() -> Self {
        let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
        let _ring = alpha.circle("ring", "amber+strict");
        alpha.link_with(&beta, &["ring"]);
        let pair = Self { alpha, beta };
        let marks = [(GREEN_ONE, GREEN), (AMBER_ONE, AMBER), (RED_ONE, RED)];
        let objects = marks.map(|(n, mark)| marked(7, n, &format!("n{n}.example"), Some(mark)));
        pair.publish("three", &objects.join("\n"));
        pair
    }

    fn publish(&self, name: &str, text: &str) -> Value {
        let file = self.alpha.file(&format!("{name}.json"), text);
        self.alpha.json(&["publish", &file, "--circle", "ring"])
    }

    fn arrived(&self, n: u64) -> bool {
        self.beta.cli(&["show", &indicator_id(7, n)]).code == 0
    }

    /// The line of what Beta gets, or does not, of indicators.
    fn line(&self, released: bool) -> Option<Value> {
        let lines = self.alpha.json(&["preview", "CERT Beta", "--ids"]);
        let mut lines = lines.as_array().cloned().unwrap_or_default().into_iter();
        lines.find(|line| {
            line["kind"] == "stix/indicator" && line["released"] == Value::Bool(released)
        })
    }

    fn set_card(&self, name: &str, toml: &str, more: &[&str]) -> world_tests::entente::Ran {
        let file = self.alpha.file(name, toml);
        let typed = ["card", "set", "CERT Beta", &file, "--json"];
        self.alpha.cli(&[&typed[..], more].concat())
    }
}

#[test]
fn a_preview_is_what_arrives_and_says_why_not_the_rest() {
    let _turn = turn::shared();
    let pair = Pair::new();
    until("what may be sent was receipted", 30, || {
        let line = pair.line(true)?;
        (number(&line, "has") == 2).then_some(())
    });
    assert!(pair.arrived(GREEN_ONE) && pair.arrived(AMBER_ONE) && !pair.arrived(RED_ONE));
    let withheld = pair.line(false).expect("one is RED");
    assert_eq!(number(&withheld, "count"), 1);
    assert_eq!(word(&withheld, "by"), "label");
    assert!(word(&withheld, "reason").contains("named nodes only"), "{withheld}");
    assert_eq!(withheld["samples"], serde_json::json!([indicator_id(7, RED_ONE)]));
    let text = pair.alpha.ok(&["preview", "CERT Beta"]);
    assert!(text.contains("RECEIVED") && text.contains("WHY NOT"), "{text}");
    let near = pair.alpha.cli(&["preview", "CERT Bata"]);
    assert!(near.err.contains("did you mean `CERT Beta`?"), "{}", near.err);

    // It is the administrators' alone, like every partner's eyes.
    let token = pair.alpha.token("reader", &["--circle", "ring", "--read"]);
    let mut reader = Http::with(&pair.alpha.http, &token);
    let red = indicator_id(7, RED_ONE);
    for path in [
        "/api/v1/preview/CERT%20Beta",
        "/api/v1/held",
        "/api/v1/policy",
        "/api/v1/partners/CERT%20Beta/card",
        "/api/v1/search?q=number&as=CERT%20Beta",
        "/api/v1/sightings?as=CERT%20Beta",
        &format!("/api/v1/objects/{red}?as=CERT%20Beta"),
    ] {
        assert_eq!(reader.get(path).status, 403, "{path}");
    }
}

#[test]
fn with_a_partners_eyes_one_sees_what_it_gets() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let found = |more: &[&str]| {
        let found = pair.alpha.json(&[&["search", "number"], more].concat());
        let mut ids: Vec<String> =
            found.as_array().into_iter().flatten().map(|one| word(one, "id")).collect();
        ids.sort_unstable();
        ids
    };
    let all = [GREEN_ONE, AMBER_ONE, RED_ONE].map(|n| indicator_id(7, n));
    assert_eq!(found(&[]), all);
    assert_eq!(found(&["--as", "CERT Beta"]), all[..2]);
    assert_eq!(pair.alpha.cli(&["show", &all[2], "--as", "CERT Beta"]).code, 1);
    assert_eq!(pair.alpha.cli(&["show", &all[1], "--as", "CERT Beta"]).code, 0);
    let who = pair.alpha.cli(&["search", "number", "--as", "CERT Bta"]);
    assert!(who.code == 2 && who.err.contains("E-PARTNER-001"), "{}", who.err);
}

#[test]
fn what_is_held_back_says_which_reference_made_it_stricter() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let id = |kind: &str| format!("{kind}--{}", uuid(9, 1));
    let relationship = format!(
        r#"{{"type":"relationship","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"related-to","source_ref":"{}","target_ref":"{}","object_marking_refs":["{GREEN}"]}}"#,
        id("relationship"),
        indicator_id(7, GREEN_ONE),
        indicator_id(7, RED_ONE),
    );
    pair.publish("relation", &relationship);
    let held = pair.alpha.json(&["preview", "--held"]);
    let records = held["records"].as_array().cloned().unwrap_or_default();
    let ids: Vec<String> = records.iter().map(|record| word(record, "id")).collect();
    assert_eq!(ids, [id("relationship"), indicator_id(7, RED_ONE)], "newest first: {held}");
    assert_eq!(word(&records[0], "because_of"), indicator_id(7, RED_ONE));
    assert_eq!(word(&records[0], "because_tlp"), "red");
    assert_eq!(records[1].get("because_of"), None, "it is marked so itself");
    let text = pair.alpha.ok(&["preview", "--held"]);
    assert!(text.contains("MADE STRICTER BY") && text.contains("TLP:RED"), "{text}");
}

#[test]
fn a_plain_token_is_not_told_what_a_card_says() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let set = pair.set_card("low.toml", "[give]\nceiling = \"clear\"", &["--reason", "careful"]);
    assert_eq!(set.code, 0, "{}", set.err);
    let amber = indicator_id(7, AMBER_ONE);
    let told = pair.alpha.json(&["who", &amber]);
    assert_eq!(word(&told[0], "by"), "card");
    assert!(word(&told[0], "reason").contains("the partner's card"), "{told}");
    let flags = ["--circle", "ring", "--read", "--write"];
    let token = pair.alpha.token("reader", &flags);
    let mut reader = Http::with(&pair.alpha.http, &token);
    let told = reader.get(&format!("/api/v1/who/{amber}")).json();
    assert_eq!(word(&told[0], "reason"), "withheld by this node", "{told}");
    let body = marked(7, 4, "n4.example", Some(AMBER));
    let path = "/api/v1/publish?circle=ring&dry_run=1";
    let tried = reader.post(path, "application/json", body.as_bytes()).json();
    assert_eq!(word(&tried["withheld"][0], "reason"), "withheld by this node", "{tried}");
}

#[test]
fn a_card_that_is_shown_edited_and_set_counts_and_widening_asks() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let shown = pair.alpha.ok(&["card", "show", "CERT Beta"]);
    assert!(shown.contains("[give]\nceiling = \"red\""), "{shown}");
    until("both arrived", 30, || pair.arrived(AMBER_ONE).then_some(()));
    let low = shown.replacen("ceiling = \"red\"", "ceiling = \"green\"", 1);

    // Tried first: it takes one away, and nothing has changed.
    let tried = pair.set_card("low.toml", &low, &["--dry-run"]).json();
    assert_eq!((number(&tried, "gains"), number(&tried, "loses")), (0, 1), "{tried}");
    assert_eq!(pair.alpha.ok(&["card", "show", "CERT Beta"]), shown);
    let silent = pair.set_card("low.toml", &low, &[]);
    assert!(silent.code == 2 && silent.err.contains("E-POLICY-005"), "a reason: {}", silent.err);
    let set = pair.set_card("low.toml", &low, &["--reason", "they asked for less"]);
    assert_eq!(set.code, 0, "{}", set.err);
    let now = pair.alpha.ok(&["card", "show", "CERT Beta"]);
    assert!(now.contains("they asked for less") && now.contains("ceiling = \"green\""), "{now}");
    until("it was withdrawn", 30, || (!pair.arrived(AMBER_ONE)).then_some(()));

    // A policy that asks about everything: to widen again needs a yes.
    let strict = pair.alpha.file("ask.toml", "preset = \"ours\"\nwidening = \"ask\"\n");
    pair.alpha.ok(&["policy", "set", &strict, "--reason", "ask about everything", "--widen"]);
    let asked = pair.set_card("high.toml", &shown, &["--reason", "again"]);
    assert_eq!(asked.code, 1, "{}{}", asked.out, asked.err);
    for word in ["E-POLICY-004", "1 to CERT Beta", "--widen"] {
        assert!(asked.err.contains(word), "{word}: {}", asked.err);
    }
    assert!(pair.alpha.ok(&["card", "show", "CERT Beta"]).contains("ceiling = \"green\""));
    let yes = pair.set_card("high.toml", &shown, &["--reason", "again", "--widen"]);
    assert_eq!(yes.code, 0, "{}", yes.err);
    until("it is sent anew", 30, || pair.arrived(AMBER_ONE).then_some(()));

    // Who saw an older one changes nothing.
    let stale = pair.set_card("low.toml", &low, &["--reason", "late", "--was", &"0".repeat(64)]);
    assert!(stale.code == 1 && stale.err.contains("E-POLICY-003"), "{}", stale.err);
}

#[test]
fn a_wrong_file_changes_nothing_and_is_kept_in_the_ledger() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let card = pair.alpha.ok(&["card", "show", "CERT Beta"]);
    let policy = pair.alpha.ok(&["policy", "show"]);
    let cards = [
        ("[give]\ncieling = \"red\"", "E-CARD-001", "did you mean `give.ceiling`?"),
        ("\n\n[give]\nceiling = \"mauve\"", "E-CARD-002", "`give.ceiling` at line 4 must be"),
        ("[give]\ncircles = [\"rnig\"]", "E-CARD-003", "no circle `rnig`"),
        ("[give", "E-CARD-002", "line 1 is not TOML"),
    ];
    for (toml, code, words) in cards {
        let ran = pair.set_card("wrong.toml", toml, &["--reason", "a mistake"]);
        assert_eq!(ran.code, 2, "{toml}: {}", ran.err);
        assert!(ran.err.contains(code) && ran.err.contains(words), "{toml}: {}", ran.err);
    }
    let wrong = pair.alpha.file("wrong.toml", "outbx = \"1m\"\nask_above = \"many\"\n");
    for act in [vec!["policy", "try", &wrong], vec!["policy", "set", &wrong, "--reason", "x"]] {
        let ran = pair.alpha.cli(&act);
        assert_eq!(ran.code, 2, "{}", ran.err);
        for words in ["E-POLICY-001", "unknown key `outbx` at line 1", "`ask_above` at line 2"] {
            assert!(ran.err.contains(words), "{words}: {}", ran.err);
        }
    }
    assert_eq!(pair.alpha.ok(&["card", "show", "CERT Beta"]), card);
    assert_eq!(pair.alpha.ok(&["policy", "show"]), policy);
    let kept = pair.alpha.json(&["search", "cieling"]);
    assert_eq!(word(&kept[0], "kind"), "entente/audit", "{kept}");
    assert_eq!(pair.alpha.json(&["search", "cieling", "--as", "CERT Beta"]), Value::Array(vec![]));
}

#[test]
fn a_freer_label_asks_and_a_stricter_one_does_not() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let list = pair.alpha.file("list.txt", "listed.example\n");
    pair.alpha.ok(&["publish", &list, "--circle", "ring", "--tlp", "red"]);
    let found = pair.alpha.json(&["search", "listed.example"]);
    let id = word(&found[0], "id");
    let asked = pair.alpha.cli(&["relabel", &id, "--tlp", "green"]);
    assert_eq!(asked.code, 1, "{}{}", asked.out, asked.err);
    assert!(asked.err.contains("E-POLICY-004") && asked.err.contains("--widen"), "{}", asked.err);
    let tlp = || word(&pair.alpha.json(&["search", "listed.example"])[0], "tlp");
    assert_eq!(tlp(), "red", "nothing was changed");
    pair.alpha.ok(&["relabel", &id, "--tlp", "green", "--widen"]);
    assert_eq!(tlp(), "green");
    pair.alpha.ok(&["relabel", &id, "--tlp", "amber"]);
    assert_eq!(tlp(), "amber", "to take away asks nobody");
}

#[test]
fn the_presets_are_tried_and_set_and_shown_again() {
    let _turn = turn::shared();
    let pair = Pair::new();
    until("it arrived", 30, || pair.arrived(AMBER_ONE).then_some(()));
    let closed = pair.alpha.ok(&["policy", "show", "--preset", "closed"]);
    let closed = pair.alpha.file("closed.toml", closed);
    let tried = pair.alpha.json(&["policy", "try", &closed]);
    assert_eq!((number(&tried, "gains"), number(&tried, "loses")), (0, 2), "{tried}");
    let line = &tried["lines"][0];
    assert_eq!((&*word(line, "partner"), &*word(line, "circle")), ("CERT Beta", "ring"));
    assert!(word(line, "after").contains("relation `partner`"), "{line}");
    pair.alpha.ok(&["policy", "set", &closed, "--reason", "an incident"]);
    until("both were withdrawn", 30, || {
        (!pair.arrived(AMBER_ONE) && !pair.arrived(GREEN_ONE)).then_some(())
    });
    let shown = pair.alpha.ok(&["policy", "show"]);
    assert!(shown.contains("an incident") && shown.contains("preset = \"closed\""), "{shown}");
    let again = pair.alpha.file("again.toml", shown);
    let tried = pair.alpha.json(&["policy", "try", &again]);
    assert_eq!(tried["lines"], Value::Array(vec![]), "what is shown is what holds");
    let odd = pair.alpha.cli(&["policy", "show", "--preset", "opn"]);
    assert!(odd.code == 2 && odd.err.contains("closed, community and open"), "{}", odd.err);
}

#[test]
fn a_releasable_copy_shows_what_would_have_to_go_and_arrives_without_it() {
    let _turn = turn::shared();
    let pair = Pair::new();
    let id = format!("report--{}", uuid(9, 2));
    let report = format!(
        r#"{{"type":"report","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Weekly copyable","published":"2026-01-01T00:00:00Z","object_refs":["{}","{}"],"object_marking_refs":["{GREEN}"]}}"#,
        indicator_id(7, GREEN_ONE),
        indicator_id(7, RED_ONE),
    );
    pair.publish("report", &report);
    let shown = pair.alpha.json(&["copy", &id, "--for", "CERT Beta", "--dry-run"]);
    assert_eq!((&*word(&shown, "tlp"), &shown["published"]), ("amber+strict", &Value::Bool(false)));
    let removed: Vec<String> =
        shown["removed"].as_array().into_iter().flatten().map(|one| word(one, "path")).collect();
    assert!(removed.contains(&format!("object_refs {}", indicator_id(7, RED_ONE))), "{shown}");
    let unsaid = pair.alpha.cli(&["copy", &id, "--for", "CERT Beta"]);
    assert!(unsaid.code == 1 && unsaid.err.contains("--yes"), "{}", unsaid.err);
    assert!(unsaid.out.contains("GOES") && unsaid.out.contains("2 words"), "{}", unsaid.out);
    let made = pair.alpha.json(&["copy", &id, "--for", "CERT Beta", "--yes"]);
    let copy = word(&made, "id");
    until("the copy arrived", 30, || (pair.beta.cli(&["show", &copy]).code == 0).then_some(()));
    let there = pair.beta.ok(&["show", &copy, "--raw"]);
    assert!(!there.contains(&indicator_id(7, RED_ONE)) && !there.contains(&id), "{there}");
    assert!(there.contains(&indicator_id(7, GREEN_ONE)), "{there}");
    // What it is derived from names the original, and so is as strict as that.
    assert_eq!(pair.beta.json(&["search", &id]), Value::Array(vec![]));
    let green = pair.alpha.json(&["copy", &id, "--tlp", "green", "--dry-run"]);
    assert_eq!(word(&green, "tlp"), "green");
    let whole = indicator_id(7, GREEN_ONE);
    assert_eq!(
        pair.alpha.json(&["copy", &whole, "--dry-run"])["removed"][0]["path"],
        Value::from(format!("object_marking_refs {GREEN}"))
    );
    for (line, code, words) in [
        (vec!["copy", "report--00000000-0000-4000-8000-000000000000", "--yes"], 2, "E-COPY-001"),
        (vec!["copy", &id, "--for", "CERT Bta", "--yes"], 2, "did you mean `CERT Beta`?"),
        (vec!["copy", &id, "--circle", "rnig", "--yes"], 2, "did you mean `ring`?"),
    ] {
        let ran = pair.alpha.cli(&line);
        assert!(ran.code == code && ran.err.contains(words), "{line:?}: {}", ran.err);
    }
}

#[test]
fn what_waits_in_the_outbox_can_be_taken_back_and_what_was_sent_cannot() {
    let _turn = turn::shared();
    let pair = Pair::new();
    until("it arrived", 30, || pair.arrived(AMBER_ONE).then_some(()));
    let slow = "preset = \"slow\"\noutbox = \"1h\"\nfirst_share = \"go\"\nwidening = \"go\"\n";
    let slow = pair.alpha.file("slow.toml", slow);
    pair.alpha.ok(&["policy", "set", &slow, "--reason", "a slip of the hand last week"]);
    pair.publish("slip", &marked(7, 4, "slip.example", Some(GREEN)));
    let waiting = pair.line(true).expect("indicators that it may have");
    assert_eq!((number(&waiting, "waiting"), number(&waiting, "has")), (1, 2), "{waiting}");
    pair.alpha.ok(&["publish", "--undo", &indicator_id(7, 4), "--reason", "the wrong file"]);
    assert_eq!(pair.alpha.cli(&["show", &indicator_id(7, 4)]).code, 1, "it is gone here, too");
    let kept = pair.alpha.json(&["search", "wrong file"]);
    assert_eq!(word(&kept[0], "kind"), "entente/audit", "{kept}");

    let sent = pair.alpha.cli(&["publish", "--undo", &indicator_id(7, AMBER_ONE)]);
    assert_eq!(sent.code, 1, "{}", sent.err);
    assert!(sent.err.contains("E-OUTBOX-001") && sent.err.contains("CERT Beta"), "{}", sent.err);
    let (now, again) = ("outbox = \"0s\"\nwidening = \"go\"\nfirst_share = \"go\"\n", 5);
    let now = pair.alpha.file("now.toml", now);
    pair.alpha.ok(&["policy", "set", &now, "--reason", "calm again"]);
    pair.publish("again", &marked(7, again, "again.example", Some(GREEN)));
    until("it is sent at once again", 30, || pair.arrived(again).then_some(()));
    assert!(!pair.arrived(4), "what was taken back was never sent");
}

#[test]
fn the_first_share_waits_for_a_persons_yes_where_the_policy_says_so() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    let toml = "preset = \"shy\"\nfirst_share = \"ask\"\nwidening = \"go\"\n";
    let shy = alpha.file("shy.toml", toml);
    alpha.ok(&["policy", "set", &shy, "--reason", "look first", "--widen"]);
    alpha.link_with(&beta, &["ring"]);
    let pair = Pair { alpha, beta };
    pair.publish("one", &marked(7, GREEN_ONE, "one.example", Some(GREEN)));
    let partners = pair.alpha.ok(&["partner", "list"]);
    assert!(partners.contains("entente partner release \"CERT Beta\""), "{partners}");
    let waiting = pair.line(true).or_else(|| pair.line(false)).expect("one indicator");
    assert_eq!((number(&waiting, "has"), pair.arrived(GREEN_ONE)), (0, false), "{waiting}");
    pair.alpha.ok(&["partner", "release", "CERT Beta", "--reason", "looked at the preview"]);
    until("it is sent then", 30, || pair.arrived(GREEN_ONE).then_some(()));
    assert!(!pair.alpha.ok(&["partner", "list"]).contains("partner release"));
}
