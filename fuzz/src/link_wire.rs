//! Targets: what a partner sends over the link: a batch, a receipt, a hello.
//!
//! They do not touch a store; they check that nothing unproven counts as proven, and that what is
//! read is written again as what it was.

use crate::made::lines::key;
use model::keys::KeySet;
use node::link::{Content, Hello, Receipt, prepare};
use std::collections::BTreeMap;
use std::hint::black_box;

/// Prepares a batch of the partner with key 1.
///
/// # Panics
/// When a record counts as proven and is not of the one key at hand, or offsets are not dense.
pub fn link_batch(bytes: &[u8]) {
    let Some(key) = key(1).map(|key| key.public()) else { return };
    let keys: BTreeMap<_, KeySet> = [(key.node(), key.into())].into();
    let Ok(arrival) = prepare(key.node(), bytes, &keys) else { return };
    let first = arrival.lines.first().map_or(0, |line| line.offset);
    for (offset, line) in (first..).zip(&arrival.lines) {
        assert_eq!(line.offset, offset, "not dense");
        if let Content::Verified(ready) = &line.content {
            assert_eq!(ready.sealed.header().signer, key.node(), "proven by nobody's key");
            assert_eq!(ready.sealed.leaf(), line.leaf, "another leaf than its own");
        }
    }
}

/// Reads a receipt.
///
/// # Panics
/// When what was read is written and read as something else.
pub fn link_receipt(bytes: &[u8]) {
    let (Ok(text), Some(key)) = (std::str::from_utf8(bytes), key(2)) else { return };
    let Some(receipt) = Receipt::read(text) else { return };
    black_box(receipt.is_signed_by(&key.public()));
    assert_eq!(Receipt::read(&receipt.write()), Some(receipt));
}

/// Reads a hello.
///
/// # Panics
/// When what was read is written and read as something else.
pub fn link_hello(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(hello) = Hello::read(text) {
        assert_eq!(Hello::read(&hello.write()), Ok(hello));
    }
}
