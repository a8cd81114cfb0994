//! Pages of a collection, in the order in which this audience's entries were numbered.

use super::versions::{Collection, shown};
use crate::release::{Lens, Released};
use formats::stix::SpecVersion;
use formats::taxii::Filter;
use model::id::{CircleId, ThingId};
use model::limits::{PAGE_BYTES_MAX, PAGE_ROWS_MAX};
use model::time::Instant;
use std::cell::RefCell;
use store::{Reading, Row, Seq, StoreError};

/// What is wanted of each entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// The objects themselves.
    Objects,
    /// Id, date and version only.
    Manifest,
}

/// One entry of a page.
#[derive(Debug)]
pub struct Entry {
    /// Its place in the log, for the node's own use; never shown.
    pub seq: Seq,
    /// The object's id.
    pub thing: ThingId,
    /// The object's version.
    pub version: String,
    /// When it was numbered for this audience.
    pub date: Instant,
    /// The object, opened for this reader; only in pages of objects.
    pub object: Option<Released>,
}

/// One page.
#[derive(Debug, Default)]
pub struct Page {
    /// Ascending by date; empty, with `next`, where none of `PAGE_ROWS_MAX` was wanted.
    pub entries: Vec<Entry>,
    /// Where to go on, when there is more.
    pub next: Option<u64>,
    /// The outlet that it is of; 0 where there is none yet.
    pub outlet: i64,
    /// The outlet's numbers in it, first and last of each range. Between two entries of a page that
    /// nothing narrows, what the reader was not shown counts as read.
    pub ranges: Vec<(u64, u64)>,
}

/// Whether an outlet has numbered everything that is in the log and not under embargo.
///
/// # Errors
/// When the store cannot be read.
pub fn is_current(reading: &Reading<'_>, key: &str, now: Instant) -> Result<bool, StoreError> {
    let Some(outlet) = reading.outlet(key)? else { return Ok(false) };
    let head = reading.head()?;
    let all = [outlet.scanned, outlet.urgent, outlet.alerts].iter().all(|upto| *upto >= head);
    Ok(all && reading.rescans(outlet.id, now)?.is_empty())
}

/// One page of a collection. `id` narrows it to one object; `start` is where an earlier page ended.
///
/// # Errors
/// When the store cannot be read.
pub fn page(
    reading: Reading<'_>,
    lens: &Lens,
    (circle, key): (CircleId, &str),
    filter: &Filter,
    (shape, start, limit): (Shape, Option<u64>, usize),
) -> Result<Page, StoreError> {
    let Some(outlet) = reading.outlet(key)? else { return Ok(Page::default()) };
    let standings = RefCell::default();
    let collection = Collection { reading, circle, outlet: &outlet, lens, standings };
    let mut paging = Paging {
        collection: &collection,
        filter,
        shape,
        limit,
        rows: 0,
        bytes: 0,
        page: Page { outlet: outlet.id, ..Page::default() },
    };
    if filter.nothing {
        return Ok(Page::default());
    }
    let from = match (start, filter.added_after) {
        (Some(offset), _) => offset,
        (None, Some(after)) => offset_after(&collection, after)?,
        (None, None) => 0,
    };
    if filter.ids.is_empty() {
        paging.walk(from)?;
    } else {
        paging.pick(from, &filter.ids)?;
    }
    Ok(paging.page)
}

struct Paging<'a> {
    collection: &'a Collection<'a>,
    filter: &'a Filter,
    shape: Shape,
    limit: usize,
    /// Entries looked at so far, wanted or not.
    rows: usize,
    /// Bytes of the objects so far.
    bytes: usize,
    page: Page,
}

