//! When a node was last backed up, and how far its log went then: for whoever looks after it. The
//! copy itself is the store's, the file around it the rim's.

use model::time::Instant;
use store::{Reading, Seq, Store, StoreError};

/// The setting that remembers it.
const LAST: &str = "backup.last";

/// A backup that is whole and on the disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backed {
    /// When it was made.
    pub at: Instant,
    /// The last entry of the log that it holds.
    pub head: Seq,
}

/// The last backup that was made of this node; `None` when none ever was.
///
/// # Errors
/// When the store cannot be read.
pub fn last(reading: &Reading<'_>) -> Result<Option<Backed>, StoreError> {
    let bytes = reading.setting(LAST)?.unwrap_or_default();
    let number = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_be_bytes);
    let halves = bytes.split_at_checked(8);
    Ok(halves.and_then(|(at, head)| {
        Some(Backed { at: Instant::from_micros(number(at)?), head: number(head)? })
    }))
}

/// Remembers a backup, between two transactions.
///
/// # Errors
/// When the store fails.
pub fn remember(store: &Store, backed: Backed) -> Result<(), StoreError> {
    let mut tx = store.begin()?;
    let both = [backed.at.micros().to_be_bytes(), backed.head.to_be_bytes()].concat();
    tx.put_setting(LAST, &both)?;
    tx.commit()
}
