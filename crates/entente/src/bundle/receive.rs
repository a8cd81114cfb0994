//! A bundle that came: each batch goes the way of every batch, and the receipts go back in a file.
//! What was applied before a fault stays applied, as on a link that breaks.

use super::file::{BundleError, end, open};
use super::send::{no_partner, receipts};
use crate::runtime::{Runtime, Unavailable};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::problem::Problem;
use model::id::NodeId;
use model::limits::{
    BATCH_WIRE_BYTES_MAX, BUNDLE_BYTES_MAX, BUNDLE_HELLO_BYTES_MAX, CHANGE_LINES_MAX,
    RECEIPT_BYTES_MAX,
};
use node::bundle::{Head, Holds, Portion, read_hello};
use node::command::Administer;
use node::link::{Hello, Receipt, have, is_partner, keys, owed_receipts, prepare};
use node::{Answer, Command};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Read};
use tokio::runtime::Handle;

/// Bytes that a bundle may unpack to: records pack to a fifth or a tenth.
const UNPACKED_BYTES_MAX: u64 = 16 * BUNDLE_BYTES_MAX;

/// What an import did.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Imported {
    /// The node that made the bundle.
    pub(crate) from: String,
    /// `records` or `receipts`.
    pub(crate) holds: String,
    /// Records, or receipts, that were new here.
    pub(crate) new: u64,
    /// Those that had been read before.
    pub(crate) known: u64,
    /// Records that this node refused, with their numbers.
    #[serde(default)]
    pub(crate) refused: Vec<RefusedView>,
    /// Records that were refused beyond those that are named.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) refused_more: u64,
    /// The number of the entry that is wanted next.
    #[serde(default)]
    pub(crate) next: u64,
    /// The file that goes back, in base64; nothing when no receipt is owed.
    #[serde(default)]
    pub(crate) receipts: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A record that was refused.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RefusedView {
    /// Its number.
    pub(crate) number: u64,
    /// A code and a sentence.
    pub(crate) reason: String,
}

impl Imported {
    /// Names a record that was refused, or counts it when there are very many.
    fn refuse(&mut self, entry: RefusedView) {
        if self.refused.len() < CHANGE_LINES_MAX {
            self.refused.push(entry);
        } else {
            self.refused_more = self.refused_more.saturating_add(1);
        }
    }
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] BundleError),
    /// What is in it is refused.
    #[error("{0}")]
    Refused(#[from] Problem),
    /// The partner is over its quota; the seconds until it may go on.
    #[error("over the quota")]
    Later(u64),
    /// The node is stopping, or its store or disk fails.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// One import: where commands go.
struct Import<'a> {
    runtime: &'a Runtime,
    handle: &'a Handle,
    partner: NodeId,
}

/// Reads a bundle to its end, on a thread that may block.
pub(crate) fn import(
    runtime: &Runtime,
    handle: &Handle,
    bytes: impl Read,
) -> Result<Imported, ImportError> {
    let (head, mut unpacking) = open(bytes, &runtime.me().node(), &runtime.seeds())?;
    let partner = head.from;
    if !runtime.read_here(|reading| is_partner(reading, &partner))? {
        return Err(no_partner().into());
    }
    let import = Import { runtime, handle, partner };
    let mut told = Imported { from: partner.to_string(), ..Imported::default() };
    // The bytes that came are bounded; what they unpack to would not be.
    let mut bounded = unpacking.by_ref().take(UNPACKED_BYTES_MAX);
    match head.holds {
        Holds::Records => {
            "records".clone_into(&mut told.holds);
            import.records(&head, &mut bounded, &mut told)?;
        }
        Holds::Receipts => {
            "receipts".clone_into(&mut told.holds);
            import.receipts(&mut bounded, &mut told)?;
        }
    }
    end(unpacking)?;
    Ok(told)
}