impl Paging<'_> {
    /// Walks the outlet from an offset on until the page is full and one more entry is known.
    fn walk(&mut self, from: u64) -> Result<(), StoreError> {
        let mut at = from;
        loop {
            let segments =
                self.collection.reading.segments(self.collection.outlet.id, at, SEGMENTS)?;
            let full = segments.len() >= SEGMENTS;
            for segment in segments {
                for (index, seq) in (0_u32..).zip(segment.runs.iter()) {
                    let offset = segment.first + u64::from(index);
                    if offset < at {
                        continue;
                    }
                    if self.rows >= PAGE_ROWS_MAX {
                        self.page.next = Some(offset);
                        return Ok(());
                    }
                    self.rows += 1;
                    let micros = i64::from(index);
                    if self.offer(offset, segment.date.plus_micros(micros), seq)? {
                        return Ok(());
                    }
                }
                at = segment.first + u64::from(segment.count);
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// Takes single objects instead of walking.
    fn pick(&mut self, from: u64, things: &[ThingId]) -> Result<(), StoreError> {
        let (reading, outlet) = (self.collection.reading, self.collection.outlet);
        let mut places = Vec::new();
        for thing in things {
            for seq in reading.by_thing(thing)? {
                if let Some((segment, index)) = reading.place_of(outlet.id, seq)? {
                    let date = segment.date.plus_micros(i64::from(index));
                    places.push((segment.first + u64::from(index), date, seq));
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        for (offset, date, seq) in places.into_iter().filter(|place| place.0 >= from) {
            if self.offer(offset, date, seq)? {
                break;
            }
        }
        Ok(())
    }

    /// Offers one entry; true when the page is full and this entry proves that there is more.
    fn offer(&mut self, offset: u64, date: Instant, seq: Seq) -> Result<bool, StoreError> {
        let Some((row, object)) = self.open(seq)? else { return Ok(false) };
        if !self.wanted(&row)? {
            return Ok(false);
        }
        if self.page.entries.len() >= self.limit || self.bytes >= PAGE_BYTES_MAX {
            self.page.next = Some(offset);
            return Ok(true);
        }
        self.bytes += object.as_ref().map_or(0, |object| object.bytes().len());
        self.note(offset);
        let version = shown(&row);
        self.page.entries.push(Entry { seq, thing: row.thing, version, date, object });
        Ok(false)
    }

    /// The entry is in the page.
    fn note(&mut self, offset: u64) {
        let filter = self.filter;
        let narrow = !(filter.ids.is_empty() && filter.types.is_empty());
        match self.page.ranges.last_mut() {
            Some((_, last)) if !narrow || offset == last.saturating_add(1) => *last = offset,
            Some(_) | None => self.page.ranges.push((offset, offset)),
        }
    }

    fn open(&self, seq: Seq) -> Result<Option<(Row, Option<Released>)>, StoreError> {
        let Collection { reading, lens, .. } = self.collection;
        if !self.filter.types.is_empty() && !self.kind_at(seq)? {
            return Ok(None);
        }
        match self.shape {
            Shape::Objects => Ok(lens.body(reading, seq)?.map(|(row, object)| (row, Some(object)))),
            Shape::Manifest => Ok(reading.row(seq)?.map(|row| (row, None))),
        }
    }

    /// Whether the entry's type is asked for: told before a body is unpacked in vain.
    fn kind_at(&self, seq: Seq) -> Result<bool, StoreError> {
        let reading = self.collection.reading;
        let Some(light) = reading.light(seq)? else { return Ok(false) };
        let kind = reading.kind_of(light.kind_id)?;
        Ok(kind.is_stix() && self.filter.types.iter().any(|wanted| wanted == kind.name()))
    }

    fn wanted(&self, row: &Row) -> Result<bool, StoreError> {
        let filter = self.filter;
        let spec =
            filter.spec_versions.is_empty() || filter.spec_versions.contains(&SpecVersion::V2_1);
        let kind =
            filter.types.is_empty() || filter.types.iter().any(|t| t == row.thing.kind.name());
        Ok(spec
            && kind
            && row.thing.kind.is_stix()
            && self.collection.shows(row)
            && self.collection.selects(row, &filter.versions)?)
    }
}

/// Segments that one look fetches.
const SEGMENTS: usize = 64;

/// The first offset whose date is after an instant.
fn offset_after(collection: &Collection<'_>, after: Instant) -> Result<u64, StoreError> {
    let outlet = collection.outlet;
    let Some(segment) = collection.reading.segment_at(outlet.id, after)? else {
        return Ok(outlet.next);
    };
    let inside = after.micros() - segment.date.micros() + 1;
    Ok(segment.first + u64::try_from(inside).unwrap_or(0))
}
