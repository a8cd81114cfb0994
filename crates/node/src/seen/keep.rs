//! What was gathered becomes segments; days that are over become few, and old ones go. It decides
//! when nothing of it happens.

use super::open::Seen;
use super::word::{self, key_of, kind};
use detect::past::{Gathered, marks, sketch};
use formats::export::name_of;
use model::facts::ValueKind;
use model::limits::SEGMENT_JOIN_ROWS_MAX;
use std::collections::BTreeMap;
use std::ops::Range;
use store::segment::{Day, NewSegment, SegmentError, SegmentId, SegmentInfo, SegmentRow, Segments};

/// What may stay.
#[derive(Clone, Copy, Debug)]
pub struct Retain {
    /// The first day that stays.
    pub from: Day,
    /// Bytes of all segments.
    pub bytes_max: u64,
}

/// What retention did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Segments that went.
    pub dropped: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A row of several segments, while they become one.
#[derive(Debug)]
struct Joined {
    kind: String,
    first: i64,
    last: i64,
    count: u64,
    roles: String,
    sources: String,
}

impl Seen {
    /// Writes what was gathered on a day as a segment. It is read once it is taken up.
    ///
    /// # Errors
    /// When there is no room; then nothing of it is there.
    pub fn write(
        &self,
        day: Day,
        gathered: &Gathered,
        journal: u64,
    ) -> Result<Option<SegmentInfo>, SegmentError> {
        let (mut roles, mut sources) = (BTreeMap::new(), BTreeMap::new());
        let mut marked = Vec::new();
        let rows = gathered.sorted_with(&mut |row, key| {
            roles.entry(row.roles).or_insert_with(|| word::roles(row.roles));
            let names = || word::sources(row.sources, gathered.sources());
            sources.entry(row.sources).or_insert_with(names);
            marks(self.key, (row.kind, row.value, key), &mut marked);
        });
        if rows.is_empty() {
            return Ok(None);
        }
        let rows = rows.iter().map(|row| SegmentRow {
            kind: name_of(row.kind),
            value: row.value,
            first: row.first.micros(),
            last: row.last.micros(),
            count: row.count,
            roles: roles.get(&row.roles).map_or("", String::as_str),
            sources: sources.get(&row.sources).map_or("", String::as_str),
        });
        self.append(day, rows, (&marked, journal, (0, 0))).map(Some)
    }

