//! What a tired person reads at three in the morning: a table of terminal sessions, each with its
//! exit code and its exact words, and the same for scripts with `--json`.

use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use world_tests::clock::until;
use world_tests::entente::{Ran, Running, binary, number, run, word};
use world_tests::stix::{indicator, indicator_id};
use world_tests::turn;

/// One session: what is typed, the exit code, the error's code, what is wrong, and what to do. `{}`
/// stands for the folder of the test's files.
struct Typed(&'static str, i32, &'static str, &'static str, &'static str);

/// Types it twice, for a person and for a script, and compares all that is said.
fn says(typed: &Typed, folder: &str, type_it: impl Fn(&[&str]) -> Ran) {
    let Typed(line, exit, code, message, hint) = typed;
    let filled = |text: &str| text.replace("{}", folder);
    let line = filled(line);
    // Words in quotes stay together, as in a shell.
    let parts = line.split('"').enumerate().flat_map(|(index, part)| {
        let words: Vec<&str> =
            if index % 2 == 1 { vec![part] } else { part.split_whitespace().collect() };
        words
    });
    let arguments: Vec<&str> = parts.collect();
    let person = type_it(&arguments);
    let expected = format!("error: {code}: {}\nHint: {}\n", filled(message), filled(hint));
    assert_eq!((person.code, person.err.as_str()), (*exit, expected.as_str()), "entente {line}");
    assert_eq!(person.out, "", "entente {line}: a failure prints no result");
    let script = type_it(&[&arguments[..], &["--json"]].concat());
    let document: Value = serde_json::from_str(&script.err)
        .unwrap_or_else(|error| panic!("entente {line} --json: {error}: {}", script.err));
    let told = json!({"error": {"code": code, "message": filled(message), "hint": filled(hint)}});
    assert_eq!((script.code, &document), (*exit, &told), "entente {line} --json");
    assert_eq!(script.out, "", "entente {line} --json");
}

const FILES: &[Typed] = &[
    Typed(
        "publish {}/nowhere.json --circle ring",
        2,
        "E-FILE-001",
        "{}/nowhere.json: there is no such file or folder",
        "is its name spelt right?",
    ),
    Typed(
        "publish {} --circle ring",
        2,
        "E-FILE-001",
        "{}: it is a folder",
        "name its files, for instance with a *",
    ),
    Typed(
        "publish {}/empty.txt --circle ring",
        2,
        "E-FILE-002",
        "there is nothing to publish in {}/empty.txt",
        "a file is empty, holds comments only, or has no STIX object; see `entente check FILE`",
    ),
    Typed(
        "publish {}/one.json --circle ring --format misp",
        2,
        "E-API-415",
        "{}/one.json: the format `misp` is not yet supported",
        "stix, list, csv and sigma are",
    ),
    Typed(
        "check {}/nowhere.json",
        2,
        "E-FILE-001",
        "{}/nowhere.json: there is no such file or folder",
        "is its name spelt right?",
    ),
    Typed("check {}", 2, "E-FILE-001", "{}: it is a folder", "name a file in it"),
    Typed(
        "check {}/one.json/x",
        2,
        "E-FILE-001",
        "{}/one.json/x: a part of its path is no folder",
        "is it spelt right?",
    ),
];

