//! Partners ask one another whether they saw something. Who is told how much is on each one's card;
//! who is refused learns nothing by it, and nobody beside the two learns anything at all.

use model::id::NodeId;
use model::question::{Answer, Question};
use serde_json::{Value, json};
use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::stix::{GREEN, envelope, indicator_id, marked};
use world_tests::turn;

/// Hands in so many events that name a domain.
fn meet(node: &Running, name: &str, times: usize) {
    let event = json!({"timestamp": "2026-02-01T00:00:01.000000+0000", "event_type": "dns",
        "dns": {"rrname": name}});
    let reply =
        node.api().post("/telemetry", "application/x-ndjson", format!("{event}\n").repeat(times));
    assert!(matches!(reply.status, 200..=299), "{}: {}", reply.status, reply.text());
}

/// Puts a measure on the card of a partner.
fn tells(node: &Running, partner: &str, answers: &str) {
    let file = node.file("card.toml", format!("[give]\nanswers = \"{answers}\"\n"));
    node.ok(&["card", "set", partner, &file, "--reason", "agreed by telephone", "--widen"]);
}

/// The line that tells what a partner said of a value.
fn line<'a>(lines: &'a [Value], partner: &str, value: &str) -> &'a Value {
    let same = |line: &&Value| word(line, "partner") == partner && word(line, "value") == value;
    lines.iter().find(same).unwrap_or_else(|| panic!("{partner} of {value}: {lines:?}"))
}

fn ask(node: &Running, values: &[&str], partners: &str) -> Vec<Value> {
    let typed = [&["seen"], values, &["--ask", partners, "--wait", "60s", "--json"]].concat();
    node.cli(&typed).lines()
}

fn id(node: &Running) -> NodeId {
    word(&node.api().get("/api/v1/node").json(), "node").parse().expect("a node's id")
}

/// The things of a question and of its answer.
fn things(asker: &Running, question: &str, partner: &Running) -> [String; 2] {
    let asked = question.parse().expect("an id");
    let question = Question::thing(&asked, &id(partner));
    [question.to_string(), Answer::thing(&question.uuid, &id(asker), &id(partner)).to_string()]
}

/// What an answer says, without which question it is the answer to.
fn said(node: &Running, answer: &str) -> String {
    let raw = node.ok(&["show", answer, "--raw"]);
    let about = |line: &&str| !line.starts_with("question ") && !line.starts_with("digest ");
    raw.lines().filter(about).collect::<Vec<_>>().join("\n")
}

/// All that an answer says that says nothing.
const REFUSAL: &str = "entente/answer/1\nsays refused";

/// Asks for one value, is refused, and gives what the answer says.
fn refusal(asker: &Running, partner: &Running, value: &str) -> String {
    let lines = ask(asker, &[value], &partner.name);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(word(line, "answer"), "refused", "{line}");
    let [_, answer] = things(asker, &word(line, "question"), partner);
    said(asker, &answer)
}

/// Publishes an indicator and waits until a partner has it: what went before it, is there.
fn overtaken(from: &Running, to: &Running, n: u64) {
    let object = marked(9, n, &format!("n{n}.later.example"), Some(GREEN));
    let file = from.file("later.json", envelope(&[object]));
    from.ok(&["publish", &file, "--circle", "ring"]);
    let has = || to.cli(&["show", &indicator_id(9, n)]).code == 0;
    until("what came later is there", 30, || has().then_some(()));
}

