//! A bundle for this node: every record's signature, the numbers, the tree where its beginning is in
//! the file, checkpoints and receipts. It needs the node's folder to open it, and applies nothing.

use super::keys::{Pinned, follow};
use super::run::{Verified, Wrong};
use crate::bundle::{Piece, look};
use crate::command::failure::Failure;
use crate::command::here::Here;
use crate::command::output::counted;
use crate::config::ConfigError;
use model::id::{Epoch, NodeId};
use model::keys::KeySet;
use model::limits::FINDINGS_MAX;
use model::note::Checkpoint;
use model::tree::Frontier;
use node::bundle::Head;
use node::link::{Content, Receipt, origin, prepare};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// How a bundle begins.
const BEGINS: &[u8] = b"entente/bundle/";

/// Whether a file begins as a bundle does.
pub(super) fn is(path: &Path) -> bool {
    let mut start = [0; BEGINS.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == BEGINS
}

/// Checks the bundle in a file.
pub(super) fn check(path: &Path, keys: &Pinned, here: &Here) -> Result<Verified, Failure> {
    let folder = here.folder();
    let (seed, own) = match (folder.seed(), folder.public()) {
        (Ok(seed), Ok(own)) => (seed, own),
        (Err(ConfigError::NoNode(_)), _) => {
            return Err(Failure::input("a bundle is opened with its receiver's key")
                .hint("--data DIR names the receiver's folder"));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    let mut inside = folder.snapshots()?.open()?;
    let mut known = match inside.read(|reading| keys.only_in(reading))? {
        Some(pinned) => pinned,
        None => inside.read(node::link::keys)?,
    };
    known.insert(own.node(), inside.read(|reading| node::keys::own_keys(reading, &own))?);
    let mut walk =
        Walk { path, known, epoch: None, tree: None, entries: 0, receipts: 0, wrong: Vec::new() };
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let former = folder.former_key().map(|file| file.seed);
    let seeds: Vec<[u8; 32]> = std::iter::once(seed).chain(former).collect();
    let read = look(file, (&own.node(), &seeds), &mut |head, piece| walk.piece(head, piece));
    let says = match read {
        Ok(head) => {
            let (from, to) = (head.from, head.to);
            let entries = counted(walk.entries, "entry", "entries");
            let receipts = counted(walk.receipts, "receipt", "receipts");
            let begun = (walk.entries > 0 && walk.tree.is_none()).then(|| {
                "its tree begins in an earlier bundle: roots are checked on import".to_owned()
            });
            let said = format!("{entries} and {receipts} from node {from} to {to}");
            [Some(said), begun].into_iter().flatten().collect()
        }
        Err(error) => {
            walk.add("-", error.to_string());
            Vec::new()
        }
    };
    let ok = walk.wrong.is_empty();
    let (entries, receipts) = (walk.entries, Some(walk.receipts));
    Ok(Verified { ok, entries, erased: 0, problems: walk.wrong, receipts, says })
}

/// A bundle being walked.
struct Walk<'a> {
    path: &'a Path,
    known: BTreeMap<NodeId, KeySet>,
    epoch: Option<Epoch>,
    /// The tree over all entries so far, if the first of all was in the file.
    tree: Option<Frontier>,
    entries: u64,
    receipts: u64,
    wrong: Vec<Wrong>,
}

impl Walk<'_> {
    fn add(&mut self, thing: &str, message: String) {
        if self.wrong.len() < FINDINGS_MAX {
            self.wrong.push(Wrong::record(self.path, thing.to_owned(), message));
        }
    }

    fn piece(&mut self, head: &Head, piece: Piece) {
        let fault = match piece {
            Piece::Hello(hello) => {
                self.epoch = Some(hello.epoch);
                // What it states of its keys is heard on import before anything else.
                hello.chain.iter().for_each(|chain| follow(&mut self.known, chain));
                None
            }
            Piece::Batch(bytes) => self.batch(head, &bytes).err(),
            Piece::Receipt(receipt) => self.receipt(head, &receipt).err(),
        };
        if let Some(message) = fault {
            self.add("-", message);
        }
    }

    fn keys(&self, node: NodeId) -> Result<&KeySet, String> {
        self.known
            .get(&node)
            .ok_or_else(|| format!("E-VERIFY-002: no key of node {node} is pinned"))
    }

    fn batch(&mut self, head: &Head, bytes: &[u8]) -> Result<(), String> {
        let arrival = prepare(head.from, bytes, &self.known)
            .map_err(|problem| format!("{}: {}", problem.code, problem.message))?;
        let first = arrival.lines.first().map(|line| line.offset);
        if self.entries == 0 && first == Some(0) {
            self.tree = Some(Frontier::default());
        }
        let mut size = 0;
        for line in arrival.lines {
            self.entries += 1;
            size = line.offset + 1;
            if let Some(tree) = &mut self.tree {
                if tree.size() != line.offset {
                    return Err(format!("number {} where {} is next", line.offset, tree.size()));
                }
                tree.push(line.leaf.as_bytes());
            }
            match line.content {
                Content::Refused(problem) => {
                    let message =
                        format!("number {}: {} {}", line.offset, problem.code, problem.message);
                    self.add("-", message);
                }
                Content::Unverified(record, Some(_)) => {
                    let thing = record.header().thing.to_string();
                    self.add(
                        &thing,
                        format!("number {}: E-LINK-013 not its signer's", line.offset),
                    );
                }
                Content::Unverified(record, None) => {
                    let (signer, thing) =
                        (record.header().signer, record.header().thing.to_string());
                    self.add(&thing, format!("E-VERIFY-002: no key of node {signer} is pinned"));
                }
                Content::Verified(_) | Content::Gone => {}
            }
        }
        let checkpoint =
            Checkpoint::verify_any(&arrival.checkpoint, self.keys(head.from)?.trusted())
                .map_err(|error| format!("E-VERIFY-005: the checkpoint: {error}"))?;
        let mine = self.epoch.map(|epoch| origin(&head.from, &head.to, &epoch));
        if mine.as_ref() != Some(&checkpoint.origin) || checkpoint.size != size {
            return Err("E-VERIFY-003: the checkpoint belongs to another outlet".to_owned());
        }
        match &self.tree {
            Some(tree) if tree.root() != checkpoint.root => {
                Err("E-VERIFY-004: the entries do not lead to the checkpoint's root".to_owned())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn receipt(&mut self, head: &Head, receipt: &Receipt) -> Result<(), String> {
        self.receipts += 1;
        let keys = self.keys(head.from)?;
        let (checkpoint, _) = Checkpoint::verify_cosigned_any(&receipt.checkpoint, keys.trusted())
            .map_err(|error| format!("E-VERIFY-005: the cosignature: {error}"))?;
        if !keys.trusted().any(|key| receipt.is_signed_by(key)) {
            return Err(format!("E-VERIFY-006: the results are not signed by {}", head.from));
        }
        let ours = format!("entente/{}/{}/", head.to, head.from);
        if checkpoint.origin.starts_with(&ours) {
            Ok(())
        } else {
            Err("E-VERIFY-003: the receipt belongs to another outlet".to_owned())
        }
    }
}
