//! One exported record against its digest, its leaf and its signer's key: what anyone can check who
//! holds the file. It asks no node.

use super::run::{Verified, Wrong};
use crate::command::failure::{Exit, Failure};
use crate::http::api::objects::ProofView;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::record::{self, Header, Parts};
use model::seal::{PublicKey, Signature, sha256};
use std::path::Path;

/// Checks the record in a file.
pub(super) fn file(path: &Path) -> Result<Verified, Failure> {
    let bytes = crate::command::check::read(path)?;
    let proof: ProofView = serde_json::from_slice(&bytes).map_err(|error| {
        let (shown, at) = (path.display(), error.line());
        Failure::input(format!("{shown} is no exported record (line {at})"))
            .hint("`entente show ID --proof` writes such a file")
    })?;
    let thing = thing(&proof.head);
    let problems: Vec<Wrong> = match judge(&proof) {
        Ok(()) => Vec::new(),
        Err(failure) if failure.exit == Exit::Input => return Err(failure),
        Err(failure) => vec![Wrong::record(path, thing, failure.message)],
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
