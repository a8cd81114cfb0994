//! Two nodes with the same circles, tokens and records; the second one has more, none of which the
//! readers that are tried may have: RED in their circle, other circles, other copies of what they
//! see, and what is under embargo.

use std::collections::BTreeMap;
use world_tests::entente::{Running, word};
use world_tests::http::{Headers, Http, Reply};
use world_tests::mask::times_masked;
use world_tests::stix::{CLEAR, GREEN, RED, envelope, indicator_id, marked};

/// Records that everybody may have.
pub(super) const PUBLIC: u64 = 6;
/// The series of what everybody may have.
pub(super) const OPEN: u32 = 7;
/// The series of what nobody who is tried may have. In any answer it is a leak.
pub(super) const HIDDEN: u32 = 0x5ec2_e700;
/// Part of every hidden value.
pub(super) const CANARY: &str = "canary-vault";
/// Longer than any test.
const NEXT_YEARS: &str = "2036-01-01T00:00:00Z";

/// Who asks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Who {
    /// Reads the circle, RED excepted.
    Reader,
    /// Writes into it and reads nothing.
    Writer,
    /// Reads and writes, RED excepted.
    Both,
    /// Reads and writes in a circle where nothing is.
    Stranger,
    /// Has no token.
    Nobody,
}

impl Who {
    pub(super) const ALL: [Self; 5] =
        [Self::Reader, Self::Writer, Self::Both, Self::Stranger, Self::Nobody];
}

/// One of the two.
pub(super) struct Twin {
    pub(super) node: Running,
    clients: BTreeMap<Who, Http>,
    /// What differs between any two nodes, and what is written in its place.
    masks: Vec<(String, &'static str)>,
}

/// Both.
pub(super) struct Twins {
    /// Holds only what everybody may have.
    pub(super) plain: Twin,
    /// Holds more.
    pub(super) secret: Twin,
}

impl Twins {
    pub(super) fn new() -> Self {
        let mut twins = Self { plain: Twin::new(false), secret: Twin::new(true) };
        twins.tell();
        twins
    }

    /// Answers that are alike prove nothing when nothing is there: readers see what is public, and
    /// one of the twins does hold what is hidden.
    fn tell(&mut self) {
        let objects = "/taxii2/root/collections/RING/objects/";
        for twin in [&mut self.plain, &mut self.secret] {
            let reply = twin.reply(Who::Reader, ("GET", objects), &[], b"");
            let objects = reply.json().get("objects").and_then(|o| o.as_array().map(Vec::len));
            assert_eq!(objects, u64::try_into(PUBLIC).ok(), "{}", reply.text());
        }
        for (id, twin, held) in [
            (indicator_id(HIDDEN, 2), &self.secret, true),
            (indicator_id(HIDDEN, 102), &self.secret, true),
            (indicator_id(HIDDEN, 202), &self.secret, true),
            (indicator_id(HIDDEN, 2), &self.plain, false),
        ] {
            assert_eq!(twin.node.cli(&["show", &id]).code == 0, held, "{id}");
        }
    }

    /// Asks both the same; what is wrong with their answers.
    pub(super) fn ask(&mut self, who: Who, method: &str, path: &str, body: &[u8]) -> Vec<String> {
        let [one, other] = [&mut self.plain, &mut self.secret]
            .map(|twin| twin.answer(who, (method, path), &[], body));
        let mut wrong = Vec::new();
        if one != other {
            wrong.push(format!("{who:?} {path}: the twins differ\nalone:  {one}\nbeside: {other}"));
        }
        if is_canary(&other) {
            wrong.push(format!("{who:?} {path}: {other}"));
        }
        wrong
    }
}

/// Whether a text names anything hidden.
pub(super) fn is_canary(text: &str) -> bool {
    text.contains(CANARY) || text.contains(&format!("{HIDDEN:08x}"))
}

impl Twin {
    fn new(secret: bool) -> Self {
        let node = Running::new("CERT Alpha");
        let mut masks = vec![(node.http.clone(), "HTTP"), (node.link.clone(), "LINK")];
        for (circle, mask) in [("ring", "RING"), ("vault", "VAULT"), ("empty", "EMPTY")] {
            masks.push((node.circle(circle, "green"), mask));
        }
        for (field, mask) in [("fingerprint", "FINGERPRINT"), ("node", "NODE"), ("words", "WORDS")]
        {
            masks.push((word(&node.born, field), mask));
        }
        let token = |name: &str, flags: &[&str]| Http::with(&node.http, &node.token(name, flags));
        let clients = BTreeMap::from([
            (Who::Reader, token("reader", &["--circle", "ring", "--read"])),
            (Who::Writer, token("writer", &["--circle", "ring", "--write"])),
            (Who::Both, token("both", &["--circle", "ring", "--read", "--write"])),
            (Who::Stranger, token("stranger", &["--circle", "empty", "--read", "--write"])),
            (Who::Nobody, Http::new(&node.http)),
        ]);
        let mut twin = Self { node, clients, masks };
        let every = ["--circle", "ring", "--circle", "vault", "--read", "--write", "--red"];
        let hidden = Http::with(&twin.node.http, &twin.node.token("hidden", &every));
        twin.fill(hidden, secret);
        twin
    }

