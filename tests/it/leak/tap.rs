//! The link, read in plain by a partner with a key of its own: what it is given, in what order and
//! under what numbers, is the same beside any number of records that it may not have.

use super::routes::Route;
use super::twins::{Twin, Twins, is_canary};
use serde_json::Value;
use world_tests::entente::word;
use world_tests::peer::Peer;

/// A partner of the circle reads its log from the beginning.
pub(super) fn link(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut wrong = Vec::new();
    let one = told(&twins.plain, route);
    let other = told(&twins.secret, route);
    if one != other {
        wrong.push(format!("the twins differ\nalone:  {one}\nbeside: {other}"));
    }
    if is_canary(&other) {
        wrong.push(other);
    }
    wrong
}

/// The seed of the peer's key: one for each route, so that each is a partner of its own.
fn seed(route: &Route) -> [u8; 32] {
    let sum = route.path.bytes().chain(route.method.bytes()).fold(7_u8, u8::wrapping_add);
    [sum; 32]
}

/// Entries as number, thing, version and body; and anything else as it was said.
fn told(twin: &Twin, route: &Route) -> String {
    let arguments = ["partner", "invite", "--trust-code", "--backfill", "yes", "--circle", "ring"];
    let code = word(&twin.node.json(&arguments), "code");
    let mut peer = Peer::new(&twin.node.link, seed(route));
    peer.join(&code, &format!("peer {} {}", route.method, route.path));
    let path = match route.path.as_str() {
        "/link/v1/log" => "/link/v1/log?after=0".to_owned(),
        other => other.to_owned(),
    };
    let said = peer.ask(&route.method, &path, &[], b"").expect("an answer");
    let mut text = format!("{}\n", said.status);
    for line in said.body.lines() {
        let read: Option<Value> = serde_json::from_str(line).ok();
        let head = read.as_ref().and_then(|line| line.get("head")).and_then(Value::as_str);
        let (Some(head), Some(read)) = (head, &read) else {
            text.push_str(&drawn(line));
            text.push('\n');
            continue;
        };
        let named = head.lines().filter(|line| {
            ["thing ", "version ", "tlp ", "to ", "hops ", "kind "]
                .iter()
                .any(|w| line.starts_with(w))
        });
        let named: Vec<&str> = named.collect();
        // A list of members names keys, which any two nodes have of their own.
        let body = read.get("body").and_then(Value::as_str).filter(|body| body.starts_with('{'));
        let number = read.get("o").cloned().unwrap_or_default();
        text.extend([&number.to_string(), " ", &named.join(", "), " ", body.unwrap_or("-"), "\n"]);
    }
    twin.masked(&text)
}

/// A line without what is drawn: keys, epochs, checkpoints.
fn drawn(line: &str) -> String {
    if line.contains("checkpoint") {
        return "checkpoint".to_owned();
    }
    let (name, value) = line.split_once(' ').unwrap_or((line, ""));
    if value.len() >= 32 { format!("{name} ...") } else { line.to_owned() }
}