const NAMES: &[Typed] = &[
    Typed(
        "publish {}/one.json --circle rnig",
        2,
        "E-CIRCLE-001",
        "no circle `rnig` is followed here",
        "did you mean `ring`? `entente circle list` shows those that there are",
    ),
    Typed(
        "publish {}/one.json --circle elsewhere",
        2,
        "E-CIRCLE-001",
        "no circle `elsewhere` is followed here",
        "`entente circle list` shows those that there are",
    ),
    Typed(
        "publish {}/one.json --circle wine",
        2,
        "E-CIRCLE-001",
        "no circle `wine` is followed here",
        "`entente circle list` shows those that there are",
    ),
    Typed(
        "publish {}/one.json --circle ring --to Gamma",
        2,
        "E-PARTNER-011",
        "`Gamma` is no member of `ring`",
        "its members are: CERT Alpha, CERT Beta",
    ),
    Typed(
        "publish {}/one.json --circle ring --to \"Cert Bate\"",
        2,
        "E-PARTNER-011",
        "`Cert Bate` is no member of `ring`",
        "did you mean `CERT Beta`? its members are: CERT Alpha, CERT Beta",
    ),
    Typed(
        "partner remove \"CERT Bta\"",
        2,
        "E-PARTNER-001",
        "no partner `CERT Bta`",
        "did you mean `CERT Beta`? `entente partner list` shows those that there are",
    ),
    Typed(
        "partner confirm \"CERT Beta\" one two three four five six",
        1,
        "E-PARTNER-005",
        "the words differ: this may be somebody else",
        "compare them by telephone; if they differ, remove the partner",
    ),
    Typed(
        "partner join ent1:nonsense --yes",
        2,
        "E-PARTNER-006",
        "the code is damaged: a character is missing, changed or added",
        "copy the whole code; `entente partner invite` there makes a new one",
    ),
    Typed("partner join ent1:x", 2, "E-CLI-002", "joining needs a yes", "add --yes"),
    Typed(
        "circle create ring",
        1,
        "E-CIRCLE-003",
        "there is a circle `ring` already",
        "choose another name; `entente circle list` shows those that there are",
    ),
    Typed(
        "circle create a/b",
        2,
        "E-CIRCLE-002",
        "not a name for a circle",
        "1 to 128 bytes, without control characters, slash, colon or comma",
    ),
    Typed(
        "circle add ring nobody",
        2,
        "E-PARTNER-001",
        "no partner `nobody`",
        "`entente partner list` shows those that there are",
    ),
    Typed(
        "circle remove ring \"CERT Alpha\"",
        1,
        "E-CIRCLE-007",
        "the convener cannot leave its own circle",
        "remove the other members; nothing more is sent to who is none",
    ),
    Typed(
        "circle accept ring",
        2,
        "E-CIRCLE-009",
        "no new version of this circle is on offer",
        "there is nothing to do: `entente circle list` shows what is followed",
    ),
    Typed(
        "token create siem --circle ring --read",
        1,
        "E-TOKEN-001",
        "there is a token `siem` already",
        "choose another name, or end it: entente token revoke \"siem\"",
    ),
    Typed(
        "token create x --circle rin --read",
        2,
        "E-CIRCLE-001",
        "no circle `rin` is followed here",
        "did you mean `ring`? `entente circle list` shows those that there are",
    ),
    Typed(
        "token create x --circle ring",
        2,
        "E-CLI-002",
        "a token that may do nothing",
        "give it --read, --write or --admin",
    ),
    Typed(
        "token create x --circle ring --read --expires 2020-01-01",
        2,
        "E-TOKEN-006",
        "it would be expired already",
        "such as --expires 90d",
    ),
    Typed(
        "token revoke seim",
        2,
        "E-TOKEN-004",
        "there is no token `seim`",
        "did you mean `siem`? `entente token list` shows those that there are",
    ),
    Typed(
        "token create x --circle ring --read --expires never",
        2,
        "E-CLI-002",
        "`never` is no time",
        "2026-12-01T08:00:00Z, 2026-12-01, or a span from now such as 90d or 12h",
    ),
];

