//! A store that comes from a backup, before it serves: a new life of the numbering, numbers above
//! all that were given after the backup, and what was erased since then erased again.
//!
//! It reads no backup and opens no file; what partners still hold of recalls comes by the links.

use crate::rebuild::facts_of;
use model::id::{Digest, Epoch};
use model::limits::RESTORE_NUMBERS_FREE;
use model::time::Instant;
use store::{Light, Outlet, Reading, Seq, Store, StoreError, Tx};

/// Entries compared in one commit.
const STEP: usize = 1_000;
/// When this store was last restored, and from a backup of when.
const RESTORED: &str = "restored";
/// Words about records, remembered under keys (`word`).
const WORDS: [&str; 2] = ["relabel.", "withdraw."];

/// When and from what a store was restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Restored {
    /// The restore.
    pub at: Instant,
    /// The backup that it came from.
    pub backup: Instant,
}

/// When this node itself was last restored; `None` when it never was.
///
/// # Errors
/// When the store cannot be read.
pub fn restored(reading: &Reading<'_>) -> Result<Option<Restored>, StoreError> {
    let Some(bytes) = reading.setting(RESTORED)? else { return Ok(None) };
    let instant = |bytes: &[u8]| {
        bytes.try_into().ok().map(|bytes| Instant::from_micros(i64::from_be_bytes(bytes)))
    };
    let halves = bytes.split_at_checked(8);
    Ok(halves
        .and_then(|(at, backup)| Some(Restored { at: instant(at)?, backup: instant(backup)? })))
}

/// The date below which no outlet gives one: that of the last restore.
pub(crate) fn floor(reading: &Reading<'_>) -> Result<Instant, StoreError> {
    Ok(restored(reading)?.map_or(Instant::from_micros(0), |restored| restored.at))
}

/// Begins a new life of the numbering; gives the number of partners that will be told by it.
///
/// What was sent to partners before stays as it was proven, under its old epoch. An audience's
/// numbers and dates go on above all that can have been given after the backup.
///
/// # Errors
/// When the store fails; nothing has changed then.
pub fn begin_anew(store: &Store, epoch: &Epoch, when: Restored) -> Result<usize, StoreError> {
    let mut tx = store.begin()?;
    let mut partners = 0;
    for outlet in tx.reading().outlets()? {
        let over = format!("over:{}:{}", outlet.epoch, outlet.key);
        if outlet.key.starts_with("link:") {
            partners += 1;
            tx.put_outlet(&Outlet { key: over, ..outlet })?;
        } else if outlet.key.starts_with("taxii:") {
            let next = outlet.next.saturating_add(RESTORE_NUMBERS_FREE);
            let last_date = outlet.last_date.max(when.at);
            tx.put_outlet(&Outlet { next, last_date, ..outlet })?;
        }
    }
    tx.put_setting("epoch", epoch.as_bytes())?;
    let both = [when.at.micros().to_be_bytes(), when.backup.micros().to_be_bytes()].concat();
    tx.put_setting(RESTORED, &both)?;
    tx.commit()?;
    Ok(partners)
}

/// Why nothing can be taken from another folder.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder is another node's.
    #[error("E-RESTORE-005: the other folder belongs to another node")]
    Foreign,
}

/// Erases, hides and relabels in a restored store what the node's old store, which knows what came
/// after the backup, has erased, hidden and relabelled; gives the number of entries erased. It may
/// not come back either. `told` is called with each place in the log that was compared.
///
/// # Errors
/// When the old store is another node's, or either store fails.
pub fn replay(
    store: &Store,
    old: &Reading<'_>,
    told: &mut dyn FnMut(Seq),
) -> Result<u64, ReplayError> {
    if old.setting("local-key")? != store.reading().setting("local-key")? {
        return Err(ReplayError::Foreign);
    }
    replay_lists(store, old)?;
    let upto = store.reading().head()?.min(old.head()?);
    let (mut after, mut erased) = (0, 0);
    loop {
        let theirs = old.scan(after, upto, STEP)?;
        let Some(last) = theirs.last().map(|light| light.seq) else { break };
        let mut tx = store.begin()?;
        for light in &theirs {
            erased += u64::from(replay_entry(&mut tx, old, light)?);
        }
        tx.commit()?;
        after = last;
        told(last);
    }
    let mut tx = store.begin()?;
    tx.want_purge()?;
    tx.commit()?;
    Ok(erased)
}

/// What must not come back, and what signers said about records.
fn replay_lists(store: &Store, old: &Reading<'_>) -> Result<(), StoreError> {
    let mut tx = store.begin()?;
    for prefix in WORDS {
        for (key, value) in old.settings(prefix)? {
            tx.put_setting(&key, &value)?;
        }
    }
    let mut after = Digest::new([0; 32]);
    loop {
        let macs = old.erased_things(&after, STEP)?;
        macs.iter().try_for_each(|mac| tx.put_erased_thing(mac))?;
        let Some(last) = macs.last() else { break };
        after = *last;
    }
    after = Digest::new([0; 32]);
    loop {
        let macs = old.spoken_things(&after, STEP)?;
        macs.iter().try_for_each(|mac| tx.put_spoken_of(mac))?;
        let Some(last) = macs.last() else { break };
        after = *last;
    }
    tx.commit()
}

/// One entry; true when it was erased. After the backup the two logs may have gone their own ways:
/// only what has the same leaf is the same entry.
fn replay_entry(tx: &mut Tx<'_>, old: &Reading<'_>, light: &Light) -> Result<bool, StoreError> {
    let Some(ours) = tx.reading().light(light.seq)? else { return Ok(false) };
    let label = old.label(light.label_id)?;
    let same_label = *tx.reading().label(ours.label_id)? == *label;
    let same = (ours.erased, ours.hidden) == (light.erased, light.hidden) && same_label;
    let kept_back = old.kept_back_of(light.seq)?;
    if same && kept_back.is_empty() || old.leaf(light.seq)? != tx.reading().leaf(light.seq)? {
        return Ok(false);
    }
    // What a person withdrew from a partner must not go there again with the new numbers.
    kept_back.iter().try_for_each(|outlet| tx.keep_back(outlet, light.seq))?;
    if same {
        return Ok(false);
    }
    if light.hidden && !ours.hidden {
        tx.hide(&label.circle, light.seq)?;
    }
    if !same_label {
        tx.relabel(light.seq, &label)?;
    }
    if light.erased { tx.strip(light.seq, &mut facts_of) } else { Ok(false) }
}
