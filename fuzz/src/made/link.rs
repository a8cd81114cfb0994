//! What partners send over the link: batches with true signatures and checkpoints, receipts,
//! hellos, requests to join, codes. The sender is key 1.

use super::{lines, stix};
use crate::input::Dice;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::{Epoch, NodeId};
use model::note::Checkpoint;
use model::record::{Header, Unsealed};
use model::seal::SigningKey;
use model::tree::root;
use node::link::wire::Hello;
use node::link::{Have, Receipt, RefusedEntry};
use serde_json::json;

/// A batch: its signatures hold, its offsets are dense and its checkpoint is true, mostly.
pub fn batch(dice: &mut Dice) -> Vec<u8> {
    let Some(key) = lines::key(1) else { return Vec::new() };
    let first = dice.below(3);
    let (mut out, mut leaves) = (Vec::new(), Vec::new());
    for offset in first..first + dice.below(4) {
        if dice.one_in(6) {
            let leaf = model::id::Digest::new(dice.bytes());
            leaves.push(leaf);
            out.extend(json!({"o": offset, "gone": leaf.to_string()}).to_string().into_bytes());
        } else {
            out.extend(record(dice, &key, offset, &mut leaves));
        }
        out.push(b'\n');
    }
    let epoch = Epoch::new([7; 16]);
    let origin = format!("entente/{}/{}/{epoch}", key.public().node(), NodeId::new([2; 16]));
    let size = u64::try_from(first + leaves.len()).unwrap_or(0);
    let note = Checkpoint { origin, size, root: root(&leaves) }.sign("a", &key);
    out.extend(json!({ "checkpoint": note }).to_string().into_bytes());
    out.push(b'\n');
    out
}

fn record(
    dice: &mut Dice,
    key: &SigningKey,
    offset: usize,
    leaves: &mut Vec<model::id::Digest>,
) -> Vec<u8> {
    let body = stix::object(dice);
    let Some(header) = lines::header(dice, Some(key.public().node())) else { return Vec::new() };
    let thing = formats::stix::read(&body).ok().map(|read| read.thing);
    let header = Header { thing: thing.unwrap_or(header.thing.clone()), ..header };
    let sealed = Unsealed { header, body }.seal(key, dice.bytes());
    leaves.push(sealed.leaf());
    let text = std::str::from_utf8(sealed.body()).ok();
    let mut line = json!({
        "o": offset, "hop": dice.below(4), "head": sealed.head(),
        "salt": BASE64_STANDARD.encode(sealed.salt()),
        "sig": BASE64_STANDARD.encode(sealed.signature().as_bytes()),
    });
    match text {
        Some(text) => line["body"] = text.into(),
        None => line["b64"] = BASE64_STANDARD.encode(sealed.body()).into(),
    }
    line.to_string().into_bytes()
}

/// A receipt.
pub fn receipt(dice: &mut Dice) -> Vec<u8> {
    let Some(key) = lines::key(2) else { return Vec::new() };
    let note = String::from_utf8_lossy(&lines::note(dice)).into_owned();
    let many = if dice.one_in(300) { 11_000 } else { dice.below(4) };
    let reason = |dice: &mut Dice| dice.one_of(&["E-LINK-024 a", "", "a\nb", "\u{0}"]).to_owned();
    let refused = (0..many)
        .map(|n| RefusedEntry { o: u64::try_from(n).unwrap_or(0), reason: reason(dice) })
        .collect();
    Receipt::sign(note, refused, &key).write().into_bytes()
}

/// A hello.
pub fn hello(dice: &mut Dice) -> Vec<u8> {
    let Some(key) = lines::key(1) else { return Vec::new() };
    let number = |dice: &mut Dice| u64::try_from(dice.below(1 << 40)).unwrap_or(0);
    let have = dice.one_in(2).then(|| Have { epoch: Epoch::new(dice.bytes()), next: number(dice) });
    Hello {
        key: key.public(),
        name: dice.one_of(&["CERT Alpha", "", "a\tb"]).to_owned(),
        epoch: Epoch::new(dice.bytes()),
        size: number(dice),
        receipted: number(dice),
        have,
        versions: dice.one_of(&["1", "1 2", ""]).to_owned(),
        credit: number(dice),
        hpke: None,
        does: dice.one_of(&["", "returns", "a b"]).to_owned(),
        returns: dice.one_in(2).then(|| dice.one_of(&["all", "", "a.b"]).to_owned()),
        keys: u32::try_from(dice.below(4)).unwrap_or(0),
        knows: u32::try_from(dice.below(4)).unwrap_or(0),
        chain: dice.one_in(4).then(|| dice.one_of(&["", "entente/keys/1", "a\nb"]).to_owned()),
    }
    .write()
    .into_bytes()
}

/// A request to join, its answer, or a refusal.
pub fn joining(dice: &mut Dice) -> Vec<u8> {
    let secret: [u8; 16] = dice.bytes();
    let many = if dice.one_in(200) { 1_100 } else { dice.below(4) };
    let convener = NodeId::new(dice.bytes()).to_string();
    let circles: Vec<_> = (0..many)
        .map(|n| json!({"id": format!("00000000-0000-4000-8000-{n:012x}"), "convener": convener}))
        .collect();
    let value = match dice.below(3) {
        0 => json!({"secret": BASE64_STANDARD.encode(secret), "name": "CERT Alpha"}),
        1 => json!({"name": "a", "trusted": dice.one_in(2), "circles": circles}),
        _ => {
            json!({"status": 403, "code": "E-PARTNER-002", "detail": "no\u{1b}[2J", "hint": "\u{202e}"})
        }
    };
    value.to_string().into_bytes()
}