const OBJECTS: &[Typed] = &[
    Typed(
        "show indicator--00000000-0000-4000-8000-000000000000",
        1,
        "E-API-404",
        "no such object",
        "is its id spelt right? `entente search` finds what there is; where what was recalled \
         went, `entente receipts ID` tells",
    ),
    Typed(
        "who nonsense",
        1,
        "E-API-404",
        "no such object",
        "is its id spelt right? `entente search` finds what there is; where what was recalled \
         went, `entente receipts ID` tells",
    ),
    Typed(
        "recall indicator--00000000-0000-4000-8000-000000000000 --reason x",
        1,
        "E-RECORD-002",
        "this node has signed no such record",
        "only a record's signer may recall or relabel it; `entente show ID` names it",
    ),
    Typed("search \"\"", 2, "E-CLI-002", "nothing to search for", "give words, one value or an id"),
    Typed(
        "publish {}/one.json",
        2,
        "E-CLI-002",
        "the following required arguments were not provided: --circle <NAME>",
        "entente publish --help",
    ),
    Typed(
        "publish {}/broken.json --circle ring",
        2,
        "E-JSON-001",
        "{}/broken.json: not JSON at line 1, column 16: EOF while parsing an object",
        "the place is where reading had to stop",
    ),
    Typed(
        "circle create x --default GREN",
        2,
        "E-CLI-002",
        "invalid value 'GREN' for '--default <TLP>': unknown; use clear, green, amber, \
         amber+strict or red",
        "entente circle create --help",
    ),
    Typed(
        "publish {}/one.json --circel ring",
        2,
        "E-CLI-002",
        "unexpected argument '--circel' found",
        "a similar argument exists: '--circle'; see also entente publish --help",
    ),
    Typed(
        "pubish {}/one.json",
        2,
        "E-CLI-002",
        "unrecognized subcommand 'pubish'",
        "a similar subcommand exists: 'publish'; see also entente --help",
    ),
    Typed("nosuch show", 2, "E-CLI-002", "unrecognized subcommand 'nosuch'", "entente --help"),
];

/// Two nodes that share `ring`; the first has files beside it and a token.
fn pair() -> (Running, Running, String) {
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let _siem = alpha.token("siem", &["--circle", "ring", "--read"]);
    let files = alpha.beside("files");
    std::fs::create_dir(&files).expect("a folder for files");
    std::fs::write(files.join("empty.txt"), "").expect("an empty file");
    std::fs::write(files.join("broken.json"), "{\"type\":\"bundle\"").expect("half a file");
    std::fs::write(files.join("one.json"), indicator(1, 1, "one.example")).expect("a file");
    let files = files.to_str().expect("paths of tests are text").to_owned();
    (alpha, beta, files)
}

#[test]
fn every_slip_is_told_in_one_line_with_the_next_thing_to_type_in_another() {
    let _turn = turn::shared();
    let (alpha, _beta, files) = pair();
    for typed in FILES.iter().chain(NAMES).chain(OBJECTS) {
        says(typed, &files, |arguments| alpha.cli(arguments));
    }
    let held = alpha.json(&["search", "one.example"]);
    assert_eq!(held, json!([]), "nothing of all this was published");
}

/// A command for the node at this address, with a token or without.
fn at(url: &str, token: Option<&str>, arguments: &[&str]) -> Ran {
    let mut command = Command::new(binary());
    command.args(arguments).args(["--url", url]).stdin(Stdio::null());
    command.env_remove("ENTENTE_TOKEN").env_remove("ENTENTE_DATA_DIR");
    if let Some(token) = token {
        command.env("ENTENTE_TOKEN", token);
    }
    ran(&mut command)
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the binary runs");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn nodes_that_are_away_and_tokens_that_are_not_good_say_what_to_do() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let _ring = node.circle("ring", "green");
    let reader = node.token("reader", &["--circle", "ring", "--read"]);
    let brief = node.token("brief", &["--circle", "ring", "--read", "--expires", "1s"]);
    let url = format!("http://{}", node.http);
    let list = "circle list";
    let unauthorized = Typed(
        list,
        3,
        "E-HTTP-401",
        "the token is unknown, revoked or expired",
        "put a good one into ENTENTE_TOKEN; `entente token create` makes one",
    );
    says(&unauthorized, "", |arguments| at(&url, Some("ent_wrong"), arguments));
    until("the token expires", 30, || {
        (at(&url, Some(&brief), &["circle", "list"]).code == 3).then_some(())
    });
    says(&unauthorized, "", |arguments| at(&url, Some(&brief), arguments));
    let missing = Typed(
        list,
        3,
        "E-CLI-003",
        "no token for the node at --url",
        "put one into the variable ENTENTE_TOKEN",
    );
    says(&missing, "", |arguments| at(&url, None, arguments));
    let denied = Typed(
        "token list",
        1,
        "E-API-403",
        "this token does not administer the node",
        "create one with --admin",
    );
    says(&denied, "", |arguments| at(&url, Some(&reader), arguments));
    let elsewhere = Typed(
        list,
        2,
        "E-CLI-002",
        "`http://elsewhere.example` is no address of a node",
        "in the clear only this machine is spoken to: write https://",
    );
    says(&elsewhere, "", |arguments| at("http://elsewhere.example", Some("x"), arguments));
    node.kill();
    let nobody = Typed(list, 75, "E-CLI-075", "nobody answers at {}", "`entente serve` starts it");
    says(&nobody, &url, |arguments| at(&url, Some("x"), arguments));
}

