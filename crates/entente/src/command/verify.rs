//! `entente verify`: a node's log against its leaves and signatures, or one exported record. It
//! only reads, and needs no running node.

use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use crate::config::Folder;
use crate::http::api::objects::ProofView;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use model::record::{self, Header, Parts};
use model::seal::{PublicKey, Signature, sha256};
use node::proof::{Finding, verify};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Check every signature of a node's log, or of one exported record
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A node's folder, or a file made by `entente show ID --proof`
    #[arg(value_name = "DIR|FILE")]
    path: PathBuf,
}

#[derive(Serialize)]
struct Verified {
    ok: bool,
    entries: u64,
    erased: u64,
    problems: Vec<Wrong>,
}

#[derive(Serialize)]
struct Wrong {
    seq: Option<i64>,
    thing: String,
    message: String,
}

impl Verify {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let verified = if self.path.is_dir() { folder(&self.path)? } else { file(&self.path)? };
        let outcome = if verified.ok { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&verified)?;
            return Ok(outcome);
        }
        if verified.ok {
            let Verified { entries, erased, .. } = verified;
            let all =
                if entries == 1 { "1 record".to_owned() } else { format!("{entries} records") };
            line(&format!("{all}, {erased} erased: everything is as it was signed"))?;
            return Ok(outcome);
        }
        let mut table = Table::new(&["ENTRY", "THING", "WHAT IS WRONG"]);
        for wrong in verified.problems {
            let seq = wrong.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string());
            table.row([seq, wrong.thing, wrong.message]);
        }
        table.print("")?;
        Ok(outcome)
    }
}

fn folder(path: &Path) -> Result<Verified, Failure> {
    let folder = Folder::new(path);
    let own = folder.public()?;
    let mut snapshot = folder.snapshots()?.open()?;
    let mut problems = Vec::new();
    let walked = snapshot.read(|reading| {
        verify(reading, &own, &mut |Finding { seq, thing, fault }| {
            let (seq, message) = (Some(*seq), fault.to_string());
            problems.push(Wrong { seq, thing: thing.to_string(), message });
        })
    })?;
    let ok = problems.is_empty();
    Ok(Verified { ok, entries: walked.entries, erased: walked.erased, problems })
}

fn file(path: &Path) -> Result<Verified, Failure> {
    let bytes = super::check::read(path)?;
    let proof: ProofView = serde_json::from_slice(&bytes).map_err(|error| {
        let (shown, at) = (path.display(), error.line());
        Failure::input(format!("{shown} is no exported record (line {at})"))
            .hint("`entente show ID --proof` writes such a file")
    })?;
    let thing = thing(&proof.head);
    let problems: Vec<Wrong> = match judge(&proof) {
        Ok(()) => Vec::new(),
        Err(failure) if failure.exit == Exit::Input => return Err(failure),
        Err(failure) => vec![Wrong { seq: None, thing, message: failure.message }],
    };
    Ok(Verified { ok: problems.is_empty(), entries: 1, erased: 0, problems })
}

/// What a header says that it is about, before anything is proven.
fn thing(head: &str) -> String {
    Header::read(head).map_or_else(|_| "-".to_owned(), |head| head.thing.to_string())
}

/// Digest, leaf, key and signature; a failure with exit code 1 is a finding.
fn judge(proof: &ProofView) -> Result<(), Failure> {
    let wrong = |message: &str| Failure::new(Exit::Refused, message);
    let damaged = |what: &str| Failure::input(format!("`{what}` cannot be read"));
    let decode = |text: &str, what| STANDARD.decode(text).map_err(|_| damaged(what));
    let body = match (&proof.body, &proof.body_base64) {
        (Some(text), None) => text.clone().into_bytes(),
        (None, Some(encoded)) => decode(encoded, "body_base64")?,
        _ => return Err(damaged("body")),
    };
    let salt = decode(&proof.salt, "salt")?.try_into().map_err(|_| damaged("salt"))?;
    let signature = decode(&proof.signature, "signature")?;
    let signature = Signature::from_slice(&signature).ok_or_else(|| damaged("signature"))?;
    let parts = Parts { head: proof.head.clone(), body, salt, signature };
    let digest = sha256(&[parts.head.as_bytes(), b"\n", &parts.body]);
    if digest.to_string() != proof.digest {
        return Err(wrong("the digest does not fit header and body"));
    }
    if record::leaf(&parts.salt, &parts.head, &parts.body).to_string() != proof.leaf {
        return Err(wrong("the leaf does not fit salt, header and body"));
    }
    let key = proof.key.as_deref().ok_or_else(|| wrong("the signer's key is not in the file"))?;
    let key: PublicKey = key.parse().map_err(|_| damaged("key"))?;
    parts.verify(&key).map(drop).map_err(|error| wrong(&error.to_string()))
}
