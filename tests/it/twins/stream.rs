//! What tapped connections told, in words that any two pairs of nodes share: entries of the link by
//! their numbers, other messages, answers to a reader. How often somebody asked, and how entries were
//! cut into batches, is left out: that is a matter of time.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use world_tests::mask::times_masked;

/// The kind of the words by which a partner says how far it has obeyed.
const OBEYED: &str = "entente/obeyed";
/// How the place begins at which a page of TAXII goes on, and the letters that have its number.
const NEXT: &str = "AQAAAA";
const NEXT_LETTERS: usize = 12;
/// Part of each id that a test gave.
const GIVEN: &str = "-0000-4000-8000-";

/// What was told.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Told {
    /// Entries by connections' ends and numbers.
    pub(super) entries: BTreeSet<String>,
    /// Other lines on links.
    pub(super) words: BTreeSet<String>,
    /// Questions and answers of the reader, in their order.
    pub(super) answers: Vec<String>,
}

/// One message of HTTP/1.1.
struct Message {
    head: String,
    body: Vec<u8>,
}

/// Reads the files of a tap.
pub(super) fn told(taps: &BTreeMap<String, Vec<u8>>, masks: &[(String, &'static str)]) -> Told {
    let mut told = Told::default();
    let masked = |text: &str| {
        let named = masks.iter().fold(text.to_owned(), |t, (own, mask)| t.replace(own, mask));
        drawn(&times_masked(&named))
    };
    for (name, bytes) in taps {
        let end = if name.starts_with("beta-") { "Beta" } else { "Alpha" };
        let way = if name.ends_with(".in") { "hears" } else { "says" };
        for Message { head, body } in messages(bytes) {
            let text = String::from_utf8_lossy(&body).into_owned();
            if name.starts_with("http") {
                told.answers.push(masked(&format!("{head}{text}")));
                continue;
            }
            told.words.insert(counted(&masked(&format!("{end} {way} {}", kept(&head)))));
            for line in text.lines() {
                match entry(line) {
                    Some(line) => told.entries.insert(masked(&format!("{end} {way} {line}"))),
                    None => told.words.insert(counted(&masked(&format!("{end} {way} {line}")))),
                };
            }
        }
    }
    told
}

/// The messages of one way of a connection; what breaks off at its end is no message.
fn messages(bytes: &[u8]) -> Vec<Message> {
    let (mut all, mut rest) = (Vec::new(), bytes);
    while let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = &rest[end + 4..];
        let value = |name: &str| {
            let line = head.lines().find_map(|line| {
                line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name))
            });
            line.map(|(_, value)| value.to_owned())
        };
        let mut body = Vec::new();
        if value("transfer-encoding").is_some_and(|value| value == "chunked") {
            while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
                let length = String::from_utf8_lossy(&rest[..end]).into_owned();
                let length = usize::from_str_radix(length.trim(), 16).expect("a chunk's length");
                body.extend_from_slice(&rest[end + 2..end + 2 + length]);
                rest = &rest[end + 4 + length..];
                if length == 0 {
                    break;
                }
            }
        } else {
            let length: usize = value("content-length").map_or(0, |n| n.parse().expect("a length"));
            let Some((whole, after)) = rest.split_at_checked(length) else { break };
            (body, rest) = (whole.to_vec(), after);
        }
        if value("content-encoding").is_some_and(|value| value == "zstd") {
            let mut plain = Vec::new();
            let packed = zstd::stream::read::Decoder::new(&body[..]).expect("a packed body");
            packed.take(64 << 20).read_to_end(&mut plain).expect("a packed body");
            body = plain;
        }
        let head: Vec<&str> = head.lines().filter(|line| !is_own(line)).collect();
        all.push(Message { head: head.join("\n") + "\n", body });
    }
    all
}

/// Header lines that say when, to whom with what secret, or how long something is that has times and
/// signatures in it.
fn is_own(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["date:", "authorization:", "host:", "content-length:"].iter().any(|own| line.starts_with(own))
}

/// The head of a message on a link, without what depends on how entries were cut into batches.
fn kept(head: &str) -> String {
    let lines =
        head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-encoding"));
    lines.collect::<Vec<_>>().join(" | ")
}

/// A line that has a number: thing, version, label and body, without keys and signatures.
fn entry(line: &str) -> Option<String> {
    let read: Value = serde_json::from_str(line).ok()?;
    let number = read.get("o")?;
    let Some(head) = read.get("head").and_then(Value::as_str) else {
        return Some(format!("{number} {}", read.get("gone").unwrap_or(&Value::Null)));
    };
    // How far a partner has obeyed by now is a matter of time.
    if head.contains(OBEYED) {
        return Some(OBEYED.to_owned());
    }
    let shown = ["kind ", "thing ", "version ", "tlp ", "to ", "hops ", "circle ", "embargo "];
    let shown = |line: &&str| shown.iter().any(|word| line.starts_with(word));
    let named: Vec<&str> = head.lines().filter(shown).collect();
    let body = read.get("body").and_then(Value::as_str).unwrap_or("-");
    // A list of members names keys, which any two nodes have of their own.
    let body = if head.contains("entente/circle") { "a list" } else { body };
    Some(format!("{number} hop {} {} {body}", read.get("hop")?, named.join(", ")))
}

/// What is drawn by dice, as such: digests, keys, signatures, ids that no test gave.
fn drawn(text: &str) -> String {
    let letters = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    let mut masked = String::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if letters(c) {
            word.push(c);
            continue;
        }
        let hex = |word: &str| word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let odd = word.chars().filter(|c| c.is_ascii_digit() || c.is_ascii_uppercase()).count() > 3;
        let id = word.len() == 36 && hex(&word) || word.len() == 16 && hex(&word);
        let long = word.len() >= 22 && odd && !word.contains("--");
        // Where a page goes on is a number, and a signature over it.
        if let Some(number) = word.get(..NEXT_LETTERS).filter(|_| word.starts_with(NEXT)) {
            masked.push_str(number);
        }
        masked.push_str(if !word.contains(GIVEN) && (id || long) { "DRAWN" } else { &word });
        word.clear();
        masked.push(c);
    }
    masked
}

/// Numbers that say how far somebody is: each is said at some time, and which of them are is a matter
/// of how entries were cut into batches.
fn counted(text: &str) -> String {
    let mut counted = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if counted.ends_with('N') => {}
            '0'..='9' => counted.push('N'),
            other => counted.push(other),
        }
    }
    counted
}
