//! Search by words or by value, and one object with all its records, as a reader sees them.

use crate::release::{Lens, Released};
use detect::observable::guess;
use model::id::ThingId;
use model::limits::RESULTS_MAX;
use model::record::Authorship;
use store::{Reading, Row, Seq, StoreError};

/// One record as a person sees it.
#[derive(Debug)]
pub struct Shown {
    /// Everything but the body.
    pub row: Row,
    /// The body, opened for this reader.
    pub object: Released,
}

impl Shown {
    /// `wrote` or `carries`.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        match self.row.authorship {
            Authorship::Wrote => "wrote",
            Authorship::Carries(_) => "carries",
        }
    }
}

/// The newest records that hold a value or contain all the words; at most `RESULTS_MAX`.
///
/// # Errors
/// When the store cannot be read.
pub fn search(reading: &Reading<'_>, lens: &Lens, text: &str) -> Result<Vec<Shown>, StoreError> {
    let mut found = Vec::new();
    for observable in guess(text) {
        let mut before = None;
        collect(reading, lens, &mut found, |reading| {
            let page = reading.by_value(observable.kind, &observable.text, before, RESULTS_MAX)?;
            before = page.last().copied();
            Ok(page)
        })?;
    }
    if let Ok(thing) = text.trim().parse::<ThingId>() {
        found.extend(show(reading, lens, &thing)?);
        // What speaks of it: sightings, relationships, reports.
        let mut before = None;
        collect(reading, lens, &mut found, |reading| {
            let page = reading.referring(&thing, before, RESULTS_MAX)?;
            before = page.last().copied();
            Ok(page)
        })?;
    }
    let mut before = None;
    collect(reading, lens, &mut found, |reading| {
        let page = reading.search(text, before, RESULTS_MAX)?;
        before = page.last().copied();
        Ok(page)
    })?;
    found.sort_by_key(|shown| std::cmp::Reverse(shown.row.seq));
    found.dedup_by_key(|shown| shown.row.seq);
    found.truncate(RESULTS_MAX);
    Ok(found)
}

/// Opens page after page until there are enough results or no more pages: what is withheld must
/// not shorten the answer.
fn collect(
    reading: &Reading<'_>,
    lens: &Lens,
    found: &mut Vec<Shown>,
    mut next: impl FnMut(&Reading<'_>) -> Result<Vec<Seq>, StoreError>,
) -> Result<(), StoreError> {
    let enough = found.len() + RESULTS_MAX;
    loop {
        let page = next(reading)?;
        let ended = page.len() < RESULTS_MAX;
        for seq in page {
            found.extend(opened(reading, lens, seq)?);
        }
        if ended || found.len() >= enough {
            return Ok(());
        }
    }
}

/// Every record about a thing that the reader may have, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn show(reading: &Reading<'_>, lens: &Lens, thing: &ThingId) -> Result<Vec<Shown>, StoreError> {
    let mut found = Vec::new();
    for seq in reading.by_thing(thing)? {
        found.extend(opened(reading, lens, seq)?);
    }
    Ok(found)
}

/// Decides by the label before a body is unpacked: a word that everything withheld holds would
/// else cost this reader's every question all of it.
fn opened(reading: &Reading<'_>, lens: &Lens, seq: Seq) -> Result<Option<Shown>, StoreError> {
    if !reading.row(seq)?.is_some_and(|row| lens.sees(&row)) {
        return Ok(None);
    }
    Ok(lens.body(reading, seq)?.map(|(row, object)| Shown { row, object }))
}
