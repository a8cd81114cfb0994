//! Every receipt that is stored, held and given, against keys, outlets and each other: a partner who
//! signed two histories under one name, or a receipt that was changed, is found here.

use crate::keys::{keys_of, own_keys};
use crate::link::{Receipt, frontier_at, origin};
use model::id::{Digest, NodeId};
use model::keys::KeySet;
use model::note::Checkpoint;
use model::seal::PublicKey;
use model::tree::Frontier;
use std::collections::BTreeMap;
use store::{Damage, GivenReceipt, HeldReceipt, Outlet, Place, Reading, StoreError};

/// Receipts read at once.
const STEP: usize = 1_000;

/// Checks all receipts; gives how many there are. Where keys are pinned no other counts.
///
/// # Errors
/// When the store cannot be read; what does not fit is told to `each`.
pub fn receipts(
    reading: &Reading<'_>,
    own: &PublicKey,
    pinned: Option<&BTreeMap<NodeId, KeySet>>,
    each: &mut dyn FnMut(Damage),
) -> Result<u64, StoreError> {
    Ok(held(reading, (own, pinned), each)? + given(reading, own, each)?)
}

/// What partners signed about our outlets.
fn held(
    reading: &Reading<'_>,
    (own, pinned): (&PublicKey, Option<&BTreeMap<NodeId, KeySet>>),
    each: &mut dyn FnMut(Damage),
) -> Result<u64, StoreError> {
    let mut count = 0;
    for outlet in reading.outlets()? {
        let Some(node) = crate::outlet::link_of(&outlet.key) else { continue };
        let Some(partner) = reading.partner(&node)? else { continue };
        let held = keys_of(reading, &partner.key)?;
        let Some(keys) = pinned.map_or(Some(&held), |keys| keys.get(&node)) else {
            let what = format!("E-VERIFY-002: no key of node {node} is pinned");
            each(at("receipt_held", partner.name, what));
            continue;
        };
        let name = origin(&own.node(), &node, &outlet.epoch);
        let mut next = 0;
        loop {
            let receipts = reading.held_receipts_over(outlet.id, next, STEP)?;
            for receipt in &receipts {
                count += 1;
                let fault = held_fault(reading, (&outlet, &name), receipt, keys)?;
                if let Some(what) = fault {
                    let row = format!("{} over {} entries", partner.name, receipt.size);
                    each(at("receipt_held", row, what));
                }
            }
            match receipts.last() {
                Some(last) => next = last.size,
                None => break,
            }
        }
    }
    Ok(count)
}

fn held_fault(
    reading: &Reading<'_>,
    (outlet, name): (&Outlet, &str),
    held: &HeldReceipt,
    keys: &KeySet,
) -> Result<Option<String>, StoreError> {
    let checkpoint = match signed(&held.text, keys) {
        Ok(checkpoint) => checkpoint,
        Err(what) => return Ok(Some(what)),
    };
    if checkpoint.origin != name || checkpoint.size != held.size {
        return Ok(Some("E-VERIFY-003: the receipt belongs to another outlet".to_owned()));
    }
    let root = match frontier_at(reading, outlet.id, held.size) {
        // What is missing in the log is told where the log is checked.
        Err(error) if error.is_damage() => return Ok(None),
        root => root?.map(|tree| tree.root()),
    };
    let same = root == Some(checkpoint.root);
    Ok((!same).then(|| "E-VERIFY-007: the partner signed another history than is here".to_owned()))
}

/// A receipt's checkpoint, if one of these keys signed all of it.
fn signed(text: &str, keys: &KeySet) -> Result<Checkpoint, String> {
    let receipt = Receipt::read(text).ok_or("the receipt cannot be read")?;
    let (checkpoint, _) = Checkpoint::verify_cosigned_any(&receipt.checkpoint, keys.ever())
        .map_err(|error| format!("E-VERIFY-005: the cosignature: {error}"))?;
    if keys.ever().any(|key| receipt.is_signed_by(key)) {
        Ok(checkpoint)
    } else {
        Err("E-VERIFY-006: the results are not signed by who cosigned".to_owned())
    }
}

/// What we signed about partners' outlets.
fn given(
    reading: &Reading<'_>,
    own: &PublicKey,
    each: &mut dyn FnMut(Damage),
) -> Result<u64, StoreError> {
    let keys = own_keys(reading, own)?;
    let (mut count, mut last) = (0, None::<GivenReceipt>);
    // The root under which an outlet of one name ended at a size: two of them contradict.
    let mut proven: Option<(String, u64, Digest)> = None;
    loop {
        let behind = last.as_ref().map(|last| (&last.partner, &last.epoch, last.first));
        let receipts = reading.all_given_receipts(behind, STEP)?;
        for given in &receipts {
            count += 1;
            let row = || format!("{} from number {}", given.partner, given.first);
            let name = origin(&given.partner, &own.node(), &given.epoch);
            let checkpoint = match signed(&given.text, &keys) {
                Ok(checkpoint) => checkpoint,
                Err(what) => {
                    each(at("receipt_given", row(), what));
                    continue;
                }
            };
            if checkpoint.origin != name || checkpoint.size != given.first + u64::from(given.count)
            {
                let what = "E-VERIFY-003: the receipt belongs to another outlet".to_owned();
                each(at("receipt_given", row(), what));
                continue;
            }
            let other = proven.as_ref().is_some_and(|(known, size, root)| {
                *known == name && *size == checkpoint.size && *root != checkpoint.root
            });
            if other {
                let what = "E-VERIFY-007: two receipts over as many entries name two histories";
                each(at("receipt_given", row(), what.to_owned()));
            }
            proven = Some((name, checkpoint.size, checkpoint.root));
        }
        match receipts.last() {
            Some(end) => last = Some(end.clone()),
            None => break,
        }
    }
    cursors(reading, &keys, each)?;
    Ok(count)
}

/// Where reading stands against what was signed there.
fn cursors(
    reading: &Reading<'_>,
    own: &KeySet,
    each: &mut dyn FnMut(Damage),
) -> Result<(), StoreError> {
    for partner in reading.partners()? {
        let Some(cursor) = reading.cursor(&partner.node)? else { continue };
        if cursor.next == 0 {
            continue;
        }
        let key = (&partner.node, &cursor.epoch);
        let last = reading.given_receipts(key, cursor.next - 1, cursor.next)?.pop();
        let Some(last) = last.filter(|last| ends_at(last, cursor.next)) else { continue };
        let Ok(checkpoint) = signed(&last.text, own) else { continue };
        let root = Frontier::decode(&cursor.frontier).map(|tree| tree.root());
        if root != Some(checkpoint.root) {
            let what = "E-VERIFY-007: the cursor's tree is not the one that was receipted";
            each(at("cursor", partner.node.to_string(), what.to_owned()));
        }
    }
    Ok(())
}

const fn ends_at(given: &GivenReceipt, next: u64) -> bool {
    given.first + given.count as u64 == next
}

fn at(table: &str, row: String, what: String) -> Damage {
    Damage { place: Place::State(table.to_owned(), Some(row)), what }
}
