//! Checking the log against itself: each entry's row against its digest, each leaf computed anew.
//! Signatures are the caller's, who has the keys.

use crate::log::{self, Row, Seq};
use crate::open::Handle;
use crate::{Reading, Store, StoreError, sql, sum};
use model::record::{self, Parts};

/// Entries read between two looks at the log's end.
const STEP: usize = 1_000;

/// What is wrong with one entry, apart from its signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EntryFault {
    /// The log has no gaps, and here is one.
    #[error("the entry is missing")]
    Missing,
    /// The row or the page it lies on cannot be read.
    #[error("the entry cannot be read")]
    Unreadable,
    /// The row is not what was written.
    #[error("the row does not fit its digest")]
    Row,
    /// The body cannot be unpacked, or is not where the row says.
    #[error("the body cannot be unpacked")]
    Body,
    /// The stored bytes give another leaf than the one that was numbered.
    #[error("the leaf does not fit the stored bytes")]
    Leaf,
}

/// What became of one entry.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its place.
    pub seq: Seq,
    /// The entry itself; `None` when it cannot be read.
    pub row: Option<Row>,
    /// What was signed; `None` for a stub and for what cannot be read.
    pub parts: Option<Parts>,
    /// What is wrong without looking at the leaf: [`Checked::leaf`] does that.
    pub fault: Option<EntryFault>,
}

impl Checked {
    const fn lost(seq: Seq, fault: EntryFault) -> Self {
        Self { seq, row: None, parts: None, fault: Some(fault) }
    }

    /// What is wrong, the leaf computed anew. It costs the hash of the body: any thread may.
    #[must_use]
    pub fn leaf(&self) -> Option<EntryFault> {
        let (Some(row), Some(parts)) = (&self.row, &self.parts) else { return self.fault };
        let leaf = record::leaf(&parts.salt, &parts.head, &parts.body);
        let unfit = (leaf != row.leaf).then_some(EntryFault::Leaf);
        self.fault.or(unfit)
    }
}

/// The columns that the digest of an entry's row covers.
pub(super) fn covered(handle: &Handle) -> Result<String, StoreError> {
    Ok(sum::covered(&handle.conn, "log", &log::PROVEN)?.join(", "))
}

/// Judges what was read of an entry; only what is no damage is an error.
fn judged((seq, fit, read): log::Read) -> Result<Checked, StoreError> {
    let fault = if fit { None } else { Some(EntryFault::Row) };
    let (row, parts) = match read {
        Ok(read) => read,
        // The row's own digest says it more exactly than what follows from it.
        Err(error) if error.is_damage() => {
            return Ok(Checked::lost(seq, fault.unwrap_or(EntryFault::Unreadable)));
        }
        Err(error) => return Err(error),
    };
    // Only the body can be unreadable by itself.
    let parts = match parts {
        Ok(parts) => parts,
        Err(error) if error.is_damage() => None,
        Err(error) => return Err(error),
    };
    let gone = parts.is_none() != row.erased;
    let fault = fault.or(gone.then_some(EntryFault::Body));
    Ok(Checked { seq, row: Some(row), parts, fault })
}

/// Looks at the entries above `after`, up to and with `upto`; a gap is a finding.
fn look(
    reading: &Reading<'_>,
    covered: &str,
    (after, upto): (Seq, Seq),
    each: &mut dyn FnMut(Checked),
) -> Result<(), StoreError> {
    let (mut next, mut failed) = (after.saturating_add(1), None);
    let walked = log::walk(reading.handle, covered, (after, upto), &mut |read| {
        while next < read.0 {
            each(Checked::lost(next, EntryFault::Missing));
            next += 1;
        }
        next = read.0.saturating_add(1);
        match judged(read) {
            Ok(checked) => each(checked),
            Err(error) => failed = Some(error),
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    match walked {
        // A damaged page hides what comes after it: from here each entry by itself.
        Err(error) if error.is_damage() && upto > next => {
            look(reading, covered, (next - 1, next), each)?;
            look(reading, covered, (next, upto), each)
        }
        Err(error) if error.is_damage() => {
            each(Checked::lost(next, EntryFault::Unreadable));
            Ok(())
        }
        Err(error) => Err(error),
        Ok(()) => {
            (next..=upto).for_each(|seq| each(Checked::lost(seq, EntryFault::Missing)));
            Ok(())
        }
    }
}

impl Reading<'_> {
    /// Walks the log above `after`, at most `limit` entries, up to and with `upto`. Gives the last
    /// place seen.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn check(
        &self,
        (after, upto): (Seq, Seq),
        limit: usize,
        each: &mut dyn FnMut(Checked),
    ) -> Result<Seq, StoreError> {
        let last = upto.min(after.saturating_add(sql::limit(limit)));
        look(self, &covered(self.handle)?, (after, last), each)?;
        Ok(last)
    }
}

impl Store {
    /// Walks the whole log and reports each entry, its row compared with its digest.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn check(&self, each: &mut dyn FnMut(Checked)) -> Result<(), StoreError> {
        let (head, mut after) = (self.reading().head()?, 0);
        while after < head {
            after = self.reading().check((after, head), STEP, each)?;
        }
        Ok(())
    }
}
