//! The link port: strangers without a key, and a partner who was let in and sends what none would.

use super::world::World;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::{CircleId, Digest, Epoch, NodeId};
use model::label::{Label, Tlp};
use model::note::Checkpoint;
use model::record::{Authorship, Header, Unsealed};
use model::time::Instant;
use model::tree::{Frontier, root};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use world_tests::clock::until;
use world_tests::data::root as repository;
use world_tests::entente::{Running, word};
use world_tests::peer::Peer;
use world_tests::stix::indicator;
use world_tests::turn;

/// Connections of strangers from one address that are kept at once, at most.
const STRANGERS_MAX: u64 = 32;
const LOG: &str = "/link/v1/log";

/// What a partner sends: bytes, how they are packed, and what they are.
type Sent = (&'static str, &'static str, Vec<u8>);

/// The hostile partner's own outlet, as it tells it.
struct Outlet<'a> {
    peer: &'a Peer,
    circle: CircleId,
    epoch: Epoch,
    tree: Frontier,
}

impl Outlet<'_> {
    fn origin(&self) -> String {
        format!("entente/{}/{}/{}", self.peer.node(), self.peer.victim.node(), self.epoch)
    }

    fn header(&self, number: u64) -> Header {
        let thing = format!("indicator--0000e711-0000-4000-8000-{number:012x}");
        Header {
            signer: self.peer.node(),
            authorship: Authorship::Wrote,
            thing: thing.parse().expect("an id"),
            version: "2026-01-01T00:00:00.000Z".to_owned(),
            signed: Instant::from_micros(1_767_225_600_000_000),
            label: Label::new(Tlp::Green, self.circle),
            extra: String::new(),
        }
    }

    /// A record's line, true in every part.
    fn line(&self, offset: u64, header: Header, body: &str) -> (String, Digest) {
        let record = Unsealed { header, body: body.as_bytes().to_vec() };
        let sealed = record.seal(&self.peer.key, [9; 16]);
        let line = json!({
            "o": offset, "hop": 1, "head": sealed.head(), "body": body,
            "salt": BASE64_STANDARD.encode(sealed.salt()),
            "sig": BASE64_STANDARD.encode(sealed.signature().as_bytes()),
        });
        (line.to_string(), sealed.leaf())
    }

    fn checkpoint(&self, size: u64, root: Digest) -> String {
        let note = Checkpoint { origin: self.origin(), size, root }.sign("x", &self.peer.key);
        json!({ "checkpoint": note }).to_string()
    }

    /// So many new records in one true batch.
    fn batch(&mut self, count: u64) -> Vec<u8> {
        let first = self.tree.size();
        let mut lines = Vec::new();
        for offset in first..first + count {
            let body = indicator(0xe711, offset, &format!("n{offset}.evil.example"));
            let (line, leaf) = self.line(offset, self.header(offset), &body);
            self.tree.push(leaf.as_bytes());
            lines.push(line);
        }
        lines.push(self.checkpoint(self.tree.size(), self.tree.root()));
        lines.join("\n").into_bytes()
    }
}

