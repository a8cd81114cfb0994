//! Partners without a network: keys, records and receipts go by file between two nodes that never
//! speak to each other. And every file that is not what it should be.

use serde_json::Value;
use std::path::Path;
use world_tests::clock::until;
use world_tests::entente::{Ran, Running, number, word};
use world_tests::peer::Peer;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

/// Ended with this exit code, and said this.
fn says(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, code, "{words}: {}{}", ran.out, ran.err);
    let told = format!("{}{}", ran.out, ran.err);
    assert!(told.contains(words), "not `{words}` in: {told}");
    assert!(code == 0 || ran.out.is_empty() || ran.err.is_empty(), "{told}");
}

fn publish(node: &Running, numbers: std::ops::Range<u64>) {
    let objects: Vec<String> =
        numbers.clone().map(|n| indicator(1, n, &format!("n{n}.example"))).collect();
    let file = node.file("publish.json", envelope(&objects));
    let told = node.json(&["publish", &file, "--circle", "ring"]);
    assert_eq!(number(&told, "accepted"), numbers.end - numbers.start);
}

fn has(node: &Running, n: u64) -> bool {
    node.cli(&["show", &indicator_id(1, n)]).code == 0
}

fn path(node: &Running, name: &str) -> String {
    node.beside(name).to_str().expect("paths of tests are text").to_owned()
}

fn export(node: &Running, partner: &str, name: &str, flags: &[&str]) -> (String, Value) {
    let file = path(node, name);
    let arguments = [&["bundle", "export", "--partner", partner], flags, &[&file]].concat();
    let told = node.json(&arguments);
    (file, told)
}

/// Each pins what the other printed, and both confirm the words.
fn pin(a: &Running, b: &Running) {
    let card = |node: &Running| node.file("node.key", node.ok(&["bundle", "key"]));
    let (of_a, of_b) = (card(a), card(b));
    let here = a.json(&["bundle", "key", "--of", &b.name, &of_b]);
    let there = b.json(&["bundle", "key", "--of", &a.name, &of_a]);
    let words = word(&here, "words");
    assert_eq!(words, word(&there, "words"), "both read the same words");
    assert_eq!(here["confirmed"], Value::Bool(false));
    for (node, other) in [(a, b), (b, a)] {
        let words: Vec<&str> = words.split_whitespace().collect();
        node.ok(&[&["partner", "confirm", &other.name], &words[..]].concat());
    }
}

/// Alpha convenes a circle, Beta has accepted it, and all of that went by file.
fn pair() -> (Running, Running) {
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    pin(&alpha, &beta);
    let _ring = alpha.circle("ring", "amber");
    alpha.ok(&["circle", "add", "ring", "CERT Beta"]);
    let (list, _) = export(&alpha, "CERT Beta", "list", &[]);
    beta.ok(&["bundle", "import", &list]);
    beta.ok(&["circle", "accept", "ring"]);
    (alpha, beta)
}

fn lag(node: &Running) -> u64 {
    let list = node.json(&["partner", "list"]);
    list.as_array().and_then(|list| list.first()).map_or(u64::MAX, |l| number(l, "lag_records"))
}