#[test]
fn a_folder_that_cannot_be_used_says_why_and_what_to_do() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let data = node.data();
    let folder = data.to_str().expect("paths of tests are text").to_owned();
    let busy = Typed(
        "init --name Again",
        75,
        "E-CLI-075",
        "a node is running on {}",
        "stop it first, or use another folder with --data",
    );
    says(&busy, &folder, |arguments| node.cli(arguments));
    assert_eq!(node.stop(), Some(0));
    let stopped = Typed(
        "circle list",
        75,
        "E-CLI-075",
        "no node is running on {}",
        "entente serve --data {}",
    );
    says(&stopped, &folder, |arguments| node.cli(arguments));
    let twice = Typed(
        "init --name Again",
        3,
        "E-CONFIG-003",
        "{} holds a node already; nothing was changed",
        "`entente serve` starts it; --data names another folder",
    );
    says(&twice, &folder, |arguments| node.cli(arguments));
    let none = Typed(
        "serve --data {}/none",
        3,
        "E-CONFIG-002",
        "{}/none holds no node",
        "`entente init --data {}/none --name NAME` makes one",
    );
    says(&none, &folder, run);
    // SQLite keeps the version that a program gave a database in four bytes at offset 60.
    let store = data.join("store.db");
    let whole = std::fs::read(&store).expect("the store");
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(&store, &newer).expect("a store of a later program");
    let ran = node.cli(&["serve", "--listen", "127.0.0.1:0", "--link", "127.0.0.1:0"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.starts_with("error: E-STORE-004: the database has version 9999"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("\nHint: use the program that last ran on this folder"),
        "{}",
        ran.err
    );
    std::fs::write(&store, "this is no database, and was one a moment ago")
        .expect("a broken store");
    let ran = node.cli(&["serve", "--listen", "127.0.0.1:0", "--link", "127.0.0.1:0"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("\nHint: store.db was overwritten; restore it"), "{}", ran.err);
    std::fs::write(&store, &whole).expect("the store again");
}

#[test]
fn a_lost_administrators_token_is_made_anew_by_who_has_the_folder_of_a_stopped_node() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let token = node.data().join("admin.token");
    std::fs::remove_file(&token).expect("a token to lose");
    let folder = node.data().to_str().expect("paths of tests are text").to_owned();
    let lost = Typed(
        "token create again --admin",
        3,
        "E-CONFIG-007",
        "{}/admin.token is missing: commands cannot speak to the node without it",
        "put it back from a backup; or stop the node, and `entente token create NAME --admin` \
         writes a new one",
    );
    says(&lost, &folder, |arguments| node.cli(arguments));
    let doctor = node.cli(&["doctor"]);
    assert!(doctor.out.contains("admin.token: it is missing"), "{}", doctor.out);
    assert!(!doctor.out.contains("does not answer"), "{}", doctor.out);
    assert_eq!(node.stop(), Some(0));
    std::fs::write(&token, "ent_anothers").expect("a token of another store");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).expect("an open file");
    let made = node.json(&["token", "create", "again", "--admin"]);
    assert!(word(&made, "token").starts_with("ent_"), "{made}");
    let mode = token.metadata().expect("the token").mode();
    assert_eq!(mode & 0o777, 0o600, "an older file's mode does not stay");
    node.serve();
    let list = node.json(&["token", "list"]);
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
    node.ok(&["token", "revoke", "admin"]);
    assert_eq!(node.stop(), Some(0));
    // The folder's token is good: nothing is made behind the node's back.
    assert_eq!(node.cli(&["token", "create", "third", "--admin"]).code, 75);
}