impl Import<'_> {
    fn write(&self, command: Command) -> Result<Answer, ImportError> {
        let answer = self.handle.block_on(self.runtime.write(command))?;
        if let Answer::Refused(problem) = answer {
            return Err(problem.into());
        }
        if let Answer::Later(seconds) = answer {
            Err(ImportError::Later(seconds))
        } else {
            Ok(answer)
        }
    }

    fn records(
        &self,
        head: &Head,
        unpacking: &mut impl BufRead,
        told: &mut Imported,
    ) -> Result<(), ImportError> {
        let hello = hello(head, unpacking)?;
        if let Some(chain) = hello.chain.clone() {
            self.write(Command::Administer(Administer::HearKeys(chain)))?;
        }
        let (partner, number) = (self.partner, hello.knows);
        if number > 0 {
            self.write(Command::Administer(Administer::KeysHeard { partner, number }))?;
        }
        let key = hello.hpke.ok_or(BundleError::Damaged)?;
        self.write(Command::Administer(Administer::SealTo { partner: self.partner, key }))?;
        let mut upto = 0;
        while let Some(batch) = read_batch(unpacking)? {
            upto = end_behind(upto, &batch)?;
            self.batch(&hello, (&batch, upto), told)?;
        }
        let (partner, epoch) = (self.partner, hello.epoch);
        let (mut owed, mut from, me) = (Vec::new(), hello.receipted, self.runtime.me());
        loop {
            let more = self.runtime.read_here(|r| owed_receipts(me, r, &partner, &epoch, from))?;
            let Some(covered) = more.last().and_then(Receipt::size) else { break };
            owed.extend(more);
            from = covered;
        }
        if !owed.is_empty() {
            let file = receipts(self.runtime, (partner, key), &owed)?;
            told.receipts = Some(BASE64_STANDARD.encode(file));
        }
        Ok(())
    }

    /// Applies what of a batch is new.
    fn batch(
        &self,
        hello: &Hello,
        (bytes, upto): (&[u8], u64),
        told: &mut Imported,
    ) -> Result<(), ImportError> {
        let (partner, epoch) = (self.partner, hello.epoch);
        let (keys, read) =
            self.runtime.read_here(|reading| Ok((keys(reading)?, have(reading, &partner)?)))?;
        let next = read.filter(|read| read.epoch == epoch).map_or(0, |read| read.next);
        if upto <= next {
            // Read before: nothing of it is proven again.
            told.known = told.known.saturating_add(lines(bytes));
            told.next = next;
            return Ok(());
        }
        let batch = prepare(partner, bytes, &keys)?;
        let all = count(batch.lines.len());
        let new = match Portion::of(batch, next) {
            Portion::Known => {
                told.known = told.known.saturating_add(all);
                told.next = next;
                return Ok(());
            }
            Portion::Gap(from, upto) => return Err(gap(from, upto).into()),
            Portion::New(new) => new,
        };
        let fresh = count(new.lines.len());
        let end = next.saturating_add(fresh);
        let Answer::Receipt(receipt) = self.write(Command::Arrive(new))? else { return Ok(()) };
        told.new = told.new.saturating_add(fresh);
        told.known = told.known.saturating_add(all.saturating_sub(fresh));
        told.next = end;
        for entry in receipt.refused {
            told.refuse(RefusedView { number: entry.o, reason: entry.reason });
        }
        Ok(())
    }

    fn receipts(
        &self,
        unpacking: &mut impl BufRead,
        told: &mut Imported,
    ) -> Result<(), ImportError> {
        let mut line = Vec::new();
        while read_line(unpacking, &mut line, RECEIPT_BYTES_MAX)? {
            let receipt = std::str::from_utf8(&line).ok().and_then(Receipt::read);
            let receipt = receipt.ok_or(BundleError::Damaged)?;
            let known = self.covered()?.is_some_and(|size| receipt.size() <= Some(size));
            self.write(Command::Acknowledged { partner: self.partner, receipt })?;
            let counted = if known { &mut told.known } else { &mut told.new };
            *counted = counted.saturating_add(1);
            line.clear();
        }
        told.next = self.covered()?.unwrap_or(0);
        Ok(())
    }

    /// How many entries the partner's receipts cover already.
    fn covered(&self) -> Result<Option<u64>, ImportError> {
        let (me, partner) = (self.runtime.me(), self.partner);
        let hello = self.runtime.read_here(|reading| node::link::hello(me, reading, &partner))?;
        Ok(Some(hello.receipted).filter(|size| *size > 0))
    }
}