#[test]
fn two_nodes_that_never_meet_share_by_file_and_prove_it_by_file() {
    let _turn = turn::shared();
    let (alpha, beta) = pair();
    publish(&alpha, 1..40);
    assert!(lag(&alpha) > 0);
    let (file, told) = export(&alpha, "CERT Beta", "one", &[]);
    assert_eq!((number(&told, "first"), told["more"].as_bool()), (0, Some(false)), "{told}");
    let bytes = std::fs::read(&file).expect("the bundle");
    assert!(!String::from_utf8_lossy(&bytes).contains("n7.example"), "it is sealed");
    let told = beta.json(&["bundle", "import", &file]);
    assert_eq!(number(&told, "new"), number(&told, "next"), "{told}");
    assert!(has(&beta, 1) && has(&beta, 39));
    let raw = beta.ok(&["show", &indicator_id(1, 7), "--raw"]);
    assert_eq!(raw, indicator(1, 7, "n7.example"), "byte for byte");
    // The same file again is no harm, and its receipts are the same.
    let receipts = word(&told, "receipts_file");
    let again = beta.json(&["bundle", "import", &file]);
    assert_eq!((number(&again, "new"), again["receipts_file"].as_str()), (0, Some(&*receipts)));

    let told = alpha.json(&["bundle", "import", &receipts]);
    assert_eq!((word(&told, "holds"), lag(&alpha)), ("receipts".to_owned(), 0), "{told}");
    let again = alpha.json(&["bundle", "import", &receipts]);
    assert_eq!(number(&again, "new"), 0, "{again}");
    assert_eq!(number(&again, "known"), number(&told, "new") + number(&told, "known"));
    let nothing = alpha.json(&["bundle", "export", "--partner", "CERT Beta", &path(&alpha, "no")]);
    assert_eq!((number(&nothing, "records"), &nothing["file"]), (0, &Value::Null));
    assert!(!Path::new(&path(&alpha, "no")).exists(), "an empty bundle is none");

    // Nothing went by a link, and the way back works as well.
    let list = alpha.json(&["partner", "list"]);
    assert_eq!(list[0]["address"], Value::Null);
    publish(&beta, 50..52);
    let (file, _) = export(&beta, "CERT Alpha", "back", &[]);
    alpha.ok(&["bundle", "import", &file]);
    assert!(has(&alpha, 50) && has(&alpha, 51));
}

/// Changes a node's key; without partners that it could wait for, or at once.
fn rotate(node: &Running) -> String {
    let before = word(&node.json(&["keys", "show"]), "signs");
    node.ok(&["keys", "rotate", "--now"]);
    until("it signs with its new key", 30, || {
        let signs = word(&node.json(&["keys", "show"]), "signs");
        (signs != before).then_some(signs)
    })
}

#[test]
fn nodes_that_changed_their_keys_meet_by_file_and_open_what_was_sealed_before_a_change() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let node = |of: &Running| word(&of.json(&["keys", "show"]), "node");
    let ids = [node(&alpha), node(&beta)];
    rotate(&alpha);
    rotate(&alpha);
    rotate(&beta);
    pin(&alpha, &beta);
    let listed = |at: &Running| word(&at.json(&["partner", "list"])[0], "node");
    assert_eq!([listed(&beta), listed(&alpha)], ids, "each by the id of its first key");
    let _ring = alpha.circle("ring", "amber");
    alpha.ok(&["circle", "add", "ring", "CERT Beta"]);
    // Sealed to the key that Beta leaves while the file is on its way.
    let (file, _) = export(&alpha, "CERT Beta", "list", &[]);
    rotate(&beta);
    let checked = beta.cli(&["verify", &file]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    beta.ok(&["bundle", "import", &file]);
    beta.ok(&["circle", "accept", "ring"]);
    publish(&alpha, 1..3);
    let (file, _) = export(&alpha, "CERT Beta", "again", &["--from", "0"]);
    let told = beta.json(&["bundle", "import", &file]);
    assert!(has(&beta, 1) && has(&beta, 2), "{told}");
    let data = beta.data();
    let data = data.to_str().expect("a text").to_owned();
    assert_eq!(beta.cli(&["verify", &data]).code, 0);
    // The file of the former key is looked at as well: it alone opens what was sealed to it.
    let former = beta.data().join("node.key.former");
    let text = std::fs::read_to_string(&former).expect("a key");
    let other = text.replacen(|digit: char| digit != '0', "0", 1);
    std::fs::write(&former, other).expect("a file");
    let checked = beta.cli(&["verify", &data]);
    assert_eq!(checked.code, 1, "{}{}", checked.out, checked.err);
    assert!(checked.out.contains("node.key.former"), "{}", checked.out);
    let (again, _) = export(&alpha, "CERT Beta", "third", &["--from", "0"]);
    says(&beta.cli(&["bundle", "import", &again]), 2, "E-BUNDLE-002");
}