#[test]
fn a_user_who_may_not_read_a_file_is_told_so() {
    let _turn = turn::shared();
    let node = Running::init("CERT Alpha");
    let secret = node.file("secret.json", "{}");
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&secret, closed).expect("a file for its owner");
    // The administrator of the machine may read everything: then somebody else asks.
    let mut somebody = Command::new(binary());
    if std::fs::metadata("/proc/self").expect("who we are").uid() == 0 {
        somebody.uid(65_534).gid(65_534);
    } else {
        let nobody = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(&secret, nobody).expect("a file for nobody");
    }
    let ran = ran(somebody.args(["check", &secret]).stdin(Stdio::null()).current_dir("/"));
    let hint = "Hint: run as the user that owns it, or change its mode\n";
    let expected = format!("error: E-FILE-001: {secret}: this user may not open it\n{hint}");
    assert_eq!((ran.code, ran.err), (2, expected));
}

#[test]
fn what_is_done_already_says_since_when_and_is_no_failure() {
    let _turn = turn::shared();
    let (alpha, beta, files) = pair();
    let one = format!("{files}/one.json");
    let id = indicator_id(1, 1);
    alpha.ok(&["publish", &one, "--circle", "ring"]);
    until("it arrives", 30, || (beta.cli(&["show", &id]).code == 0).then_some(()));
    let recall = ["recall", id.as_str(), "--reason", "a mistake"];
    let receipted = |told: &Value| {
        let lines = told.as_array().expect("a list");
        assert_eq!(lines.len(), 1, "{told}");
        assert_eq!(word(&lines[0], "partner"), "CERT Beta");
        assert_eq!(word(&lines[0], "state"), "receipted");
    };
    receipted(&alpha.json(&[&recall[..], &["--wait", "30"]].concat()));
    let again = alpha.cli(&recall);
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert!(again.out.starts_with(&format!("{id} is recalled already, since 2")), "{}", again.out);
    assert!(again.out.contains("CERT Beta  receipted"), "{}", again.out);
    receipted(&alpha.json(&recall));
    alpha.ok(&["token", "revoke", "siem"]);
    let again = alpha.ok(&["token", "revoke", "siem"]);
    assert!(again.starts_with("siem is revoked already, since 2"), "{again}");
    assert_eq!(alpha.json(&["token", "revoke", "siem"])["revoked"], true);
    assert!(alpha.token("siem", &["--circle", "ring", "--read"]).starts_with("ent_"));
}