/// How many entries a batch has: its lines, without that of the checkpoint.
fn lines(batch: &[u8]) -> u64 {
    let lines = batch.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    count(lines.count().saturating_sub(1))
}

/// The number after a batch's last entry. It must begin where the one before it ended, or later: the
/// same batch again and again packs to nothing, and would be proven each time.
fn end_behind(before: u64, batch: &[u8]) -> Result<u64, BundleError> {
    let numbers = numbers(batch).filter(|(first, _)| *first >= before);
    numbers.map(|(_, end)| end).ok_or(BundleError::Damaged)
}

/// The number of a batch's first entry and the one after its last, as its lines claim: what is
/// proven must say the same, or it is refused as a batch that is not dense.
fn numbers(batch: &[u8]) -> Option<(u64, u64)> {
    #[derive(Deserialize)]
    struct Numbered {
        o: u64,
    }
    let first = batch.split(|byte| *byte == b'\n').next()?;
    let Numbered { o } = serde_json::from_slice(first).ok()?;
    Some((o, o.checked_add(lines(batch))?))
}

fn count(entries: usize) -> u64 {
    u64::try_from(entries).unwrap_or(u64::MAX)
}

/// The text up to the empty line.
pub(super) fn hello(head: &Head, unpacking: &mut impl BufRead) -> Result<Hello, BundleError> {
    let mut text = Vec::new();
    loop {
        let before = text.len();
        let room = BUNDLE_HELLO_BYTES_MAX.saturating_sub(before);
        if !read_line(unpacking, &mut text, room)? {
            return Err(BundleError::Damaged);
        }
        if text.get(before..) == Some(b"\n") {
            text.truncate(before);
            break;
        }
    }
    let text = std::str::from_utf8(&text).map_err(|_| BundleError::Damaged)?;
    read_hello(head, text).map_err(|_| BundleError::Damaged)
}

/// The lines up to a checkpoint's; `None` at the end.
pub(super) fn read_batch(unpacking: &mut impl BufRead) -> Result<Option<Vec<u8>>, BundleError> {
    let mut batch = Vec::new();
    loop {
        let before = batch.len();
        let room = BATCH_WIRE_BYTES_MAX.saturating_sub(before);
        if !read_line(unpacking, &mut batch, room)? {
            return if batch.is_empty() { Ok(None) } else { Err(BundleError::Damaged) };
        }
        if batch.get(before..).is_some_and(|line| line.starts_with(b"{\"checkpoint\":")) {
            return Ok(Some(batch));
        }
    }
}

/// Adds one line of at most `max` bytes with its line feed; false at the end.
pub(super) fn read_line(
    unpacking: &mut impl BufRead,
    line: &mut Vec<u8>,
    max: usize,
) -> Result<bool, BundleError> {
    let limit = u64::try_from(max).unwrap_or(u64::MAX);
    let read = unpacking.take(limit).read_until(b'\n', line)?;
    if read > 0 && line.last() != Some(&b'\n') || read == 0 && max == 0 {
        return Err(BundleError::Damaged);
    }
    Ok(read > 0)
}

fn gap(from: u64, upto: u64) -> Problem {
    let last = upto.saturating_sub(1);
    let message = format!("entries {from} to {last} are missing before it; nothing more was taken");
    Problem::error("E-BUNDLE-003", message).hint(format!(
        "import the bundle before it, or ask for a new one: entente bundle export --from {from}"
    ))
}

#[cfg(test)]
mod tests;
