//! One exported record against its digest, its leaf and its signer's key: what anyone can check who
//! holds the file. It asks no node.

use super::keys::Pinned;
use super::run::Verified;
use crate::command::failure::Failure;
use crate::http::api::objects::ProofView;
use model::record::Header;
use std::collections::BTreeMap;
use std::path::Path;

/// Checks the record in a file.
pub(super) fn file(path: &Path, bytes: &[u8], keys: &Pinned) -> Result<Verified, Failure> {
    let view: ProofView = serde_json::from_slice(bytes).map_err(|error| {
        let (shown, at) = (path.display(), error.line());
        Failure::input(format!("E-VERIFY-001: {shown} is nothing that can be verified (line {at})"))
            .hint("a folder, a backup, or what `show ID --proof` or `receipts --proof` wrote")
    })?;
    let damaged = |what| Failure::input(format!("E-VERIFY-001: `{what}` cannot be read"));
    let proof = view.proof().map_err(damaged)?;
    // What a header says that it is about, before anything is proven.
    let head = Header::read(&proof.parts.head);
    let thing = head.as_ref().map_or_else(|_| "-".to_owned(), |head| head.thing.to_string());
    let judge = || -> Result<Vec<String>, String> {
        if proof.digest().to_string() != view.digest {
            return Err("the digest does not fit header and body".to_owned());
        }
        if proof.leaf().to_string() != view.leaf {
            return Err("the leaf does not fit salt, header and body".to_owned());
        }
        let key = proof.key.ok_or("the signer's key is not in the file")?;
        let claimed = BTreeMap::from([(key.node(), key)]);
        let chain: Vec<String> = proof.chain.clone().into_iter().collect();
        let all = keys.or_claimed(&claimed, &chain);
        let unpinned = || format!("E-VERIFY-002: no key of node {} is pinned", key.node());
        let all = all.get(&key.node()).ok_or_else(unpinned)?;
        proof.parts.clone().verify_by(all).map_err(|error| error.to_string())?;
        Ok(keys.remark().into_iter().collect())
    };
    Ok(Verified::proof(path, thing, judge()))
}
