//! Whether something was seen: what is gathered, the sketch of every segment, and the rows of those
//! whose sketch does not say no. It tells nobody.

use super::open::Seen;
use super::word::{self, key_of};
use detect::event::Role;
use detect::observable::Observable;
use detect::past::sketch::{self, CELL_BYTES};
use detect::past::{Gathered, SeenRow, asked, ranges};
use model::limits::LOOKBACK_WHOLE_FROM;
use model::time::Instant;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use store::segment::{Day, SegmentError, SegmentInfo, SegmentRow};

/// Values from which what is gathered is sorted once, and not walked over for each.
const SORTED_FROM: usize = 16;
/// How often an answer begins anew because segments went while it read them.
const TRIES: usize = 4;

/// What was seen of one value, or of all that prove it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenLine {
    /// In how many events.
    pub count: u64,
    /// The earliest event, by its own clock.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
    /// Distinct values.
    pub values: BTreeSet<String>,
    /// Values beyond those that are listed.
    pub more: bool,
    /// What their fields were for.
    pub roles: BTreeSet<String>,
    /// Where the events came from.
    pub sources: BTreeSet<String>,
    /// The days that they arrived on; what is not in a segment yet is not among them.
    pub days: BTreeSet<Day>,
}

/// Values that are listed of one answer.
const VALUES_LISTED: usize = 100;

/// The answers, and what could not be asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// For each value, in order; `None` when it was never seen.
    pub lines: Vec<Option<SeenLine>>,
    /// Segments that could not be read: an answer lacks what they hold.
    pub unread: Vec<String>,
    /// Segments whose rows were looked at.
    pub opened: usize,
}

struct Wanted {
    ranges: Vec<Range<Vec<u8>>>,
    mark: Option<u64>,
}

impl Seen {
    /// What was seen of each value. `now` gives what is gathered and the segments beside it, as they
    /// are in one moment.
    pub fn ask(
        &self,
        values: &[Observable],
        now: &mut dyn FnMut() -> (Vec<Arc<Gathered>>, Vec<SegmentInfo>),
    ) -> Asked {
        let wanted: Vec<Wanted> = values
            .iter()
            .map(|value| Wanted {
                ranges: ranges(value.kind, &value.text),
                mark: asked(self.key, value.kind, &value.text),
            })
            .collect();
        for _ in 1..TRIES {
            let (gathered, segments) = now();
            if let Some(asked) = self.ask_once(&wanted, &gathered, &segments) {
                return asked;
            }
        }
        let (gathered, _) = now();
        let mut asked = self.ask_once(&wanted, &gathered, &[]).unwrap_or_default();
        asked.unread.push("segments went while they were read; ask again".to_owned());
        asked
    }