#[test]
fn a_recall_goes_by_file_as_well_and_small_bundles_follow_each_other() {
    let _turn = turn::shared();
    let (alpha, beta) = pair();
    publish(&alpha, 0..2_000);
    // A way without a way back: nothing is receipted, and the numbers say where to go on.
    let (mut parts, mut from) = (Vec::new(), 0);
    loop {
        let (name, start) = (format!("part{}", parts.len()), from.to_string());
        let flags = ["--from", &start, "--max", "300000"];
        let (file, told) = export(&alpha, "CERT Beta", &name, &flags);
        assert!(std::fs::metadata(&file).expect("a part").len() <= 300_000);
        parts.push(file);
        from = number(&told, "next");
        if told["more"] == false {
            break;
        }
    }
    assert!(parts.len() > 1, "{} parts", parts.len());
    let [first, second, ..] = parts.as_slice() else { panic!("two parts at least") };
    let gap = beta.cli(&["bundle", "import", second]);
    says(&gap, 1, "E-BUNDLE-003");
    assert!(gap.err.contains("Hint: "), "{}", gap.err);
    assert!(!has(&beta, 1_999));
    for part in [first, first].into_iter().chain(&parts) {
        beta.ok(&["bundle", "import", part]);
    }
    assert!(has(&beta, 0) && has(&beta, 1_999));
    alpha.ok(&["recall", &indicator_id(1, 5), "--reason", "a mistake"]);
    // Overlaps all that is there already.
    let (file, _) = export(&alpha, "CERT Beta", "recall", &["--again"]);
    let told = beta.json(&["bundle", "import", &file]);
    assert_eq!(number(&told, "new"), 1, "{told}");
    assert!(!has(&beta, 5) && has(&beta, 6));
    alpha.ok(&["bundle", "import", &word(&told, "receipts_file")]);
    assert_eq!(lag(&alpha), 0);
}

#[test]
fn files_and_links_mix_and_a_link_tells_the_keys_both_ways() {
    let _turn = turn::shared();
    let (mut alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&beta, &["ring"]);
    publish(&alpha, 1..3);
    until("it came by the link", 30, || has(&beta, 2).then_some(()));
    until("and was receipted", 30, || (lag(&alpha) == 0).then_some(()));
    beta.kill();
    publish(&alpha, 3..6);
    // Alpha never dials: what to seal to came with Beta's questions.
    let (file, told) = export(&alpha, "CERT Beta", "between", &[]);
    assert_eq!(number(&told, "records"), 3, "{told}");
    alpha.kill();
    beta.serve();
    let told = beta.json(&["bundle", "import", &file]);
    assert_eq!((number(&told, "new"), number(&told, "known")), (3, 0), "{told}");
    assert!(has(&beta, 5));
    alpha.serve();
    publish(&alpha, 6..7);
    until("the link goes on behind the file", 30, || has(&beta, 6).then_some(()));
    until("the receipts came by the link", 30, || (lag(&alpha) == 0).then_some(()));
    for n in 1..7 {
        let shown = beta.json(&["show", &indicator_id(1, n)]);
        assert_eq!(shown.as_array().map_or(1, Vec::len), 1, "{n} once: {shown}");
    }
    let back = alpha.json(&["bundle", "import", &word(&told, "receipts_file")]);
    assert_eq!(number(&back, "new"), 0, "{back}");
}