/// Batches that lie, break off, or weigh too much. None may change anything.
fn forged(outlet: &Outlet<'_>) -> Vec<Sent> {
    let body = indicator(0xe711, 0, "forged.example");
    let (line, leaf) = outlet.line(0, outlet.header(0), &body);
    let end = outlet.checkpoint(1, root(&[leaf]));
    let whole = format!("{line}\n{end}");
    let gone = |n: u64| format!("{{\"o\":{n},\"gone\":\"{leaf}\"}}\n");
    let zeros = vec![0_u8; 64 << 20];
    let packed = zstd::bulk::compress(&zeros, 1).expect("memory takes it");
    let other =
        outlet.origin().replace(&outlet.peer.node().to_string(), &NodeId::new([1; 16]).to_string());
    let foreign =
        Checkpoint { origin: other, size: 1, root: root(&[leaf]) }.sign("x", &outlet.peer.key);
    vec![
        ("nothing", "", Vec::new()),
        ("no checkpoint", "", line.clone().into_bytes()),
        ("no records", "", end.clone().into_bytes()),
        ("half", "", whole.as_bytes().get(..whole.len() / 2).unwrap_or_default().to_vec()),
        ("twice", "", format!("{line}\n{line}\n{end}").into_bytes()),
        ("from nowhere", "", whole.replace("\"o\":0", "\"o\":18446744073709551615").into_bytes()),
        ("beyond all numbers", "", format!("{}{}{end}", gone(u64::MAX), gone(0)).into_bytes()),
        ("a gap", "", whole.replace("\"o\":0", "\"o\":7").into_bytes()),
        (
            "a wrong root",
            "",
            format!("{line}\n{}", outlet.checkpoint(1, Digest::new([7; 32]))).into_bytes(),
        ),
        (
            "a wrong size",
            "",
            format!("{line}\n{}", outlet.checkpoint(9, root(&[leaf]))).into_bytes(),
        ),
        (
            "another's link",
            "",
            format!("{line}\n{}", json!({ "checkpoint": foreign })).into_bytes(),
        ),
        ("unknown members", "", whole.replace("\"hop\":1", "\"hop\":1,\"more\":1").into_bytes()),
        ("doubled members", "", whole.replace("\"hop\":1", "\"hop\":1,\"hop\":1").into_bytes()),
        ("no text", "", [whole.as_bytes(), b"\n\xff\xfe\0"].concat()),
        ("deep", "", b"[".repeat(8 << 20)),
        ("gone, a million times", "", (0..200_000).map(gone).collect::<String>().into_bytes()),
        ("more than may be", "", vec![b'\n'; (16 << 20) + 1]),
        ("lines without end", "", vec![b'a'; 15 << 20]),
        ("empty lines", "", vec![b'\n'; 15 << 20]),
        ("a bomb", "zstd", packed.clone()),
        ("bombs", "zstd", [packed.as_slice(); 40].concat()),
        ("a bomb in a bomb", "zstd", zstd::bulk::compress(&packed, 1).expect("memory takes it")),
        ("half a bomb", "zstd", packed.get(..packed.len() / 2).unwrap_or_default().to_vec()),
        ("not packed", "zstd", b"not packed at all".to_vec()),
        ("packed otherwise", "gzip", packed),
    ]
}

/// A batch in which every record is refused by name, each for another reason.
fn refused_one_by_one(outlet: &mut Outlet<'_>) -> (Vec<u8>, usize) {
    let good = outlet.header(1);
    let many = (0..60_u8).map(|n| NodeId::new([n; 16])).collect();
    let label = |change: fn(&mut Label)| {
        let mut label = good.label.clone();
        change(&mut label);
        label
    };
    let headers = [
        Header { signer: NodeId::new([5; 16]), ..good.clone() },
        Header { signed: Instant::from_micros(i64::MAX), ..good.clone() },
        Header { version: "v".repeat(10_000), ..good.clone() },
        Header { extra: "new line\n".repeat(2_000), ..good.clone() },
        Header { label: Label { to: Some(many), ..good.label.clone() }, ..good.clone() },
        Header { label: label(|label| label.hops = 200), ..good.clone() },
        Header {
            label: label(|label| label.embargo = Some(Instant::from_micros(i64::MAX))),
            ..good.clone()
        },
        Header {
            label: Label::new(
                Tlp::Green,
                "00000000-0000-4000-8000-00000000dead".parse().expect("a circle's id"),
            ),
            ..good.clone()
        },
        Header {
            thing: "entente/recall--00000000-0000-4000-8000-000000000001".parse().expect("an id"),
            ..good.clone()
        },
        Header {
            thing: "entente/circle--00000000-0000-4000-8000-000000000001".parse().expect("an id"),
            ..good.clone()
        },
        Header {
            thing: "malware--00000000-0000-4000-8000-000000000001".parse().expect("an id"),
            ..good.clone()
        },
    ];
    let first = outlet.tree.size();
    let mut lines = Vec::new();
    for (offset, header) in (first..).zip(&headers) {
        let body = indicator(0xe711, 1, "odd.example");
        let (line, leaf) = outlet.line(offset, header.clone(), &body);
        outlet.tree.push(leaf.as_bytes());
        lines.push(line);
    }
    lines.push(outlet.checkpoint(outlet.tree.size(), outlet.tree.root()));
    (lines.join("\n").into_bytes(), headers.len())
}