    /// Records one after the other; between them, in one of the twins, what is hidden.
    fn fill(&mut self, mut hidden: Http, secret: bool) {
        let [ring, vault] = ["RING", "VAULT"].map(|mask| {
            let found = self.masks.iter().find(|(_, known)| *known == mask);
            Running::objects(&found.expect("a circle").0)
        });
        let post = |client: &mut Http, path: &str, object: String| {
            let reply =
                client.post(path, "application/taxii+json;version=2.1", envelope(&[object]));
            assert_eq!(reply.status, 202, "{}", reply.text());
        };
        for n in 1..=PUBLIC {
            if secret {
                // The same value in RED, the same id elsewhere, more of their own, one embargoed.
                post(&mut hidden, &ring, marked(HIDDEN, n, &domain(n), Some(RED)));
                let other = format!("{CANARY}{n}.example");
                post(&mut hidden, &vault, marked(OPEN, n, &other, Some(CLEAR)));
                post(&mut hidden, &vault, marked(HIDDEN, 100 + n, &domain(n), Some(GREEN)));
                let late = marked(HIDDEN, 200 + n, &other, Some(GREEN));
                let file = self.node.file(&format!("late{n}.json"), late);
                self.node.ok(&["publish", &file, "--circle", "ring", "--until", NEXT_YEARS]);
            }
            let object = marked(OPEN, n, &domain(n), Some(GREEN));
            let both = self.clients.get_mut(&Who::Both).expect("a token");
            post(both, &ring, object);
        }
    }

    pub(super) fn client(&mut self, who: Who) -> &mut Http {
        self.clients.get_mut(&who).expect("a client")
    }

    /// The path of this node: circles by their names here.
    pub(super) fn path(&self, path: &str) -> String {
        self.masks.iter().fold(path.to_owned(), |path, (own, mask)| path.replace(mask, own))
    }

    pub(super) fn reply(
        &mut self,
        who: Who,
        (method, path): (&str, &str),
        headers: Headers<'_>,
        body: &[u8],
    ) -> Reply {
        let path = self.path(path);
        let taxii = [("Accept", "application/taxii+json;version=2.1")];
        let headers =
            if headers.is_empty() && path.starts_with("/taxii2") { &taxii } else { headers };
        self.client(who).send(method, &path, headers, body)
    }

    /// An answer in words that any two nodes share.
    pub(super) fn answer(
        &mut self,
        who: Who,
        asked: (&str, &str),
        headers: Headers<'_>,
        body: &[u8],
    ) -> String {
        let reply = self.reply(who, asked, headers, body);
        let mut text = format!("{}\n", reply.status);
        for (name, value) in reply.headers.iter().filter(|(name, _)| name != "date") {
            text.extend([name, ": ", value, "\n"]);
        }
        text.push_str(&reply.text());
        self.masked(&text)
    }

    /// Own names, times and digests masked.
    pub(super) fn masked(&self, text: &str) -> String {
        let text = self.masks.iter().fold(text.to_owned(), |t, (own, mask)| t.replace(own, mask));
        times_masked(&text)
    }
}

/// The domain of a public record.
pub(super) fn domain(n: u64) -> String {
    format!("n{n}.example")
}

/// The id of a public record.
pub(super) fn open_id(n: u64) -> String {
    indicator_id(OPEN, n)
}

#[test]
fn times_are_masked_whatever_their_precision() {
    let text = r#"{"a":"2026-11-22T08:00:00.123456Z","b":"2026-11-22T08:00:00Z","c":"2026-11"}"#;
    assert_eq!(times_masked(text), r#"{"a":"TIME","b":"TIME","c":"2026-11"}"#);
}
