//! The command: what to check, and what to say of what was found.

use super::{folder, record};
use crate::command::failure::{Ended, Outcome};
use crate::command::here::Here;
use crate::command::output::{json, line, plain};
use crate::command::table::Table;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Check all that a node stores, or one exported record
///
/// Every file, page, record, signature, view and outlet is compared with what it follows from.
/// A running node may go on; what is checked is of one instant.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A node's folder, or a file made by `entente show ID --proof`
    #[arg(value_name = "DIR|FILE")]
    path: PathBuf,
}

/// What was found.
#[derive(Serialize)]
pub(super) struct Verified {
    pub(super) ok: bool,
    pub(super) entries: u64,
    pub(super) erased: u64,
    pub(super) problems: Vec<Wrong>,
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
        let verified = if self.path.is_dir() {
            folder::check(&self.path, here)?
        } else {
            record::file(&self.path)?
        };
        let outcome = if verified.ok { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&verified)?;
            return Ok(outcome);
        }
        let Verified { entries, erased, .. } = verified;
        let all = if entries == 1 { "1 record".to_owned() } else { format!("{entries} records") };
        if verified.ok {
            line(&format!("{all}, {erased} erased: everything is as it was signed and stored"))?;
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