#[test]
fn a_dry_run_says_whom_it_would_reach_and_that_is_who_gets_it() {
    let _turn = turn::shared();
    let (alpha, beta, files) = pair();
    let gamma = Running::new("Gamma Ltd");
    let _private = alpha.circle("private", "green");
    alpha.link_with(&gamma, &["private"]);
    let one = format!("{files}/one.json");
    let publish = ["publish", one.as_str(), "--circle", "ring"];
    let dry = alpha.json(&[&publish[..], &["--dry-run"]].concat());
    let reached = json!([{"partner": "CERT Beta", "objects": 1, "types": {"indicator": 1}}]);
    assert_eq!(dry["reaches"], reached, "{dry}");
    let text = alpha.ok(&[&publish[..], &["--dry-run"]].concat());
    assert_eq!(
        text,
        "1 would be accepted, 0 already there, 0 would be refused\n\
         WOULD BE SENT TO  OBJECTS  OF WHICH\n\
         CERT Beta         1        1 indicator\n\
         WOULD NOT  OBJECTS  WHY\n\
         Gamma Ltd  1        not a member of the record's circle\n"
    );
    let done = alpha.json(&publish);
    assert_eq!(number(&done, "accepted"), 1);
    assert_eq!(done.get("reaches"), None, "only what would happen has to be told");
    let id = indicator_id(1, 1);
    until("it arrives", 30, || (beta.cli(&["show", &id]).code == 0).then_some(()));
    let told = alpha.json(&["who", &id]);
    let released = told.as_array().into_iter().flatten().filter(|line| line["released"] == true);
    let released: Vec<String> = released.map(|line| word(line, "partner")).collect();
    assert_eq!(released, ["CERT Beta"]);
    // Its sighting has a title that says of what.
    let event = alpha.file("events.ndjson", "{\"query\":\"one.example\"}\n");
    assert_eq!(beta.cli(&["watch", &event]).code, 1);
    let title = until("the sighting", 30, || {
        let found = alpha.json(&["search", &id]);
        let found = found.as_array()?.iter().find(|line| word(line, "id").contains("sighting"))?;
        Some(word(found, "title"))
    });
    assert_eq!(title, "sighting of number 1, once");
}

#[test]
fn who_is_removed_learns_it_and_is_warned_of_where_it_is_still_named() {
    let _turn = turn::shared();
    let (alpha, beta, files) = pair();
    alpha.ok(&["partner", "remove", "CERT Beta"]);
    let state = || {
        let list = beta.json(&["partner", "list"]);
        word(&list[0], "state")
    };
    until("the partner is told", 30, || (state() == "removed by them").then_some(()));
    let list = beta.ok(&["partner", "list"]);
    assert!(list.contains("CERT Alpha ended the partnership on 2"), "{list}");
    let one = format!("{files}/one.json");
    let publish = ["publish", one.as_str(), "--circle", "ring", "--to", "CERT Beta", "--dry-run"];
    let told = alpha.json(&publish);
    assert_eq!(word(&told["problems"][0], "code"), "W-PARTNER-012", "{told}");
    assert_eq!(told["reaches"], json!([]), "{told}");
    let text = alpha.ok(&publish);
    assert!(text.contains("It would be sent to nobody."), "{text}");
}

#[test]
fn a_node_that_ends_half_way_leaves_word_of_what_is_kept() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let _ring = node.circle("ring", "green");
    let lines: Vec<String> = (0..30_000).map(|n| format!("host-{n}.example")).collect();
    let list = node.file("list.txt", lines.join("\n"));
    let publish = ["publish", list.as_str(), "--circle", "ring", "--json"];
    let child = Command::new(binary())
        .args(publish)
        .arg("--data")
        .arg(node.data())
        .env_remove("ENTENTE_TOKEN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    until("a part of it is there", 60, || {
        (!node.json(&["search", "host-0.example"]).as_array()?.is_empty()).then_some(())
    });
    node.kill();
    let output = child.wait_with_output().expect("it ends by itself");
    let told: Value = serde_json::from_slice(&output.stderr).expect("one document");
    assert_eq!(output.status.code(), Some(75), "{told}");
    let (message, hint) = (word(&told["error"], "message"), word(&told["error"], "hint"));
    let (_, rest) = message.split_once("; ").expect("what was acknowledged");
    let kept: u64 = rest.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(
        kept > 0 && rest.ends_with(" objects were acknowledged before and are kept"),
        "{message}"
    );
    assert!(hint.ends_with("run it again: what is there already is not added twice"), "{hint}");
    node.serve();
    let again = node.json(&publish[..4]);
    let (accepted, duplicate) = (number(&again, "accepted"), number(&again, "duplicate"));
    assert_eq!(accepted + duplicate, 30_000, "{again}");
    assert!(duplicate >= kept, "{kept} were acknowledged, {duplicate} were there");
}