#[test]
fn a_file_that_is_not_what_it_should_be_is_refused_and_says_why() {
    let _turn = turn::shared();
    let (alpha, beta) = pair();
    let gamma = Running::new("CERT Gamma");
    publish(&alpha, 1..4);
    let (good, _) = export(&alpha, "CERT Beta", "good", &[]);
    let bytes = std::fs::read(&good).expect("the bundle");
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cut = |length: usize| bytes.get(..length).expect("shorter").to_vec();
    let table = [
        ("text", b"{\"type\":\"bundle\"}".to_vec(), "E-BUNDLE-001"),
        ("nothing", Vec::new(), "E-BUNDLE-001"),
        ("head", cut(40), "E-BUNDLE-001"),
        ("cut", cut(bytes.len() - 1), "E-BUNDLE-002"),
        ("half", cut(bytes.len() / 2 + 80), "E-BUNDLE-002"),
        ("flipped", changed(bytes.len() - 9), "E-BUNDLE-002"),
        ("longer", [&bytes[..], b"x"].concat(), "E-BUNDLE-002"),
    ];
    for (name, bytes, code) in table {
        let file = beta.file(name, bytes);
        says(&beta.cli(&["bundle", "import", &file]), 2, code);
    }
    assert!(!path_exists(&beta, "cut.receipts"));
    says(&gamma.cli(&["bundle", "import", &good]), 1, "E-BUNDLE-005");
    says(&beta.cli(&["bundle", "import", &path(&beta, "missing")]), 2, "E-FILE-001");
    // Gamma knows Beta, and Beta has never heard of Gamma.
    let card = gamma.file("beta.key", beta.ok(&["bundle", "key"]));
    gamma.ok(&["bundle", "key", "--of", "CERT Beta", &card]);
    let _circle = gamma.circle("other", "green");
    gamma.ok(&["circle", "add", "other", "CERT Beta"]);
    let (file, _) = export(&gamma, "CERT Beta", "unasked", &[]);
    says(&beta.cli(&["bundle", "import", &file]), 1, "E-BUNDLE-006");
    assert!(!beta.ok(&["circle", "list"]).contains("other"));

    let to = |flags: &[&str]| {
        let file = path(&alpha, "wrong");
        let ran = alpha.cli(&[&["bundle", "export"], flags, &[&file]].concat());
        assert!(!Path::new(&file).exists(), "a refused export leaves no file");
        ran
    };
    says(&to(&["--partner", "CERT Beta", "--max", "10"]), 2, "E-BUNDLE-007");
    says(&to(&["--partner", "Nobody"]), 2, "E-PARTNER-001");
    says(&to(&["--partner", "CERT Beta", "--from", "9000"]), 2, "E-BUNDLE-008");
    says(
        &alpha.cli(&["bundle", "export", "--partner", "CERT Beta", &good]),
        2,
        "nothing is overwritten",
    );
    // A partner that never told its key: an older program, or one that is silent.
    let code = word(&alpha.json(&["partner", "invite", "--trust-code"]), "code");
    Peer::new(&alpha.link, [9; 32]).join(&code, "Silent");
    says(&to(&["--partner", "Silent"]), 1, "E-BUNDLE-004");
    let hpke = word(&gamma.json(&["bundle", "key"]), "hpke");
    says(&alpha.cli(&["bundle", "key", "--of", "Silent", &hpke]), 0, "can be sealed");
    says(&to(&["--partner", "Silent"]), 0, "nothing waits");
    // Keys: another's under a known name, and what is none.
    let card = alpha.file("gamma.key", gamma.ok(&["bundle", "key"]));
    says(&alpha.cli(&["bundle", "key", "--of", "CERT Beta", &card]), 1, "E-BUNDLE-005");
    let forged = gamma.ok(&["bundle", "key"]).replace("CERT Gamma", "CERT Delta");
    for wrong in [forged.as_str(), "hello", ""] {
        let file = alpha.file("wrong.key", wrong);
        says(&alpha.cli(&["bundle", "key", "--of", "CERT Delta", &file]), 2, "E-BUNDLE-001");
    }
    // After all of it the good one is taken as if nothing had been.
    beta.ok(&["bundle", "import", &good]);
    assert!(has(&beta, 1) && has(&beta, 3));
}

fn path_exists(node: &Running, name: &str) -> bool {
    node.beside(name).exists()
}
