//! What is wrong with the node's own keys: a folder and a store of two times, partners that do not know
//! the newest. It changes none.

use super::finding::Finding;
use crate::config::Folder;
use crate::runtime::now;
use node::keys::{Change, change, own_keys, unaware};
use node::{Reading, StoreError};

/// Seconds after which a partner that does not know the newest key is told of.
const UNAWARE_SECONDS: i64 = 3_600;

/// What is wrong with the node's keys.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn keys(folder: &Folder, reading: &Reading<'_>) -> Result<Vec<Finding>, StoreError> {
    // A key that cannot be read is told of among the files.
    let Ok(key) = folder.public() else { return Ok(Vec::new()) };
    let (at, stated) = (now(), own_keys(reading, &key)?);
    let mut findings = Vec::new();
    let here = |wanted: &model::seal::PublicKey| {
        let next = folder.next_key().ok().flatten().and_then(|next| next.key().ok());
        next.is_some_and(|next| next.public() == *wanted)
    };
    let missing = match change(reading, &key, at)? {
        Change::Done => false,
        Change::Unknown => true,
        Change::Waits | Change::Due => !here(&stated.key),
    };
    if missing {
        let what = "E-KEY-012: partners know a newer key of this node, which is not in its folder";
        let next = "put the newer node.key there; without it: entente keys revoke --recovery FILE";
        findings.push(Finding::error("keys", what).next(next));
    }
    let old = at >= stated.since.plus_seconds(UNAWARE_SECONDS);
    if stated.number > 1 && old {
        findings.extend(behind(reading, stated.number)?);
    }
    Ok(findings)
}

fn behind(reading: &Reading<'_>, number: u32) -> Result<Vec<Finding>, StoreError> {
    let finding = |partner: node::Partner| {
        let what = format!("E-KEY-005: {} knows only a key before", partner.name);
        let next = "once it is reached it learns the new one; an older program: invite it again";
        Finding::warning("keys", what).next(next)
    };
    Ok(unaware(reading, number)?.into_iter().map(finding).collect())
}