/// Sends; whatever comes back must be a refusal with a code.
fn refuses(world: &mut World, peer: &Peer, (what, coding, bytes): &Sent) {
    let headers = if coding.is_empty() { vec![] } else { vec![("Content-Encoding", *coding)] };
    match peer.ask("POST", LOG, &headers, bytes) {
        Ok(said) if (400..500).contains(&said.status) && said.body.contains("\"code\"") => {}
        Ok(said) => world.fault(format!("{what}: {} {}", said.status, said.body)),
        Err(error) => world.fault(format!("{what}: no answer: {error}")),
    }
}

#[test]
fn no_stranger_and_no_partner_stops_the_node_or_slows_the_others() {
    let _turn = turn::alone();
    let mut world = World::new("CERT Link");
    let friend = Running::new("CERT Friend");
    world.node.link_with(&friend, &["ring"]);
    strangers(&mut world, &friend);
    let invited = world.node.json(&["partner", "invite", "--trust-code", "--circle", "ring"]);
    let mut peer = Peer::new(&world.node.link, [66; 32]);
    peer.join(&word(&invited, "code"), "CERT Friend");
    let circle = world.circle.parse().expect("a circle's id");
    let epoch = Epoch::new([6; 16]);
    let mut outlet = Outlet { peer: &peer, circle, epoch, tree: Frontier::default() };
    world.phase("forged batches", |world| {
        for sent in forged(&outlet) {
            refuses(world, &peer, &sent);
        }
    });
    world.phase("refused one by one", |world| {
        let (bytes, count) = refused_one_by_one(&mut outlet);
        match peer.ask("POST", LOG, &[], &bytes) {
            Ok(said) if said.status == 200 => {
                let told = said.body.matches("\"reason\"").count();
                if told != count {
                    world.fault(format!("{told} of {count} refused: {}", said.body));
                }
            }
            other => world.fault(format!("refused one by one: {other:?}")),
        }
    });
    world.phase("a flood", |world| {
        for _ in 0..20 {
            let bytes = outlet.batch(250);
            let said = peer.ask("POST", LOG, &[], &bytes).map(|said| said.status);
            if !matches!(said, Ok(200)) {
                world.fault(format!("a true batch: {said:?}"));
            }
        }
    });
    world.phase("receipts that are none", |world| {
        for bytes in [
            &b"{}"[..],
            b"[",
            &[b'['; 100_000],
            b"{\"checkpoint\":\"a\\n1\\nb\",\"sig\":\"\"}",
            b"\0",
        ] {
            let said = peer.ask("POST", "/link/v1/ack", &[], bytes);
            if !matches!(&said, Ok(said) if (400..500).contains(&said.status)) {
                world.fault(format!("a receipt: {said:?}"));
            }
        }
        for path in [
            "/link/v1/log?after=0",
            "/link/v1/log?after=-1&epoch=x",
            "/link/v1/log?after=99999999&epoch=06060606060606060606060606060606",
            "/link/v2/x",
            "/",
        ] {
            let said = peer.ask("GET", path, &[], b"");
            if !matches!(&said, Ok(said) if (400..500).contains(&said.status)) {
                world.fault(format!("{path}: {said:?}"));
            }
        }
    });
    let said = peer.ask("GET", "/link/v1/hello", &[], b"").expect("an answer");
    assert_eq!(said.status, 200, "{}", said.body);
    world.end();
}

/// Strangers take their places and no more; the friend's records go on arriving.
fn strangers(world: &mut World, friend: &Running) {
    let script = repository().join("tests/it/hostile/strangers.py");
    let mut arrived = 0;
    world.phase("strangers", |world| {
        arrived += 1;
        let mut child = Command::new(repository().join("tests/.venv/bin/python"))
            .arg(&script)
            .arg(&world.node.link)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut told = String::new();
        let read = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut told));
        let kept: Option<u64> = told.trim().parse().ok();
        if !matches!(read, Some(Ok(1..))) || kept.is_none_or(|kept| kept > STRANGERS_MAX) {
            world.fault(format!("strangers kept {told:?} connections"));
        }
        let file = friend.file("one.json", indicator(0xf1e, arrived, "friend.example"));
        friend.ok(&["publish", &file, "--circle", "ring"]);
        let path = format!(
            "{}{}/",
            Running::objects(&world.circle),
            world_tests::stix::indicator_id(0xf1e, arrived)
        );
        let mut client = world.attacker();
        until("the friend's record arrives", 20, || {
            (client.get(&path).status == 200).then_some(())
        });
        drop(child.stdin.take().map(|mut stdin| stdin.write_all(b"\n")));
        drop(child.wait());
    });
}