    /// The segments, as they are in this moment.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentInfo> {
        self.segments.list()
    }

    /// `None` when a segment went meanwhile.
    fn ask_once(
        &self,
        wanted: &[Wanted],
        gathered: &[Arc<Gathered>],
        segments: &[SegmentInfo],
    ) -> Option<Asked> {
        let mut asked = Asked { lines: vec![None; wanted.len()], ..Asked::default() };
        asked.unread.extend(self.segments.unusable().iter().map(ToString::to_string));
        for layer in gathered {
            in_memory(layer, wanted, &mut asked.lines);
        }
        for info in segments.iter().rev() {
            match self.ask_segment(info, wanted, &mut asked) {
                Err(SegmentError::File { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    return None;
                }
                Err(error) => asked.unread.push(error.to_string()),
                Ok(()) => {}
            }
        }
        Some(asked)
    }

    fn ask_segment(
        &self,
        info: &SegmentInfo,
        wanted: &[Wanted],
        asked: &mut Asked,
    ) -> Result<(), SegmentError> {
        let hits = self.maybe(info, wanted)?;
        if hits.is_empty() {
            return Ok(());
        }
        asked.opened += 1;
        let mut owners = Vec::new();
        let mut ranges = Vec::new();
        for place in hits {
            let Some(wanted) = wanted.get(place) else { continue };
            owners.extend(wanted.ranges.iter().map(|_| place));
            ranges.extend(wanted.ranges.iter().cloned());
        }
        self.segments.scan(info, (&ranges, key_of), &mut |range, row| {
            let line = owners.get(range).and_then(|place| asked.lines.get_mut(*place));
            if let Some(line) = line {
                SeenLine::of_segment(line, &row, info.id.day);
            }
            true
        })
    }

    /// The places of values that the sketch does not deny. Of another node's key it can say nothing.
    fn maybe(&self, info: &SegmentInfo, wanted: &[Wanted]) -> Result<Vec<usize>, SegmentError> {
        let shape = &info.head.shape;
        let strange = info.head.check != self.check;
        let whole = if strange || wanted.len() < LOOKBACK_WHOLE_FROM {
            None
        } else {
            Some(self.segments.cells(info.id)?)
        };
        let mut hits = Vec::new();
        for (place, wanted) in wanted.iter().enumerate() {
            let cells = wanted.mark.and_then(|mark| Some((mark, sketch::places(shape, mark)?)));
            let Some((mark, places)) = cells.filter(|_| !strange) else {
                hits.push(place);
                continue;
            };
            let found = match &whole {
                Some(cells) => places.map(|at| cell(cells, at)),
                None => self.segments.cells_at(info.id, places)?,
            };
            if sketch::holds(shape, mark, found) {
                hits.push(place);
            }
        }
        Ok(hits)
    }
}

fn cell(cells: &[u8], at: u64) -> [u8; CELL_BYTES] {
    let from = usize::try_from(at).ok().and_then(|at| cells.get(at..));
    from.and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

fn in_memory(layer: &Gathered, wanted: &[Wanted], lines: &mut [Option<SeenLine>]) {
    let sources = layer.sources();
    if wanted.len() < SORTED_FROM {
        for (wanted, line) in wanted.iter().zip(lines) {
            layer.find(&wanted.ranges, &mut |row| SeenLine::of_memory(line, &row, sources));
        }
        return;
    }
    let rows = layer.sorted();
    for (wanted, line) in wanted.iter().zip(lines) {
        for range in &wanted.ranges {
            rows.within(range).for_each(|row| SeenLine::of_memory(line, &row, sources));
        }
    }
}

impl SeenLine {
    /// The role that a sighting names: the first, as far as there is one.
    #[must_use]
    pub fn role(&self) -> &'static str {
        let known = self.roles.iter().find_map(|name| Role::named(name));
        known.unwrap_or(Role::Other).name()
    }

    fn of_memory(line: &mut Option<Self>, row: &SeenRow<'_>, sources: &[Box<str>]) {
        let (roles, sources) = (word::roles(row.roles), word::sources(row.sources, sources));
        let line = Self::at(line, row.first, row.last, row.count);
        line.words(row.value, &roles, &sources);
    }

    fn of_segment(line: &mut Option<Self>, row: &SegmentRow<'_>, day: Day) {
        let (first, last) = (Instant::from_micros(row.first), Instant::from_micros(row.last));
        let line = Self::at(line, first, last, row.count);
        line.words(row.value, row.roles, row.sources);
        line.days.insert(day);
    }

    fn at(line: &mut Option<Self>, first: Instant, last: Instant, count: u64) -> &mut Self {
        let line = line.get_or_insert_with(|| Self {
            count: 0,
            first,
            last,
            values: BTreeSet::new(),
            more: false,
            roles: BTreeSet::new(),
            sources: BTreeSet::new(),
            days: BTreeSet::new(),
        });
        line.count = line.count.saturating_add(count);
        line.first = line.first.min(first);
        line.last = line.last.max(last);
        line
    }

    fn words(&mut self, value: &str, roles: &str, sources: &str) {
        if self.values.len() < VALUES_LISTED {
            self.values.insert(value.to_owned());
        } else {
            self.more |= !self.values.contains(value);
        }
        let words = |text: &str| -> Vec<String> {
            text.split(',').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
        };
        self.roles.extend(words(roles));
        self.sources.extend(words(sources));
    }
}
