//! The read log before an answer leaves: what a token has not been given yet is put on disk first,
//! what it has been given costs nothing. It neither decides what a token may read nor looks at it.

use crate::runtime::{Runtime, Unavailable};
use model::id::IntakeId;
use model::limits::READERS_REMEMBERED_MAX;
use node::reads::Read;
use node::token::Caller;
use node::{Command, Rights, Seq};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Whose reading is kept: a token that does not administer the node.
#[derive(Clone, Debug)]
pub(crate) struct Asker(Option<(IntakeId, String)>);

impl Asker {
    /// Who asks. Administrators are this node's own people: there is nobody to be told.
    pub(crate) fn of(caller: &Caller) -> Self {
        let own = caller.rights.has(Rights::ADMIN);
        Self((!own).then(|| (caller.submitter.intake, caller.name.clone())))
    }
}

/// Ranges that do not touch, by their first number.
type Ranges = BTreeMap<u64, u64>;

/// What tokens were given, as far as it was asked for since the start.
#[derive(Debug, Default)]
pub(crate) struct Reads(Mutex<BTreeMap<IntakeId, BTreeMap<i64, Ranges>>>);

impl Reads {
    /// The parts of ranges that this token was not given; `None` when nothing is known of it yet.
    fn missing(
        &self,
        reader: &IntakeId,
        outlet: i64,
        ranges: &[(u64, u64)],
    ) -> Option<Vec<(u64, u64)>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(reader)?.get(&outlet);
        let parts = ranges
            .iter()
            .flat_map(|range| known.map_or_else(|| vec![*range], |known| uncovered(known, *range)));
        Some(parts.collect())
    }

    fn add(&self, reader: &IntakeId, ranges: impl IntoIterator<Item = (i64, u64, u64)>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= READERS_REMEMBERED_MAX && !all.contains_key(reader) {
            // Each is read from the store again when it comes back.
            all.clear();
        }
        let known = all.entry(*reader).or_default();
        for (outlet, first, last) in ranges {
            cover(known.entry(outlet).or_default(), (first, last));
        }
    }
}

/// What of a range is in none of these.
fn uncovered(known: &Ranges, (first, last): (u64, u64)) -> Vec<(u64, u64)> {
    let before = known.range(..=first).next_back().map(|(_, end)| *end);
    let mut next = before.map_or(first, |end| first.max(end.saturating_add(1)));
    let mut missing = Vec::new();
    for (start, end) in known.range(first.saturating_add(1)..=last.max(first.saturating_add(1))) {
        if *start > last {
            break;
        }
        if next < *start {
            missing.push((next, start - 1));
        }
        next = next.max(end.saturating_add(1));
    }
    if next <= last {
        missing.push((next, last));
    }
    missing
}

/// Joins a range with what it overlaps or continues.
fn cover(known: &mut Ranges, (mut first, mut last): (u64, u64)) {
    while let Some((start, end)) = known
        .range(..=last.saturating_add(1))
        .next_back()
        .map(|(start, end)| (*start, *end))
        .filter(|(_, end)| end.saturating_add(1) >= first)
    {
        known.remove(&start);
        (first, last) = (first.min(start), last.max(end));
    }
    known.insert(first, last);
}

/// Puts on disk what this reader has not been given yet. Reading never stops for want of room: then
/// the log of the node says what is missing in the log of reads.
///
/// # Errors
/// When the node is stopping or its store failed.
pub(crate) async fn note(
    runtime: &Runtime,
    asker: &Asker,
    outlet: i64,
    ranges: &[(u64, u64)],
) -> Result<(), Unavailable> {
    let Some((reader, name)) = &asker.0 else { return Ok(()) };
    if ranges.is_empty() {
        return Ok(());
    }
    let reads = runtime.reads();
    let missing = match reads.missing(reader, outlet, ranges) {
        Some(missing) => missing,
        None => {
            let of = *reader;
            let given = runtime.read(move |r| node::reads::given(r, &of)).await?;
            reads.add(reader, given);
            reads.missing(reader, outlet, ranges).unwrap_or_else(|| ranges.to_vec())
        }
    };
    if missing.is_empty() {
        return Ok(());
    }
    let read = Read { reader: *reader, name: name.clone(), outlet, ranges: missing.clone() };
    match runtime.write(Command::Read(read)).await {
        Err(Unavailable::Full) => {
            tracing::warn!(token = %name, "the disk is full: what a token reads is not kept");
        }
        answer => {
            answer?;
            reads.add(reader, missing.into_iter().map(|(first, last)| (outlet, first, last)));
        }
    }
    Ok(())
}

/// The same for single entries of the log.
///
/// # Errors
/// When the node is stopping or its store failed.
pub(crate) async fn note_entries(
    runtime: &Runtime,
    caller: &Caller,
    entries: impl IntoIterator<Item = Seq>,
) -> Result<(), Unavailable> {
    let mut ranges = Ranges::new();
    for seq in entries {
        cover(&mut ranges, (seq.unsigned_abs(), seq.unsigned_abs()));
    }
    let ranges: Vec<_> = ranges.into_iter().collect();
    note(runtime, &Asker::of(caller), node::reads::LOG, &ranges).await
}

#[cfg(test)]
mod tests;
