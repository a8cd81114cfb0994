//! The command: what to check, and what to say of what was found.

use super::keys::Pinned;
use super::{backup, bundle, folder, receipt, record};
use crate::command::failure::{Ended, Failure, Outcome};
use crate::command::here::Here;
use crate::command::output::{counted, json, line, plain, records};
use crate::command::table::Table;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Check all that a node stores, a backup, or one exported proof
///
/// Every file, page, record, signature, receipt, view and outlet is compared with what it follows
/// from. A running node may go on; what is checked is of one instant. Nobody is asked.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A node's folder, a backup, a bundle, or an exported proof
    ///
    /// Of a bundle it is the node in --data that opens it; proofs come out of `show` and `receipts`.
    #[arg(value_name = "DIR|FILE")]
    path: PathBuf,
    /// Keys that you know: lines `NODE KEY`; no other counts
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Of a folder or backup, leave the signatures out
    #[arg(long)]
    no_signatures: bool,
    /// Of a folder or backup, the log alone, not its views
    #[arg(long)]
    log: bool,
}

/// What was found.
#[derive(Serialize)]
pub(super) struct Verified {
    pub(super) ok: bool,
    pub(super) entries: u64,
    pub(super) erased: u64,
    pub(super) problems: Vec<Wrong>,
    /// Receipts that were checked, held and given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) receipts: Option<u64>,
    /// What a sound proof says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) says: Vec<String>,
}

impl Verified {
    /// One exported proof, with what is wrong with it, or what it says.
    pub(super) fn proof(path: &Path, thing: String, judged: Result<Vec<String>, String>) -> Self {
        let (problems, says) = match judged {
            Ok(says) => (Vec::new(), says),
            Err(message) => (vec![Wrong::record(path, thing, message)], Vec::new()),
        };
        Self { ok: problems.is_empty(), entries: 1, erased: 0, problems, receipts: None, says }
    }
}

/// Something that does not fit.
#[derive(Serialize)]
pub(super) struct Wrong {
    /// In which file.
    pub(super) file: String,
    /// Where in it.
    pub(super) place: String,
    /// The entry of the log, where it is one, or one of a view's.
    pub(super) seq: Option<i64>,
    /// The view, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) view: Option<&'static str>,
    /// What the record is about.
    pub(super) thing: String,
    pub(super) message: String,
    /// What to do.
    pub(super) mend: String,
}

impl Wrong {
    /// Something wrong with an exported record.
    pub(super) fn record(path: &Path, thing: String, message: String) -> Self {
        Self {
            file: path.display().to_string(),
            place: "the record".to_owned(),
            seq: None,
            view: None,
            thing,
            message,
            mend: String::new(),
        }
    }
}

impl Verify {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let keys = self.keys.as_deref().map(Pinned::read).transpose()?.unwrap_or_default();
        let depth = Depth { signatures: !self.no_signatures, log: self.log, keys: &keys };
        let verified = if self.path.is_dir() {
            folder::check(&self.path, depth, here)?
        } else if backup::is(&self.path) {
            backup::check(&self.path, depth, here)?
        } else if bundle::is(&self.path) {
            bundle::check(&self.path, &keys, here)?
        } else {
            exported(&self.path, &keys)?
        };
        let outcome = if verified.ok { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&verified)?;
            return Ok(outcome);
        }
        for said in &verified.says {
            line(&plain(said))?;
        }
        let Verified { entries, erased, .. } = verified;
        let all = records(entries);
        if verified.ok {
            let receipts =
                verified.receipts.map(|n| format!(", {}", counted(n, "receipt", "receipts")));
            let receipts = receipts.unwrap_or_default();
            let sound = "everything is as it was signed and stored";
            line(&format!("{all}, {erased} erased{receipts}: {sound}"))?;
            return Ok(outcome);
        }
        let mut table = Table::new(&["FILE", "WHERE", "THING", "WHAT IS WRONG", "WHAT MENDS IT"]);
        for wrong in verified.problems {
            let place = plain(&wrong.place);
            table.row([wrong.file, place, wrong.thing, plain(&wrong.message), wrong.mend]);
        }
        table.print("")?;
        Ok(outcome)
    }
}

/// How deeply a node's store is checked.
#[derive(Clone, Copy)]
pub(super) struct Depth<'k> {
    pub(super) signatures: bool,
    /// Nothing but the log.
    pub(super) log: bool,
    pub(super) keys: &'k Pinned,
}

/// One exported proof, told by its form.
fn exported(path: &Path, keys: &Pinned) -> Result<Verified, Failure> {
    let bytes = crate::command::check::read(path)?;
    if receipt::is(&bytes) {
        return receipt::file(path, &bytes, keys);
    }
    record::file(path, &bytes, keys)
}