    fn append<'r>(
        &self,
        day: Day,
        rows: impl ExactSizeIterator<Item = SegmentRow<'r>>,
        (marks, journal, replaces): (&[u64], u64, (u32, u32)),
    ) -> Result<SegmentInfo, SegmentError> {
        let built = sketch::build(marks);
        let (shape, cells) =
            built.ok_or_else(|| SegmentError::Rows("no sketch of these values".to_owned()))?;
        let (check, cells) = (self.check, cells.as_slice());
        let new = NewSegment { day, journal, replaces, check, shape, cells };
        self.segments.append(&new, rows, key_of)
    }

    /// Takes a written segment up: from now on it is read.
    pub fn take_up(&self, info: SegmentInfo) {
        self.segments.take_up(info);
    }

    /// Removes the journals up to this one: segments hold what they held.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn drop_journals(&self, upto: u64) -> Result<(), SegmentError> {
        self.segments.drop_journals(upto)
    }

    /// Lets go of days that are too old, and of the oldest segments where there are too many bytes.
    ///
    /// # Errors
    /// When a segment cannot be removed.
    pub fn retain(&self, rules: Retain) -> Result<Kept, SegmentError> {
        let mut kept = Kept::default();
        for info in self.segments.list() {
            if info.id.day >= rules.from && self.segments.bytes() <= rules.bytes_max {
                break;
            }
            kept.bytes = kept.bytes.saturating_add(self.segments.drop_segment(info.id)?);
            kept.dropped = kept.dropped.saturating_add(1);
        }
        Ok(kept)
    }

    /// Lets go of the oldest day before `today`; says how many bytes that were, 0 when there is none.
    ///
    /// # Errors
    /// When a segment cannot be removed.
    pub fn drop_oldest(&self, today: Day) -> Result<u64, SegmentError> {
        let list = self.segments.list();
        let oldest = list.first().map(|info| info.id.day).filter(|day| *day < today);
        let of_it = list.iter().filter(|info| Some(info.id.day) == oldest);
        of_it.map(|info| self.segments.drop_segment(info.id)).sum()
    }

    /// Makes one segment of several small ones of a day before `today`; `false` when there is nothing
    /// to join. The new one takes their place at once.
    ///
    /// # Errors
    /// When there is no room, or one of them is damaged; then they stay as they are.
    pub fn join(&self, today: Day) -> Result<bool, SegmentError> {
        let Some(run) = joinable(&self.segments, today) else { return Ok(false) };
        let (Some(oldest), Some(newest)) = (run.first(), run.last()) else { return Ok(false) };
        let everything = everything();
        let mut rows: BTreeMap<(Vec<u8>, String), Joined> = BTreeMap::new();
        for info in &run {
            self.segments.scan(info, (&everything, key_of), &mut |_, row| {
                // There is one: a segment with a kind that is not known is not read at all.
                let key = key_of(row.kind, row.value).unwrap_or_default();
                let place = rows.entry((key, row.value.to_owned()));
                place.and_modify(|known| known.add(&row)).or_insert_with(|| Joined::of(&row));
                true
            })?;
        }
        let mut marked = Vec::new();
        for ((key, value), row) in &rows {
            let kind = kind(&row.kind).unwrap_or(ValueKind::Domain);
            marks(self.key, (kind, value, key), &mut marked);
        }
        let all = rows.iter().map(|((_, value), row)| row.told(value));
        let journal = run.iter().map(|info| info.head.journal).max().unwrap_or(0);
        let replaces = (oldest.id.number, newest.id.number);
        let info = self.append(oldest.id.day, all, (&marked, journal, replaces))?;
        let gone: Vec<SegmentId> = self.segments.take_up(info);
        gone.into_iter().try_for_each(|id| self.segments.drop_segment(id).map(drop))?;
        Ok(true)
    }
}

/// Every key.
fn everything() -> [Range<Vec<u8>>; 1] {
    [Vec::new()..vec![u8::MAX; 2]]
}

/// Neighbours of a day that is over which make one segment together.
fn joinable(segments: &Segments, today: Day) -> Option<Vec<SegmentInfo>> {
    let mut run: Vec<SegmentInfo> = Vec::new();
    let mut rows = 0_u64;
    for info in segments.list().into_iter().filter(|info| info.id.day < today) {
        let same = run.last().is_none_or(|last| last.id.day == info.id.day);
        if !same || rows.saturating_add(info.head.rows) > SEGMENT_JOIN_ROWS_MAX {
            if run.len() > 1 {
                return Some(run);
            }
            (run, rows) = (Vec::new(), 0);
        }
        rows = rows.saturating_add(info.head.rows);
        run.push(info);
    }
    (run.len() > 1).then_some(run)
}

impl Joined {
    fn of(row: &SegmentRow<'_>) -> Self {
        Self {
            kind: row.kind.to_owned(),
            first: row.first,
            last: row.last,
            count: row.count,
            roles: row.roles.to_owned(),
            sources: row.sources.to_owned(),
        }
    }

    fn told<'r>(&'r self, value: &'r str) -> SegmentRow<'r> {
        let Self { kind, first, last, count, roles, sources } = self;
        let (first, last, count) = (*first, *last, *count);
        SegmentRow { kind, value, first, last, count, roles, sources }
    }

    fn add(&mut self, row: &SegmentRow<'_>) {
        self.first = self.first.min(row.first);
        self.last = self.last.max(row.last);
        self.count = self.count.saturating_add(row.count);
        for (own, other) in [(&mut self.roles, row.roles), (&mut self.sources, row.sources)] {
            for word in other.split(',').filter(|word| !word.is_empty()) {
                if !own.split(',').any(|known| known == word) {
                    own.push_str(if own.is_empty() { "" } else { "," });
                    own.push_str(word);
                }
            }
        }
    }
}