#[test]
fn partners_are_told_what_the_card_says_and_a_third_hears_nothing() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let (gamma, delta) = (Running::new("CERT Gamma"), Running::new("CERT Delta"));
    let _ring = alpha.circle("ring", "green");
    for other in [&beta, &gamma, &delta] {
        alpha.link_with(other, &["ring"]);
    }
    meet(&beta, "a.evil.example", 12);
    meet(&gamma, "a.evil.example", 12);
    tells(&beta, "CERT Alpha", "band");
    let shown = beta.ok(&["card", "show", "CERT Alpha"]);
    assert!(shown.contains("answers = \"band\""), "{shown}");

    let lines = ask(&alpha, &["evil.example", "never.example"], "CERT Beta,CERT Gamma");
    let met = line(&lines, "CERT Beta", "evil.example");
    let told = ["answer", "band", "first", "last"].map(|name| word(met, name));
    assert_eq!(told, ["yes", "10-99", "2026-02-01", "2026-02-01"], "{met}");
    assert_eq!(met["count"], Value::Null, "no card says how often: {met}");
    assert_eq!(word(line(&lines, "CERT Beta", "never.example"), "answer"), "no");
    for value in ["evil.example", "never.example"] {
        let refused = line(&lines, "CERT Gamma", value);
        assert_eq!(word(refused, "answer"), "refused", "{refused}");
        assert!(refused["band"].is_null() && refused["first"].is_null(), "{refused}");
    }

    let asked = beta.cli(&["seen", "--asked", "--json"]).lines();
    let [one] = asked.as_slice() else { panic!("{asked:?}") };
    let told = ["partner", "state"].map(|name| word(one, name));
    assert_eq!(told, ["CERT Alpha", "answered"], "Beta's own people see what it told: {one}");
    assert_eq!(word(&one["values"][0], "band"), "10-99", "{one}");
    let text = gamma.ok(&["seen", "--asked"]);
    assert!(text.contains("never.example") && text.contains("refused"), "{text}");

    // What is asked later, and of one alone, is read by its number, too.
    let question = word(met, "question");
    let again = alpha.ok(&["seen", "--question", &question]);
    assert!(again.contains("10-99") && again.contains("refused"), "{again}");
    let [asked, answer] = things(&alpha, &question, &beta);
    let has = |node: &Running, thing: &str| node.cli(&["show", thing]).code == 0;
    assert!(has(&beta, &asked) && has(&alpha, &answer), "the two have both");
    overtaken(&alpha, &delta, 1);
    overtaken(&alpha, &gamma, 2);
    for thing in [&asked, &answer] {
        assert!(!has(&delta, thing) && !has(&gamma, thing), "{thing} is for two alone");
    }
    let reader = beta.token("reader", &["--circle", "ring", "--read"]);
    let mut http = world_tests::http::Http::with(&beta.http, &reader);
    for (method, path) in
        [("GET", format!("/api/v1/seen/ask/{question}")), ("POST", "/api/v1/seen/ask".to_owned())]
    {
        let reply = http.send(method, &path, &[], b"{}");
        assert_eq!(reply.status, 403, "{method} {path}: {}", reply.text());
    }
    let receipts = alpha.ok(&["receipts", &asked]);
    assert!(receipts.contains("CERT Beta") && !receipts.contains("CERT Delta"), "{receipts}");
}

#[test]
fn who_is_refused_hears_the_same_whether_it_was_seen_or_not() {
    let _turn = turn::shared();
    let (alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    meet(&beta, "evil.example", 3);
    let seen_or_not = ["evil.example", "never.example"];
    for value in seen_or_not {
        assert_eq!(refusal(&alpha, &beta, value), REFUSAL, "by its card");
    }

    // A day's values, and then one more; over a start as well.
    tells(&beta, "CERT Alpha", "count");
    let counted = ask(&alpha, &["evil.example"], "CERT Beta");
    assert_eq!(number(line(&counted, "CERT Beta", "evil.example"), "count"), 3);
    let mut questions = Vec::new();
    for part in 0..10 {
        let most = if part == 9 { 99 } else { 100 };
        let values: Vec<String> = (0..most).map(|n| format!("n{n}.p{part}.example")).collect();
        let body = json!({"partners": ["CERT Beta"], "values": values}).to_string();
        let reply = alpha.api().post("/api/v1/seen/ask", "application/json", body);
        questions.push(word(&reply.json(), "question"));
    }
    let answered = |question: &str| {
        let reply = alpha.api().get(&format!("/api/v1/seen/ask/{question}")).json();
        word(&reply["partners"][0], "state") == "answered"
    };
    until("all are answered", 60, || questions.iter().all(|one| answered(one)).then_some(()));
    assert_eq!(beta.stop(), Some(0));
    beta.serve();
    for value in seen_or_not {
        assert_eq!(refusal(&alpha, &beta, value), REFUSAL, "by the bound of a day");
    }
}
